"""The form an exam is made with. Times are those of the clock on the wall here."""

from collections.abc import Collection
from datetime import UTC, datetime
from datetime import time as Time  # noqa: N812
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from question_bank.marking import MultiplePolicy
from question_bank.paper import PRESETS
from quiz.exams import amending, enrolling, rules
from quiz.exams.admission import Window
from quiz.exams.counting import Counts
from quiz.exams.enrolling import Access, Asked, Terms
from quiz.exams.models import Exam
from quiz.exams.services import Settings
from quiz.people import queries as people

_NEEDED = "这一项要填写"
#: Practice is for anyone on the roster and never ranked; whoever comes may join a contest.
MODES = [
    SelectChoice(rules.Mode.EXAM.value, "考试"),
    SelectChoice(rules.Mode.CONTEST.value, "竞赛（可自行报名）"),
    SelectChoice(rules.Mode.PRACTICE.value, "练习"),
]
REVIEWS = [
    SelectChoice(rules.Release.CLOSE.value, "考试结束后"),
    SelectChoice(rules.Release.SUBMIT.value, "交卷后立即"),
    SelectChoice(rules.Release.NEVER.value, "不公布"),
]
SCORES = [REVIEWS[1], REVIEWS[0], REVIEWS[2]]
COUNTS = [SelectChoice(counts.value, counts.chinese) for counts in Counts]


class UnitsField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SettingsForm(FlaskForm):
    """What an organiser decides about an exam, when it is made and later."""

    title = StringField("考试名称", validators=[InputRequired(_NEEDED), Length(max=rules.LONGEST_TITLE)])
    host = StringField("主办单位", validators=[Length(max=60)])
    opens_at = DateTimeLocalField("开考", format="%Y-%m-%dT%H:%M", validators=[InputRequired(_NEEDED)])
    closes_at = DateTimeLocalField("结束", format="%Y-%m-%dT%H:%M", validators=[InputRequired(_NEEDED)])
    minutes = IntegerField(
        "答题时间", validators=[InputRequired("请填写分钟数"), NumberRange(1, 600, "1 至 600 分钟")]
    )
    pass_mark = DecimalField(
        "合格分", validators=[InputRequired("请填写分数"), NumberRange(0, 1000, "0 分以上")], places=None
    )
    excellent_mark = DecimalField(
        "优秀分", validators=[Optional(), NumberRange(0, 1000, "0 分以上")], places=None
    )
    late_minutes = IntegerField("迟到入场", validators=[Optional(), NumberRange(1, 600, "1 至 600 分钟")])
    day_opens = TimeField("每天开放", validators=[Optional()])
    day_closes = TimeField("每天开放，截止", validators=[Optional()])
    daily = IntegerField("每天最多", default=0, validators=[Optional(), NumberRange(0, 20, "0 至 20 次")])
    chances = IntegerField("机会", validators=[InputRequired("请填写次数"), NumberRange(0, 20, "0 至 20 次")])
    counts = SelectField("几次机会时", choices=COUNTS)
    least_seconds = IntegerField("每题至少", validators=[Optional(), NumberRange(0, 60, "0 至 60 秒")])
    multiple_policy = SelectField(
        "多选题", choices=[SelectChoice(policy.value, policy.sentence) for policy in MultiplePolicy]
    )
    score_release = SelectField("公布成绩", choices=SCORES)
    answers_release = SelectField("公布对错", choices=REVIEWS)
    review = SelectField("答案和解析", choices=REVIEWS)
    everybody = BooleanField("名册里的全部单位", default=True)
    units = UnitsField("参加单位", coerce=int, validators=[Optional()])
    identities = UnitsField("身份类别", validators=[Optional()])

    def values(self, zone: ZoneInfo) -> dict[str, Any]:
        """Columns of Exam as they were filled in; ``zone`` is where the times are meant."""
        found = {name: self[name].data for name in _AS_THEY_ARE if name in self}
        found |= {name: (self[name].data or "").strip() for name in ("title", "host") if name in self}
        found |= {name: _instant(self[name].data, zone) for name in _TIMES if name in self}
        found |= {
            name: Decimal(self[name].data) for name in _MARKS if name in self and self[name].data is not None
        }
        found |= {name: _minute(name, self[name].data) for name in _HOURS if name in self}
        found |= {name: self[name].data or 0 for name in ("daily", "least_seconds") if name in self}
        if "identities" in self:
            found["identities"] = sorted(self.identities.data or ()) or None
        if "everybody" in self:
            rules.check_units(everybody=self.everybody.data, chosen=len(self.units.data or ()))
            found["unit_ids"] = None if self.everybody.data else sorted(self.units.data)
        return found


_AS_THEY_ARE = (
    "minutes",
    "late_minutes",
    "chances",
    "counts",
    "multiple_policy",
    "score_release",
    "answers_release",
    "review",
)
_TIMES, _MARKS = ("opens_at", "closes_at"), ("pass_mark", "excellent_mark")
_HOURS = ("day_opens", "day_closes")


def _minute(name: str, clock: Time | None) -> int | None:
    """Minutes after midnight; a day that closes at 0:00 closes at its end."""
    if clock is None:
        return None
    minute = clock.hour * 60 + clock.minute
    return minute or 24 * 60 if name == "day_closes" else minute


def _clock(minute: int | None) -> Time | None:
    return None if minute is None else Time(minute // 60 % 24, minute % 60)


class ExamForm(SettingsForm):
    bank = SelectField("题库", coerce=int)
    preset = RadioField("试卷", choices=[SelectChoice(key, preset.name) for key, preset in PRESETS.items()])
    mode = RadioField("用途", choices=MODES, default=rules.Mode.EXAM.value)

    def settings(self, zone: ZoneInfo) -> Settings:
        values = self.values(zone) | {"least_seconds": self.least_seconds.data}
        return Settings(preset=self.preset.data, mode=rules.Mode(self.mode.data), **values)


class ChangeForm(SettingsForm):
    """The settings of an exam that is there. What may not change any more is no field of it."""

    reason = StringField("改动原因", validators=[Length(max=rules.LONGEST_REASON)])
    password = PasswordField("你的登录密码", validators=[Length(max=200)])

    @classmethod
    def of(
        cls, exam: Exam, *, zone: ZoneInfo, open_to_change: Collection[str], sent: bool = True
    ) -> "ChangeForm":
        """Filled in as the exam is, or as it was ``sent`` with this request."""
        data: dict[str, Any] = {name: getattr(exam, name) for name in ("title", "host", *_AS_THEY_ARE)}
        data |= {name: getattr(exam, name).astimezone(zone).replace(tzinfo=None) for name in _TIMES}
        data |= {name: Decimal(rules.plain(getattr(exam, name))) for name in _MARKS}
        data |= {name: _clock(getattr(exam, name)) for name in _HOURS}
        data |= {"daily": exam.daily, "least_seconds": exam.least_seconds}
        data |= {"identities": exam.identities or []}
        data |= {"everybody": exam.unit_ids is None, "units": exam.unit_ids or []}
        form = cls(data=data) if sent else cls(formdata=None, data=data)
        for name in set(amending.SETTINGS) - set(open_to_change):
            for field in _FIELDS_OF.get(name, (name,)):
                del form[field]
        return form


#: Settings that several fields ask for.
_FIELDS_OF = {"unit_ids": ("everybody", "units"), "identities": ("identities",)}


class BatchForm(FlaskForm):
    """A window for some units."""

    opens_at = DateTimeLocalField("开考", format="%Y-%m-%dT%H:%M", validators=[InputRequired(_NEEDED)])
    closes_at = DateTimeLocalField("结束", format="%Y-%m-%dT%H:%M", validators=[InputRequired(_NEEDED)])
    units = UnitsField("单位", coerce=int, validators=[Optional()])
    reason = StringField("改动原因", validators=[Length(max=rules.LONGEST_REASON)])

    @classmethod
    def of(cls, exam: Exam, *, zone: ZoneInfo) -> "BatchForm":
        return cls(data={name: getattr(exam, name).astimezone(zone).replace(tzinfo=None) for name in _TIMES})

    def window(self, zone: ZoneInfo) -> Window:
        return Window(*(_instant(self[name].data, zone) for name in _TIMES))


def offer_units(form: Any) -> None:
    """Fill in what the roster has to choose from."""
    if "units" in form:
        form.units.choices = [SelectChoice(str(unit.id), unit.name) for unit in people.units()]
    if "identities" in form:
        names = people.identities()
        form.identities.choices = [SelectChoice(one, f"{one}（{count} 人）") for one, count in names.items()]


class DeleteForm(FlaskForm):
    title = StringField("考试名称")
    password = PasswordField("你的登录密码")


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    rules.check_year(local.year)
    return local.replace(tzinfo=zone).astimezone(UTC)


_ACCESS = [SelectChoice(one.value, one.chinese) for one in Access]
_ASKED = [SelectChoice(one.value, one.chinese) for one in Asked]
_LONGEST = Length(max=enrolling.LONGEST_CONSENT + 500)


class TermsForm(FlaskForm):
    access = RadioField("谁能参加", choices=_ACCESS)
    pupils = BooleanField("学生模式")
    other = BooleanField("可以填列表里没有的单位")
    category = RadioField("五进类别", choices=_ASKED)
    categories = TextAreaField("选项", validators=[_LONGEST])
    identity = RadioField("身份类别", choices=_ASKED)
    identities = TextAreaField("选项", validators=[_LONGEST])
    consent = TextAreaField("个人信息使用说明", validators=[_LONGEST])
    usual = BooleanField("以后的竞赛也这样设置")

    @classmethod
    def of(cls, found: Terms) -> "TermsForm":
        lists = {name: "\n".join(getattr(found, name)) for name in ("categories", "identities")}
        return cls(data=found.document() | lists)

    def terms(self) -> Terms:
        # Browsers end lines their own way: the version is of the words, not of that.
        words = [" ".join(line.split()) for line in (self.consent.data or "").splitlines()]
        return Terms(
            access=Access(self.access.data),
            pupils=self.pupils.data,
            other=self.other.data,
            category=Asked(self.category.data),
            categories=enrolling.read_choices(self.categories.data or ""),
            identity=Asked(self.identity.data),
            identities=enrolling.read_choices(self.identities.data or ""),
            consent="\n".join(filter(None, words)),
        )
