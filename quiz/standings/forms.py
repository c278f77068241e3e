"""Forms for what is done to time while an exam runs, and decided after it: corrections and the make-up."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from question_bank import Kind, Question
from question_bank.question import ALTERNATIVE
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.forms import UnitsField
from quiz.people import queries as people
from quiz.sittings.correcting import LONGEST_REASON, Amendment, Deed


class PasswordForm(FlaskForm):
    """A change of scores needs the password again (promises D18)."""

    password = PasswordField("你的登录密码", validators=[InputRequired("请填写密码"), Length(max=200)])


class CorrectionForm(FlaskForm):
    question = IntegerField(widget=HiddenField.widget)
    deed = RadioField(
        "怎么更正",
        choices=[SelectChoice(deed.value, deed.chinese) for deed in Deed],
        default=Deed.ALL_POINTS.value,
    )
    reason = StringField("原因", validators=[InputRequired("请写明原因"), Length(max=LONGEST_REASON)])
    password = PasswordField("你的登录密码", validators=[Length(max=200)])

    def amendment(self, question: Question) -> Amendment:
        """What was chosen; the key in label order, blanks in theirs, spellings of a blank set apart by |."""
        deed = Deed(self.deed.data)
        return Amendment(self.question.data, deed, self.key(question) if deed is Deed.REKEY else ())

    def key(self, question: Question) -> tuple[str, ...]:
        given = request.form.getlist("key")[:30]
        if question.kind in (Kind.FILL, Kind.SHORT):
            texts = [text.replace("\0", "").replace("｜", "|").strip()[:500] for text in given]
            return tuple(ALTERNATIVE.join(filter(None, map(str.strip, t.split("|")))) for t in texts)
        # 正确 before 错误, as the bank has them.
        return tuple(sorted(given, reverse=question.kind is Kind.TRUE_FALSE))


class MakeUpForm(FlaskForm):
    title = StringField(
        "名称", validators=[InputRequired("请填写名称"), Length(max=exam_rules.LONGEST_TITLE)]
    )
    opens_at = DateTimeLocalField("开考", format="%Y-%m-%dT%H:%M", validators=[InputRequired("请填写时间")])
    closes_at = DateTimeLocalField("结束", format="%Y-%m-%dT%H:%M", validators=[InputRequired("请填写时间")])
    minutes = IntegerField(
        "答题时间", validators=[InputRequired("请填写分钟数"), NumberRange(1, 600, "1 至 600 分钟")]
    )

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Opening and end; ``zone`` is where they are meant."""
        return _instant(self.opens_at.data, zone), _instant(self.closes_at.data, zone)


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    exam_rules.check_year(local.year)
    return local.replace(tzinfo=zone).astimezone(UTC)


class ChangeForm(FlaskForm):
    """Minutes where they are meant, and the reason; sittings.rules says what is wrong with them."""

    minutes = IntegerField()
    percent = IntegerField()
    person = IntegerField()
    unit = IntegerField()
    reason = StringField()
    #: Of who makes a score void, or takes that back.
    password = PasswordField()
    once = StringField()
    #: The newest change to the time that the page showed; without it, none.
    seen = IntegerField()

    def newest(self) -> int:
        return self.seen.data if self.seen.data is not None and 0 < self.seen.data < 2**31 else 0


class UnitsForm(FlaskForm):
    """Units to let in after the opening, of those that may not sit the exam."""

    units = UnitsField("单位", coerce=int)
    reason = StringField("原因")

    @classmethod
    def of(cls, code: str) -> "UnitsForm":
        form, there = cls(), exams.exam_by_code(code).unit_ids
        rest = [] if there is None else [unit for unit in people.units() if unit.id not in there]
        form.units.choices = [SelectChoice(str(unit.id), unit.name) for unit in rest]
        return form

    def given(self) -> dict[str, Any]:
        offered = {int(choice.value) for choice in self.units.choices}
        chosen = [number for number in self.units.data or () if number in offered]
        return {"unit_ids": chosen, "reason": (self.reason.data or "").replace("\0", "")}
