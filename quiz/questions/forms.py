"""Forms about question banks."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import Length

from quiz.questions import rules
from quiz.questions.models import Bank

#: The choice in the list of banks that means: make one.
NEW = 0


def _bank_id(value: Any) -> int:
    """The chosen id; what is no number chooses no bank, instead of an English complaint."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NEW


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
