"""What is filled in about a sitting: the promise before its start, an appeal, how an exam is sat."""

import secrets
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from quiz.audit.services import record
from quiz.exams.forms import UnitsField
from quiz.exams.models import Exam, Room
from quiz.people.models import Account
from quiz.sittings import rooms
from quiz.sittings.appealing import MOST_DAYS
from quiz.sittings.rooming import How


class AppealForm(FlaskForm):
    # Its length is the rule's to refuse.
    reason = TextAreaField("理由")


class ConductForm(FlaskForm):
    """How an exam is sat and reviewed; may be changed while it runs."""

    watch_leaving = BooleanField("记录离开页面")
    takes_late = BooleanField("断网补交")
    room = BooleanField("考场口令")
    appeal_days = IntegerField(
        "复核期限",
        validators=[InputRequired("请填写天数"), NumberRange(0, MOST_DAYS, f"0 至 {MOST_DAYS} 个工作日")],
    )

    def apply(self, exam: Exam, *, at: datetime, who: str) -> None:
        fields = (self.watch_leaving, self.takes_late, self.appeal_days)
        changed = [field for field in fields if getattr(exam, field.name) != field.data]
        before = [f"{field.label.text} {_shown(getattr(exam, field.name))}" for field in changed]
        for field in changed:
            setattr(exam, field.name, field.data)
        if self.room.data != (exam.room_secret is not None):
            exam.room_secret = secrets.token_hex(16) if self.room.data else None
            deed = "exam.room_on" if self.room.data else "exam.room_off"
            record(who=who, what=deed, subject=f"exam:{exam.code}", at=at)
        if changed:
            after = [f"{field.label.text} {_shown(field.data)}" for field in changed]
            subject = f"exam:{exam.code}"
            record(who=who, what="exam.conduct", subject=subject, at=at, before=before, after=after)


def _shown(value: bool | int) -> str:
    if isinstance(value, bool):
        return "开" if value else "关"
    return f"{value} 个工作日"


class StartForm(FlaskForm):
    #: Asked for in 考场模式 only.
    room_code = StringField("考场口令", validators=[Length(max=20)])
    promise = BooleanField("承诺", validators=[InputRequired("请先勾选承诺，再开始答题。")])


class RoomForm(FlaskForm):
    """A room; sittings.rooming says what is wrong with it."""

    name = StringField("名称")
    place = StringField("地点")
    seats = IntegerField("座位数")
    proctors = UnitsField("监考", coerce=int)

    @classmethod
    def of(cls, room: Room) -> "RoomForm":
        texts = {"name": room.name, "place": room.place, "seats": room.seats}
        form = cls(data=texts | {"proctors": [account.id for account in room.proctors]})
        form.proctors.choices = [SelectChoice(str(one.id), one.name) for one in rooms.proctors()]
        return form

    def given(self) -> dict[str, Any]:
        texts = {name: (self[name].data or "").replace("\0", "") for name in ("name", "place")}
        return texts | {"seats": self.seats.data or 0}

    def watchers(self) -> list[Account]:
        return [one for one in rooms.proctors() if one.id in (self.proctors.data or ())]


class SeatingForm(FlaskForm):
    """How seats are given, to all or to one."""

    seats = IntegerField("座位数")
    how = StringField()
    room = IntegerField("考场")
    number = IntegerField("座位号")

    def way(self) -> How:
        return How.TOGETHER if self.how.data == How.TOGETHER else How.APART
