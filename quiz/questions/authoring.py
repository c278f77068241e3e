"""The organiser's pages for writing and keeping questions: one question, many at once, twins, the audit."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank import Difficulty
from question_bank.question import Fault
from quiz import clock
from quiz.errors import NotFound, RuleBroken
from quiz.extensions import transaction
from quiz.questions import catalogue, coverage, editing, law, queries, versions, wording
from quiz.questions.drafting import QuestionForm, chosen_ids, wanted_in
from quiz.questions.models import Bank
from quiz.questions.models import Question as Row
from quiz.questions.wording import Stale, Unfit, Wording

blueprint = Blueprint("authoring", __name__, url_prefix="/admin/questions")

_FIELDS = ("kind", "chapter", "difficulty", "text", "state", "tag", "source", "article", "page")


@blueprint.get("/<int:question_id>")
def question(question_id: int) -> ResponseReturnValue:
    row = catalogue.question(question_id)
    known = Wording(row.as_bank_question(), tuple(row.tags), row.practisable)
    return _page(row, QuestionForm(known, version=row.version), clock.now())


@blueprint.post("/<int:question_id>")
def edit(question_id: int) -> ResponseReturnValue:
    form, at = QuestionForm(), clock.now()
    try:
        if not form.validate():
            raise Unfit([])
        with transaction():
            row = catalogue.question(question_id)
            editing.edit(row, seen=form.seen, given=form.wording(), at=at, who=current_user.name)
    except RuleBroken as refusal:
        return _page(catalogue.question(question_id), form, at, refusal), refusal.status
    return _saved(question_id, "已保存。")


@blueprint.get("/banks/<int:bank_id>/new")
def new(bank_id: int) -> ResponseReturnValue:
    return _new_page(queries.bank(bank_id), QuestionForm(), clock.now())


@blueprint.post("/banks/<int:bank_id>/new")
def create(bank_id: int) -> ResponseReturnValue:
    form, at = QuestionForm(), clock.now()
    try:
        if not form.validate():
            raise Unfit([])
        with transaction():
            bank = queries.bank(bank_id)
            number = editing.create(bank, given=form.wording(), at=at, who=current_user.name).id
    except RuleBroken as refusal:
        return _new_page(queries.bank(bank_id), form, at, refusal), refusal.status
    return _saved(number, "已存为草稿。")


def _saved(question_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for(".question", question_id=question_id), 303)


def _page(row: Row, form: QuestionForm, at: datetime, refusal: RuleBroken | None = None) -> str:
    bank = queries.bank(row.bank_id)
    return render_template(
        "questions/question.html",
        row=row,
        history=catalogue.history(row),
        between=_between(row, form) if isinstance(refusal, Stale) else [],
        neighbours=catalogue.neighbours(row),
        own=bank.reviewed and row.author == current_user.name,
        article=catalogue.article(row.article_id),
        **_parts(bank, form, at, refusal),
    )


def _new_page(bank: Bank, form: QuestionForm, at: datetime, refusal: RuleBroken | None = None) -> str:
    parts = _parts(bank, form, at, refusal)
    return render_template("questions/question.html", row=None, article=None, **parts)


def _parts(bank: Bank, form: QuestionForm, at: datetime, refusal: RuleBroken | None) -> dict[str, Any]:
    editions = [one for one in catalogue.editions() if law.in_force(one.repealed_on, at.date())]
    return {
        "bank": bank,
        "form": form,
        "refusal": refusal,
        "faults": _by_field(refusal.faults if isinstance(refusal, Unfit) else []),
        "citations": [law.citation(one.title, number) for one in editions for number in sorted(one.articles)],
        "chapters": catalogue.chapters(bank.id),
        "states": wording.STATES,
        "deeds": wording.DEEDS,
        "numeral": law.numeral,
        "on": at.date(),
        "names_repealed": law.names_repealed(form.shown().basis, at.date()),
    }


def _by_field(faults: list[Fault]) -> dict[str, list[Fault]]:
    """Faults by the field they are shown at; those of one option by its letter."""
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        found.setdefault(fault.label or fault.field, []).append(fault)
    return found


def _between(row: Row, form: QuestionForm) -> list[wording.Difference]:
    """What changed from the version this person saw to the one that is stored; their next save is on that."""
    seen = catalogue.version(row.id, form.seen)
    form.version.data = str(row.version)
    return wording.differences(seen.document, versions.document(row)) if seen else []


@blueprint.get("/phone")
def phone() -> ResponseReturnValue:
    """The phone's page for one question, empty: the script of the form fills it in as somebody writes."""
    return render_template("questions/phone.html")


@blueprint.post("/<int:question_id>/state")
def move(question_id: int) -> ResponseReturnValue:
    at, deed = clock.now(), request.form.get("deed", "")
    seen = (chosen_ids([request.form.get("version", "")]) or [0])[0]
    with transaction():
        row = catalogue.question(question_id)
        editing.move(row, deed=deed, seen=seen, at=at, who=current_user.name)
    return _saved(question_id, {"approve": "已审定。", "retire": "已停用。"}.get(deed, "已恢复为草稿。"))


@blueprint.post("/banks/<int:bank_id>/bulk")
def bulk(bank_id: int) -> ResponseReturnValue:
    at, given = clock.now(), request.form
    deed, _, level = given.get("deed", "").partition(":")
    told = {"deed": deed, "value": level or given.get("value", "")}
    try:
        with transaction():
            bank, ids = queries.bank(bank_id), chosen_ids(given.getlist("id"))
            ids = catalogue.ids(bank_id, wanted_in(given)) if given.get("all") else ids
            done = editing.change_many(bank, ids=ids, **told, at=at, who=current_user.name)
        message = _bulk_words(done)
    except RuleBroken as refusal:
        message = refusal.message
    return _bank_page(bank_id, message, {name: given[name] for name in _FIELDS if given.get(name)})


def _bulk_words(done: editing.Bulk) -> str:
    own = f"另有 {done.own} 题最后是你改的，要由别人审定。" if done.own else ""
    return (f"已改 {done.done} 题。" if done.done else "没有需要改的题。") + own


def _bank_page(bank_id: int, message: str, back: dict[str, str]) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("questions.bank", bank_id=bank_id, **back), 303)


@blueprint.post("/banks/<int:bank_id>/review")
def review(bank_id: int) -> ResponseReturnValue:
    at, reviewed = clock.now(), request.form.get("reviewed") == "yes"
    with transaction():
        bank = queries.bank(bank_id)
        editing.set_reviewed(bank, reviewed=reviewed, at=at, who=current_user.name)
    words = "以后每道题都要由另一个人审定。" if reviewed else "以后写题的人可以自己审定。"
    return _bank_page(bank_id, words, {})


@blueprint.get("/banks/<int:bank_id>/twins")
def twins(bank_id: int) -> ResponseReturnValue:
    bank = queries.bank(bank_id)
    pairs = [(pair, _apart(pair)) for pair in catalogue.twins(bank)]
    return render_template("questions/twins.html", bank=bank, pairs=pairs, states=wording.STATES)


def _apart(pair: catalogue.Twins) -> list[wording.Difference]:
    """What sets two questions apart; their states are shown beside them."""
    first, second = versions.document(pair.first), versions.document(pair.second)
    return wording.differences(first, second | {"state": first["state"]})


@blueprint.post("/banks/<int:bank_id>/merge")
def merge(bank_id: int) -> ResponseReturnValue:
    at, numbers = clock.now(), chosen_ids([request.form.get(n, "") for n in ("keep", "drop", "seen", "gone")])
    if len(numbers) != 4:
        raise NotFound
    with transaction():
        keep, drop = catalogue.question(numbers[0]), catalogue.question(numbers[1])
        if {keep.bank_id, drop.bank_id} != {bank_id}:
            raise NotFound
        editing.merge(keep, drop, seen=(numbers[2], numbers[3]), at=at, who=current_user.name)
    flash(f"已合并，留下第 {numbers[0]} 号题。")
    return redirect(url_for(".twins", bank_id=bank_id), 303)


@blueprint.get("/banks/<int:bank_id>/coverage")
def audit(bank_id: int) -> ResponseReturnValue:
    bank, today = queries.bank(bank_id), clock.now().date()
    loaded = sorted(catalogue.regulations(), key=lambda one: not law.in_force(one.repealed_on, today))
    asked = request.args.get("regulation", 0, type=int)
    chosen = next((one for one in loaded if one.id == asked), loaded[0] if loaded else None)
    return render_template(
        "questions/coverage.html",
        bank=bank,
        regulations=loaded,
        map=coverage.coverage(bank, chosen) if chosen else None,
        audit=coverage.audit(bank, on=today),
        names={"numeral": law.numeral, "levels": list(Difficulty), "states": wording.STATES},
    )
