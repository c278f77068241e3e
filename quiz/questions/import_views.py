"""The organiser's page about a file that was read: look, put right, import, undo."""

from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank import Difficulty, Kind, Question
from question_bank.duplicates import differing
from question_bank.placed import question_out
from quiz import clock
from quiz.errors import NotFound, RuleBroken
from quiz.extensions import transaction
from quiz.questions import headings, importing, queries, workbooks
from quiz.questions.forms import corrected
from quiz.questions.models import BankImport
from quiz.questions.outcome import Outcome
from quiz.questions.settling import FAULTY, SKIPPED, Place
from quiz.questions.wording import Difference, differences

blueprint = Blueprint("imports", __name__, url_prefix="/admin/questions/imports")

#: Rows of a preview on one page.
PREVIEW_PAGE = 200
#: Imports on one page of the list.
LIST_PAGE = 50
#: Beyond what either database counts with, so that no address makes one fail.
_ID = "int"


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every file that was read: draft, stored or undone."""
    bank_id = min(max(request.args.get("bank", 0, type=int), 0), 2**31 - 1)
    last = queries.last_page(queries.count_imports(bank_id=bank_id), LIST_PAGE)
    number = min(max(_asked("page"), 1), last)
    return render_template(
        "questions/imports.html",
        bank=queries.bank(bank_id) if bank_id else None,
        lines=queries.imports(bank_id=bank_id, number=number, size=LIST_PAGE),
        number=number,
        last=last,
    )


@blueprint.get(f"/<{_ID}:import_id>")
def preview(import_id: int) -> ResponseReturnValue:
    found = queries.bank_import(import_id)
    outcome = queries.outcome(found)
    if _asks(found, outcome):
        return redirect(url_for(".columns", import_id=import_id))
    tab = _tab(outcome)
    last = queries.last_page(outcome.count(tab), PREVIEW_PAGE)
    number = min(max(_asked("page"), 1), last)
    shown = outcome.lines(tab, (number - 1) * PREVIEW_PAGE, PREVIEW_PAGE)
    chosen = min(max(_asked("at"), 0), max(len(shown) - 1, 0))
    where = {"tab": tab, "number": number, "last": last, "chosen": chosen, "shown": shown}
    return render_template(
        "questions/preview.html", outcome=outcome, **where, **_about(found, outcome, shown[chosen:])
    )


def _asks(found: BankImport, outcome: Outcome) -> bool:
    """Whether nothing could be read before somebody says what the columns are."""
    return found.mapping is not None and not found.imported_at and not outcome.read


@blueprint.route(f"/<{_ID}:import_id>/columns", methods=["GET", "POST"])
def columns(import_id: int) -> ResponseReturnValue:
    """Ask what the columns and the kind codes of a file mean; read it again with the answer."""
    found, at = queries.bank_import(import_id), clock.now()
    if found.mapping is None or found.imported_at:
        raise NotFound
    if request.method == "GET":
        return _columns_page(found, "")
    try:
        return _say(found, at)
    except RuleBroken as error:
        return _columns_page(queries.bank_import(import_id), error.message), 422


def _say(found: BankImport, at: datetime) -> ResponseReturnValue:
    form, import_id = request.form, found.id
    first_row = form.get("first_row", 1, type=int)
    codes = {name[5:]: kind for name, kind in form.items() if name.startswith("code-")}
    said = headings.said(form.getlist("field"), first_row, codes, headed=found.mapping["headed"])
    folder = Path(current_app.config["DATA"]) / "uploads"
    report = importing.read_again(found, said=said, folder=folder)
    with transaction():
        found = queries.bank_import(import_id)
        importing.keep_mapping(found, said=said, report=report, at=at, who=current_user.name)
    asked = headings.unknown_codes(report)
    return redirect(url_for(".columns" if asked else ".preview", import_id=import_id), 303)


def _columns_page(found: BankImport, refusal: str) -> str:
    mapping, report = found.mapping, queries.outcome(found).report
    chosen = mapping["fields"] or headings.guess(mapping["looks"])
    return render_template(
        "questions/columns.html",
        found=found,
        bank=queries.bank(found.bank_id),
        refusal=refusal,
        fields=headings.FIELDS,
        chosen={column: name for name, column in chosen.items()},
        codes=sorted({*headings.unknown_codes(report), *mapping["codes"]}),
        kinds=list(Kind),
    )


def _apart(other: Question | None, own: Question | None) -> list[Difference]:
    """What two equal questions do not share: 解析, 依据, 章节, 难度 …"""
    return differences(question_out(other), question_out(own)) if other and own else []


def _about(found: BankImport, outcome: Outcome, shown: list) -> dict[str, object]:
    """What the page says beside the rows: the bank, the same file before, the question a row is like."""
    twin = shown[0].twin if shown else None
    held = queries.question(twin.question) if twin and twin.question else None
    other = held.as_bank_question() if held else outcome.question(twin.row) if twin and twin.row else None
    return {
        "found": found,
        "bank": queries.bank(found.bank_id),
        "before": queries.same_file(found),
        "other": other,
        "apart": _apart(other, shown[0].question) if twin and twin.equal else [],
        "unexplained": headings.unknown_codes(outcome.report) if found.mapping else [],
        "differing": differing,
        "kinds": list(Kind),
        "levels": list(Difficulty),
    }


def _asked(name: str) -> int:
    return min(request.values.get(name, 0, type=int), 10**9)


def _tab(outcome: Outcome) -> str:
    """The tab asked for, else the first that has rows: what is wrong comes first."""
    asked = request.values.get("tab", "")
    filled = (tab for tab in ("problems", "near", "repeated", "fresh", "done") if outcome.count(tab))
    return asked if asked in Outcome.TABS else next(filled, "fresh")


@blueprint.get(f"/<{_ID}:import_id>/problems.xlsx")
def problem_rows(import_id: int) -> ResponseReturnValue:
    outcome = queries.outcome(queries.bank_import(import_id))
    lines = [line for tab in ("problems", "near", "repeated") for line in outcome.lines(tab)]
    content = workbooks.problem_rows(lines, outcome.reading.originals)
    response = Response(content, mimetype=workbooks.MIME)
    response.headers.set("Content-Disposition", "attachment", filename="问题行.xlsx")
    return response


@blueprint.post(f"/<{_ID}:import_id>/import")
def import_(import_id: int) -> ResponseReturnValue:
    at = clock.now()
    ready = importing.plan(queries.bank_import(import_id), at=at)
    with transaction(ahead=ready.ahead):
        found = queries.bank_import(import_id)
        importing.import_preview(found, at=at, who=current_user.name, ready=ready)
    return redirect(url_for(".preview", import_id=import_id), 303)


@blueprint.post(f"/<{_ID}:import_id>/row")
def row(import_id: int) -> ResponseReturnValue:
    """Store what the form says about one row, and say what is still wrong with it."""
    at, place = clock.now(), _place()
    with transaction():
        found = queries.bank_import(import_id)
        before = queries.outcome(found).question(place)
        question = corrected(request.form, before)
        outcome = importing.correct(found, place=place, question=question, at=at, who=current_user.name)
    return _said(outcome, place, import_id)


@blueprint.post(f"/<{_ID}:import_id>/row/leave")
def leave(import_id: int) -> ResponseReturnValue:
    at, place = clock.now(), _place()
    with transaction():
        found = queries.bank_import(import_id)
        outcome = importing.correct(found, place=place, question=None, at=at, who=current_user.name)
    return _said(outcome, place, import_id)


@blueprint.post(f"/<{_ID}:import_id>/row/fix")
def fix(import_id: int) -> ResponseReturnValue:
    at, place, code = clock.now(), _place(), request.form.get("fix", "")
    with transaction():
        found = queries.bank_import(import_id)
        outcome = importing.fix_row(found, place=place, fix=code, at=at, who=current_user.name)
    return _said(outcome, place, import_id)


@blueprint.post(f"/<{_ID}:import_id>/row/restore")
def restore(import_id: int) -> ResponseReturnValue:
    place = _place()
    with transaction():
        outcome = importing.restore(queries.bank_import(import_id), place=place)
    flash(f"{outcome.where(place)}已恢复成文件里的样子。")
    return _back(import_id)


@blueprint.post(f"/<{_ID}:import_id>/alike")
def alike(import_id: int) -> ResponseReturnValue:
    at, form = clock.now(), request.form
    what = {"problem": form.get("problem", ""), "fix": form.get("fix", "")}
    with transaction():
        found = queries.bank_import(import_id)
        count = importing.fix_alike(found, **what, at=at, who=current_user.name)
    flash(f"{count} 行一起改好了。" if count else "没有这样的行了。")
    return _back(import_id)


@blueprint.post(f"/<{_ID}:import_id>/near")
def near(import_id: int) -> ResponseReturnValue:
    place, form = _place() if "row" in request.form else None, request.form
    what = {"choice": form.get("choice", "?"), "place": place, "equal": "equal" in form}
    with transaction():
        importing.choose(queries.bank_import(import_id), **what)
    return _back(import_id)


@blueprint.post(f"/<{_ID}:import_id>/discard")
def discard(import_id: int) -> ResponseReturnValue:
    at = clock.now()
    with transaction():
        importing.discard_preview(queries.bank_import(import_id), at=at, who=current_user.name)
    flash("已丢弃，没有入库。")
    return redirect(url_for("questions.index"), 303)


@blueprint.post(f"/<{_ID}:import_id>/close")
def close(import_id: int) -> ResponseReturnValue:
    at = clock.now()
    with transaction():
        importing.close(queries.bank_import(import_id), at=at, who=current_user.name)
    flash("其余的行不再保留。已经入库的题没有变化。")
    return redirect(url_for(".preview", import_id=import_id), 303)


@blueprint.post(f"/<{_ID}:import_id>/undo")
def undo(import_id: int) -> ResponseReturnValue:
    at = clock.now()
    with transaction():
        importing.undo(queries.bank_import(import_id), at=at, who=current_user.name)
    return redirect(url_for(".preview", import_id=import_id), 303)


def _place() -> Place:
    """The row that a form names; whether the file has it is for the deed to find out."""
    number = request.form.get("row", type=int)
    if number is None:
        raise NotFound
    return request.form.get("sheet", ""), number


def _said(outcome: Outcome, place: Place, import_id: int) -> ResponseReturnValue:
    where, state = outcome.where(place), outcome.states.get(place)
    if state == FAULTY:
        wrong = "；".join(finding.message for finding in outcome.line(place).findings)
        flash(f"{where}已保存，还有问题：{wrong}。", "wrong")
    else:
        flash(f"{where}不入库。" if state == SKIPPED else f"{where}已改好。")
    return _back(import_id)


def _back(import_id: int) -> ResponseReturnValue:
    """The same tab and position: where a settled row was, the next one stands now."""
    where = {
        "tab": request.form.get("tab") or None,
        "page": _asked("page") or None,
        "at": _asked("at") or None,
    }
    return redirect(url_for(".preview", import_id=import_id, **where), 303)
