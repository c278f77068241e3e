"""Forms for how an exam is ranked, for head counts, for 封榜 and 放榜."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from quiz.exams import rules as exam_rules
from quiz.standings.method import LARGEST_SIZE, LARGEST_TOP, Grouping, Method, Tie, Visibility
from quiz.standings.rules import Formula

_WHOLE = "要填整数"
_NONE = SelectChoice("", "不再看别的")
_TIES = [_NONE, *(SelectChoice(tie.value, tie.chinese) for tie in Tie)]
_DEPTHS = [
    SelectChoice("0", "不汇总，每个单位各算各的"),
    SelectChoice("1", "汇总到最上级单位"),
    SelectChoice("2", "汇总到第二级单位"),
    SelectChoice("3", "汇总到第三级单位"),
]


def _whole(label: str, least: int, most: int) -> IntegerField:
    words = f"{least} 至 {most}"
    return IntegerField(label, validators=[InputRequired(_WHOLE), NumberRange(least, most, words)])


class RankingForm(FlaskForm):
    formula = SelectField("得分", choices=[SelectChoice(one.value, one.chinese) for one in Formula])
    weight = _whole("参与率占", 0, 100)
    top = _whole("取前", 1, LARGEST_TOP)
    shrink = _whole("修正人数", 1, LARGEST_TOP)
    first = SelectField("同分先看", choices=_TIES)
    second = SelectField("再看", choices=_TIES)
    third = SelectField("再看", choices=_TIES)
    grouping = SelectField("分组", choices=[SelectChoice(one.value, one.chinese) for one in Grouping])
    large = _whole("甲组", 1, LARGEST_SIZE)
    middle = _whole("乙组", 0, LARGEST_SIZE)
    least_took_part = _whole("参加不足", 0, LARGEST_SIZE)
    least_expected = _whole("应参不足", 0, LARGEST_SIZE)
    depth = SelectField("下级单位", choices=_DEPTHS)
    visibility = RadioField("谁能看", choices=[SelectChoice(one.value, one.chinese) for one in Visibility])
    reason = StringField("改动原因", validators=[Length(max=100)])

    @classmethod
    def of(cls, method: Method, visibility: Visibility) -> "RankingForm":
        """Filled in as it was decided."""
        ties = [*method.ties, "", "", ""]
        data = {
            name: getattr(method, name)
            for name in ("weight", "top", "shrink", "least_took_part", "least_expected")
        }
        chosen = {"formula": method.formula.value, "grouping": method.grouping.value}
        chosen |= {"depth": str(method.depth), "visibility": visibility.value}
        chosen |= dict(zip(("first", "second", "third"), map(str, ties), strict=False))
        sizes = dict(zip(("large", "middle"), method.sizes, strict=True))
        return cls(formdata=None, data=data | chosen | sizes)

    def method(self) -> Method:
        return Method(
            formula=Formula(self.formula.data),
            weight=self.weight.data,
            top=self.top.data,
            shrink=self.shrink.data,
            ties=tuple(Tie(one.data) for one in (self.first, self.second, self.third) if one.data),
            grouping=Grouping(self.grouping.data),
            sizes=(self.large.data, self.middle.data),
            least_took_part=self.least_took_part.data,
            least_expected=self.least_expected.data,
            depth=int(self.depth.data),
        )


class HeadForm(FlaskForm):
    unit = IntegerField("单位", validators=[InputRequired("请选单位")])
    expected = IntegerField("应参人数", validators=[Optional()])
    reason = StringField("原因", validators=[Length(max=100)])


class MoveForm(FlaskForm):
    name = StringField("姓名", validators=[InputRequired("请填写姓名"), Length(max=60)])
    phone = StringField("手机号", validators=[InputRequired("请填写手机号"), Length(max=20)])
    unit = IntegerField("计入单位", validators=[InputRequired("请选单位")])
    reason = StringField("原因", validators=[Length(max=100)])


class FreezeForm(FlaskForm):
    freezes_at = DateTimeLocalField(
        "封榜时间", format="%Y-%m-%dT%H:%M", validators=[InputRequired("请填写时间")]
    )

    def instant(self, zone: ZoneInfo) -> datetime:
        """``zone`` is where the time is meant."""
        local = self.freezes_at.data
        exam_rules.check_year(local.year)
        return local.replace(tzinfo=zone).astimezone(UTC)


class RevealForm(FlaskForm):
    first = IntegerField("一等奖", default=1, validators=[Optional(), NumberRange(0, 24, "0 至 24")])
    second = IntegerField("二等奖", default=2, validators=[Optional(), NumberRange(0, 24, "0 至 24")])
    third = IntegerField("三等奖", default=3, validators=[Optional(), NumberRange(0, 24, "0 至 24")])
    group = StringField("组别", validators=[Length(max=40)])

    @property
    def prizes(self) -> list[int]:
        return [field.data or 0 for field in (self.first, self.second, self.third)]
