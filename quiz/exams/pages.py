"""The address people join at, in words and as a QR code, the same on every page, poster and wall."""

import segno
from flask import current_app, request
from markupsafe import Markup

from quiz.exams.models import Exam
from quiz.people.models import Unit


def join_address(exam: Exam, unit: Unit | None = None) -> str:
    """What a poster's code leads to: the public address if one is set, else the one used right now.

    With ``unit`` it comes filled in.
    """
    base = current_app.config["BASE_URL"] or request.host_url.rstrip("/")
    return f"{base}/e/{exam.code}" + (f"?u={unit.id}" if unit else "")


def qr_of(exam: Exam, unit: Unit | None = None, *, css: str | None = None) -> Markup:
    """The join address as an SVG as large as its place, with the class ``css``."""
    made = segno.make(join_address(exam, unit), error="m", boost_error=False)
    return Markup(made.svg_inline(border=0, dark="#211C16", svgclass=css, lineclass=None, omitsize=True))
