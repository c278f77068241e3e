"""The form a draw is made with."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from quiz.draws.rules import LONGEST, Eligible, Tickets, read_tiers
from quiz.draws.services import Settings

_NEEDED = "这一项要填写"
_RULES = {
    Eligible.FINISHED: "交卷的人",
    Eligible.PASSED: "成绩合格的人",
    Eligible.SCORE: "成绩达到右边分数的人",
    Eligible.TOP: "成绩前几名",
    Eligible.UNIT_TOP: "各单位前几名",
}


class DrawForm(FlaskForm):
    title = StringField("名称", validators=[InputRequired(_NEEDED), Length(max=LONGEST)])
    exam = SelectField("从哪一场", validators=[InputRequired(_NEEDED)])
    eligible = SelectField(
        "条件", choices=[SelectChoice(rule.value, words) for rule, words in _RULES.items()]
    )
    number = IntegerField("分数或名次", default=0, validators=[NumberRange(0, 100_000, "0 至 100000")])
    tickets = RadioField("签数", choices=[SelectChoice(rule.value, rule.sentence) for rule in Tickets])
    tiers = TextAreaField("奖项", validators=[InputRequired(_NEEDED), Length(max=1000)])
    alternates = IntegerField("递补人数", default=0, validators=[NumberRange(0, 1000, "0 至 1000")])
    no_staff = BooleanField("工作人员和看过题库的人不参加（按后台账号的姓名和单位认）")
    no_winners = BooleanField("以前中过奖的不参加")
    source = StringField("怎么来", validators=[InputRequired(_NEEDED), Length(max=120)])
    rehearsal = BooleanField("这是彩排，结果无效")

    def settings(self) -> Settings:
        """What was decided; BadDraw when the prizes cannot be read."""
        return Settings(
            title=self.title.data or "",
            tiers=read_tiers(self.tiers.data or ""),
            eligible=Eligible(self.eligible.data),
            number=self.number.data or 0,
            tickets=Tickets(self.tickets.data),
            alternates=self.alternates.data or 0,
            no_staff=self.no_staff.data,
            no_winners=self.no_winners.data,
            source=self.source.data or "",
            rehearsal=self.rehearsal.data,
        )
