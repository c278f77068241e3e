"""What everybody may see of a draw."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("draws", __name__, url_prefix="/draws")


@blueprint.get("/verify")
def verify() -> ResponseReturnValue:
    """Recompute a file one has: all of it in the browser."""
    return render_template("draws/verify.html", draw=None)
