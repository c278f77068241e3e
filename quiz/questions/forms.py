"""Forms about question banks."""

from dataclasses import replace
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import Length

from question_bank import Difficulty, Kind, Question
from question_bank.cells import clean as clean_cell
from question_bank.question import FALSE, LABELS, TRUE
from quiz import web
from quiz.errors import BadRequest
from quiz.questions import rules
from quiz.questions.models import Bank

#: The choice in the list of banks that means: make one.
NEW = 0


def _bank_id(value: Any) -> int:
    """The chosen id; what is no number chooses no bank, instead of an English complaint."""
    return web.whole(str(value), digits=9, default=NEW)


class UploadForm(FlaskForm):
    """A file and the bank it goes into: one of the list, or a new one by its name."""

    file = FileField("题库文件", validators=[FileRequired("请先选择一个文件。")])
    bank = SelectField("放进哪个题库", coerce=_bank_id, validate_choice=False)
    name = StringField("新题库的名称", validators=[Length(max=200, message=rules.BadBankName.message)])

    def __init__(self, *, banks: list[Bank], **more: Any) -> None:
        super().__init__(**more)
        self.banks = banks
        self.bank.choices = [*((bank.id, bank.name) for bank in banks), (NEW, "新建题库")]

    def bank_name(self) -> str:
        """The name of the chosen bank. Raises BadBankName when none is chosen and none written."""
        chosen = next((bank.name for bank in self.banks if bank.id == self.bank.data), None)
        return chosen or rules.clean_bank_name(self.name.data or "")

    def validate_file(self, field: FileField) -> None:
        if len(request.files.getlist(field.name)) > 1:
            raise ValidationError("一次只能传一个文件。")

    def sentence(self) -> str:
        """The first thing that is wrong with what was sent, if anything."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


#: Characters of one text and number of options that a form may send.
_LONGEST, _MOST_OPTIONS = 10_000, 40


def corrected(form: MultiDict[str, str], before: Question | None) -> Question:
    """The question a row's form describes; what the form does not show stays as it was.

    Fields: kind, stem, option …, key … (letters), truth (T or F), blanks (a line each), difficulty.
    BadRequest when they are not what the page sends; whether the question is fit is judged elsewhere.
    """
    try:
        kind, level = Kind(form["kind"]), Difficulty(int(form.get("difficulty", 2)))
    except (KeyError, ValueError):
        raise BadRequest("请先选一个题型。") from None
    options = [_text(text) for text in form.getlist("option")[:_MOST_OPTIONS]]
    while options and not options[-1]:
        options.pop()
    return replace(
        before or Question(kind, ""),
        kind=kind,
        stem=_text(form.get("stem", "")),
        options=tuple(options) if kind.has_options else (),
        key=_key(kind, form),
        difficulty=level,
    )


def _key(kind: Kind, form: MultiDict[str, str]) -> tuple[str, ...]:
    if kind.has_options:
        return tuple(sorted({label for label in form.getlist("key") if label and label in LABELS}))
    if kind is Kind.TRUE_FALSE:
        return (form["truth"],) if form.get("truth") in (TRUE, FALSE) else ()
    text = _text(form.get("blanks", ""))
    if kind is Kind.SHORT:
        return (text,) if text else ()
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _text(text: str) -> str:
    if len(text) > _LONGEST:
        raise BadRequest("这段文字太长了。")
    return clean_cell(text)
