"""The form an exam is made with. Times are those of the clock on the wall here."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from question_bank.marking import MultiplePolicy
from question_bank.paper import PRESETS
from quiz.exams import rules
from quiz.exams.services import Settings

_NEEDED = "这一项要填写"
#: Practice is for anyone on the roster and never ranked.
MODES = [SelectChoice(rules.Mode.EXAM.value, "考试"), SelectChoice(rules.Mode.PRACTICE.value, "练习")]
REVIEWS = [
    SelectChoice(rules.Release.CLOSE.value, "考试结束后"),
    SelectChoice(rules.Release.SUBMIT.value, "交卷后立即"),
    SelectChoice(rules.Release.NEVER.value, "不公布"),
]
COUNTS = [SelectChoice(counts.value, f"取{counts.chinese}") for counts in rules.Counts]


class UnitsField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ExamForm(FlaskForm):
    title = StringField("考试名称", validators=[InputRequired(_NEEDED), Length(max=rules.LONGEST_TITLE)])
    host = StringField("主办单位", validators=[Length(max=60)])
    bank = SelectField("题库", coerce=int)
    preset = RadioField("试卷", choices=[SelectChoice(key, preset.name) for key, preset in PRESETS.items()])
    mode = RadioField("用途", choices=MODES, default=rules.Mode.EXAM.value)
    opens_at = DateTimeLocalField("开考", format="%Y-%m-%dT%H:%M", validators=[InputRequired(_NEEDED)])
    closes_at = DateTimeLocalField("结束", format="%Y-%m-%dT%H:%M", validators=[InputRequired(_NEEDED)])
    minutes = IntegerField(
        "答题时间", validators=[InputRequired("请填写分钟数"), NumberRange(1, 600, "1 至 600 分钟")]
    )
    pass_mark = DecimalField(
        "合格分", validators=[InputRequired("请填写分数"), NumberRange(0, 1000, "0 分以上")], places=None
    )
    chances = IntegerField("机会", validators=[InputRequired("请填写次数"), NumberRange(1, 20, "1 至 20 次")])
    counts = SelectField("几次机会时", choices=COUNTS)
    multiple_policy = SelectField(
        "多选题", choices=[SelectChoice(policy.value, policy.sentence) for policy in MultiplePolicy]
    )
    review = SelectField("公布答案", choices=REVIEWS)
    everybody = BooleanField("名册里的全部单位", default=True)
    units = UnitsField("参加单位", coerce=int, validators=[Optional()])

    def settings(self, zone: ZoneInfo) -> Settings:
        """The filled-in form as Settings; ``zone`` is where its times are meant."""
        return Settings(
            title=self.title.data,
            host=self.host.data or "",
            preset=self.preset.data,
            mode=rules.Mode(self.mode.data),
            opens_at=_instant(self.opens_at.data, zone),
            closes_at=_instant(self.closes_at.data, zone),
            minutes=self.minutes.data,
            pass_mark=Decimal(self.pass_mark.data),
            chances=self.chances.data,
            counts=self.counts.data,
            multiple_policy=self.multiple_policy.data,
            review=self.review.data,
            unit_ids=None if self.everybody.data else self.units.data,
        )


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    rules.check_year(local.year)
    return local.replace(tzinfo=zone).astimezone(UTC)
