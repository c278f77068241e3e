"""Forms of those who mark short answers."""

from flask_wtf import FlaskForm
from wtforms import DecimalField, IntegerField, PasswordField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange

from quiz.sittings.correcting import LONGEST_REASON

_POINTS = NumberRange(0, 1000, "请填分数")


class MarkForm(FlaskForm):
    mark = DecimalField("给分", validators=[InputRequired("请填分数"), _POINTS])

    def hundredths(self) -> int:
        """The mark in hundredths of a point, cut: what is finer than half a point is refused by the rule."""
        return int((self.mark.data or 0) * 100)


class DecisionForm(MarkForm):
    """A change of scores needs the password again (promises D18)."""

    reason = StringField("原因", validators=[InputRequired("请写明原因"), Length(max=LONGEST_REASON)])
    password = PasswordField("你的登录密码", validators=[InputRequired("请填写密码"), Length(max=200)])


class MarkersForm(FlaskForm):
    markers = IntegerField("几人评", validators=[AnyOf((1, 2))])
