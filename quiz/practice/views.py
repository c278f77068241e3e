"""Practising on the phone, and the desk that says what may be practised."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank import Kind
from quiz import clock, web
from quiz.errors import BadRequest, NotFound, NotSignedIn, RuleBroken
from quiz.extensions import transaction
from quiz.people.forms import NumberForm, PhoneForm
from quiz.people.models import Person
from quiz.practice import pages, queries, rules, services
from quiz.questions import queries as questions

blueprint = Blueprint("practice", __name__)
_BANK = "/practice/<int:bank_id>"
_QUESTION = f"{_BANK}/<int:question_id>"
_SEED = re.compile("[0-9a-f]{0,8}")


@blueprint.app_context_processor
def offer() -> dict[str, Callable[[], bool]]:
    """``practice_offered()`` for the home page, which may not know this feature."""
    return {"practice_offered": queries.anything_released}


@blueprint.route("/practice", methods=["GET", "POST"])
def home() -> ResponseReturnValue:
    at, person = clock.now(), _known()
    if person is None or request.method == "POST" or "other" in request.args:
        return _identification()
    shown = pages.banks(person, at=at)
    if len(shown["lines"]) == 1:
        return redirect(url_for(".bank", bank_id=shown["lines"][0][0].id))
    return render_template("practice/banks.html", **shown)


def _identification() -> ResponseReturnValue:
    form, refusal = NumberForm() if request.args.get("by") == "number" else PhoneForm(), None
    if form.validate_on_submit():
        try:
            person = form.identify()
            response = make_response(redirect(url_for(".home"), 303))
            web.remember_practiser(response, person=person.id)
            return response
        except RuleBroken as error:
            refusal = error
    page = render_template("practice/identification.html", form=form, refusal=refusal)
    return page, refusal.status if refusal else 422 if form.errors else 200


@blueprint.get(_BANK)
def bank(bank_id: int) -> ResponseReturnValue:
    at, person = clock.now(), _known()
    if person is None:
        return redirect(url_for(".home"))
    return render_template("practice/bank.html", **pages.bank(person, queries.bank(bank_id), at=at))


@blueprint.get(f"{_BANK}/start")
def start(bank_id: int) -> ResponseReturnValue:
    at, person, series = clock.now(), _known(), _series()
    if person is None:
        return redirect(url_for(".home"))
    if series.way is rules.Way.RANDOM:
        series = series._replace(seed=secrets.token_hex(3))
    found = queries.bank(bank_id)
    return redirect(_address(found.id, pages.first(person, found.id, series, at=at), series))


@blueprint.get(_QUESTION)
def question(bank_id: int, question_id: int) -> ResponseReturnValue:
    at, person, series = clock.now(), _known(), _series()
    if person is None:
        return redirect(url_for(".home"))
    found = queries.released_question(bank_id, question_id, at=at)
    return render_template("practice/question.html", **pages.asked(person, found, series, at=at))


@blueprint.post(_QUESTION)
def answer(bank_id: int, question_id: int) -> ResponseReturnValue:
    at, series, given = clock.now(), _series(), _given()
    with transaction():
        person = _identified()
        found = queries.released_question(bank_id, question_id, at=at)
        shown = pages.answered(person, found, series, given, at=at)
        # What a person wrote freely they judge themselves, on the page that follows.
        if shown["kind"] is not Kind.SHORT:
            before, now = services.keep_answer(person, found, right=shown["right"], seen=_seen(), at=at)
            told = rules.told(now, right=shown["right"], was_in_book=before.in_book)
            shown |= {"told": told, "in_book": now.in_book}
    return render_template("practice/verdict.html", **shown)


@blueprint.post(f"{_QUESTION}/recall")
def recall(bank_id: int, question_id: int) -> ResponseReturnValue:
    at, series, right = clock.now(), _series(), request.form.get("remembered") == "yes"
    with transaction():
        person = _identified()
        found = queries.released_question(bank_id, question_id, at=at)
        if found.kind != Kind.SHORT:
            raise BadRequest
        services.keep_answer(person, found, right=right, seen=_seen(), at=at)
    return _onward(person, bank_id, question_id, series, at)


@blueprint.post(f"{_QUESTION}/mastered")
def mastered(bank_id: int, question_id: int) -> ResponseReturnValue:
    at, series = clock.now(), _series()
    with transaction():
        person = _identified()
        services.take_out(person, question_id=question_id)
    return _onward(person, bank_id, question_id, series, at)


def _onward(
    person: Person, bank_id: int, question_id: int, series: rules.Series, at: datetime
) -> ResponseReturnValue:
    following = pages.after(person, bank_id, question_id, series, at=at)
    return redirect(_address(bank_id, following, series), 303)


def _address(bank_id: int, question_id: int | None, series: rules.Series) -> str:
    """A question of the series, or its bank when there is none (left)."""
    if question_id is None:
        return url_for(".bank", bank_id=bank_id)
    return url_for(".question", bank_id=bank_id, question_id=question_id, **pages.query(series))


def _known() -> Person | None:
    return queries.person(web.known_practiser())


def _identified() -> Person:
    person = _known()
    if person is None:
        raise NotSignedIn
    return person


def _series() -> rules.Series:
    chapter, seed = web.clean(request.args.get("chapter", ""), longest=500), request.args.get("seed", "")
    try:
        way = rules.Way(request.args.get("way", rules.Way.CHAPTER))
    except ValueError:
        raise NotFound from None
    if not _SEED.fullmatch(seed):
        raise NotFound
    return rules.Series(way, chapter, seed)


def _given() -> list[str]:
    """The labels or texts sent; blanks that were all left empty are no answer."""
    given = [web.clean(text, longest=5000).strip() for text in request.form.getlist("answer")[:30]]
    return given if any(given) else []


def _seen() -> int | None:
    return request.form.get("seen", type=int)


@blueprint.get("/admin/practice/")
def desk() -> ResponseReturnValue:
    at = clock.now()
    return render_template(
        "practice/desk.html",
        lines=queries.desk_lines(),
        pausing=queries.running(at=at),
        ahead=queries.exams_ahead(at=at),
        at=at,
    )


@blueprint.post("/admin/practice/exams/<int:exam_id>")
def during(exam_id: int) -> ResponseReturnValue:
    """Whether the questions of an exam may be practised while it runs."""
    at, kept = clock.now(), request.form.get("to") == "keep"
    with transaction():
        found = queries.exam(exam_id)
        services.set_kept(found, kept=kept, at=at, who=current_user.name)
        title = found.title
    flash(f"{title}：考试期间{'照常练习' if kept else '暂停练习要考的题'}。")
    return redirect(url_for(".desk"), 303)


@blueprint.post("/admin/practice/<int:bank_id>")
def release(bank_id: int) -> ResponseReturnValue:
    at, practisable = clock.now(), request.form.get("to") == "release"
    chapter = request.form.get("chapter")
    with transaction():
        found = questions.bank(bank_id)
        changed = services.release(
            found, practisable=practisable, chapter=chapter, at=at, who=current_user.name
        )
    where = found.name if chapter is None else f"{found.name} {chapter or '未分章节'}"
    flash(f"{where}：{'开放' if practisable else '收回'}了 {changed} 题。")
    return redirect(url_for(".desk"), 303)
