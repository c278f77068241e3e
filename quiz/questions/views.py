"""The organiser's pages about question banks: the list, one bank, and uploading a file."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from question_bank import Difficulty, Kind
from question_bank.reading.child import prepare
from question_bank.writing import table
from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.questions import catalogue, exporting, importing, queries, services, workbooks
from quiz.questions.drafting import wanted_in
from quiz.questions.forms import UploadForm
from quiz.questions.wording import STATES

blueprint = Blueprint("questions", __name__, url_prefix="/admin/questions")

#: Beyond what either database counts with, so that no address makes one fail.
_ID = "int"


@blueprint.app_template_filter("moment")
def moment(at: datetime) -> str:
    """11 月 24 日 9:00, in the zone people here read times in."""
    local = at.astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    return f"{local.month} 月 {local.day} 日 {local.hour}:{local.minute:02}"


@blueprint.get("/")
def index() -> ResponseReturnValue:
    lines, waiting = queries.bank_lines(), queries.waiting_imports()
    return render_template("questions/index.html", lines=lines, waiting=waiting, kinds=list(Kind))


@blueprint.get(f"/banks/<{_ID}:bank_id>")
def bank(bank_id: int) -> ResponseReturnValue:
    found, wanted = queries.bank(bank_id), wanted_in(request.args)
    return render_template(
        "questions/bank.html",
        bank=found,
        wanted=wanted,
        page=catalogue.page(bank_id, wanted=wanted, number=_page_number()),
        choices=catalogue.choices(bank_id, wanted),
        kinds=list(Kind),
        levels=list(Difficulty),
        states=STATES,
    )


@blueprint.get(f"/banks/<{_ID}:bank_id>/export")
def export(bank_id: int) -> ResponseReturnValue:
    return _export_page(bank_id, request.args, "")


@blueprint.post(f"/banks/<{_ID}:bank_id>/export")
def take_away(bank_id: int) -> ResponseReturnValue:
    at, form = clock.now(), request.form
    given = {name[5:]: value for name, value in form.items() if name.startswith("name-")}
    try:
        with transaction():
            found, rows = queries.bank(bank_id), catalogue.all_of(bank_id, wanted_in(form))
            told = {"way": form.get("way", "xlsx"), "names": exporting.checked(given)}
            file = exporting.export(found, rows, **told, at=at, who=current_user.name)
    except RuleBroken as refusal:
        return _export_page(bank_id, form, refusal.message), refusal.status
    return _download(file.content, file.name, file.mime)


def _export_page(bank_id: int, given: Mapping[str, str], refusal: str) -> str:
    found, wanted = queries.bank(bank_id), wanted_in(given)
    return render_template(
        "questions/export.html",
        bank=found,
        refusal=refusal,
        asked={name: given[name] for name in catalogue.Wanted.__slots__ if given.get(name)},
        count=catalogue.count(bank_id, wanted),
        ways=exporting.WAYS,
        chosen=given.get("way", "xlsx"),
        template=table.NAMES,
        names=exporting.names_of(found) | {name[5:]: given[name] for name in given if name[:5] == "name-"},
    )


@blueprint.route("/import", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    form, at = UploadForm(banks=queries.banks()), clock.now()
    refusal = ""
    if request.method == "GET":
        prepare()
    if form.validate_on_submit():
        try:
            return _keep(form, at)
        except RuleBroken as error:
            refusal = error.message
    return _upload_page(form, refusal or form.sentence())


def _keep(form: UploadForm, at: datetime) -> ResponseReturnValue:
    name, file = form.bank_name(), form.file.data
    told = {"name": file.filename, "folder": _uploads(), "at": at, "bank": queries.known(name)}
    upload = services.read_upload(file.stream, **told)
    kept = {"report": upload.report, "digest": upload.digest, "mapping": upload.mapping}
    kept["left"] = importing.waiting(upload.report, bank_name=name)
    with transaction():
        found = importing.keep_preview(bank_name=name, account=current_user, at=at, **kept)
        import_id = found.id
    return redirect(url_for("imports.preview", import_id=import_id), 303)


def _uploads() -> Path:
    return Path(current_app.config["DATA"]) / "uploads"


def _upload_page(form: UploadForm, refusal: str) -> ResponseReturnValue:
    chosen = form.bank.data if form.is_submitted() else request.args.get("bank", type=int)
    page = render_template("questions/upload.html", form=form, refusal=refusal, chosen=chosen)
    return page, 422 if refusal else 200


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The form itself, saying what the limit is, instead of a page without a way on."""
    if not current_user.is_authenticated:
        return redirect(url_for("people.sign_in"), 303)
    form = UploadForm(banks=queries.banks(), formdata=None)
    message = "文件超过 20 MB，没有上传。请去掉图片或分成几个文件再传。"
    return render_template("questions/upload.html", form=form, refusal=message, chosen=None), 422


@blueprint.get("/template")
def template() -> ResponseReturnValue:
    return _download(workbooks.template(), "题库模板.xlsx")


def _download(content: bytes, name: str, mime: str = workbooks.MIME) -> Response:
    response = Response(content, mimetype=mime)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _page_number() -> int:
    return max(request.args.get("page", 1, type=int), 1)
