"""What a cadre fills in on the phone: who I am, and my promise before the start."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.validators import DataRequired, InputRequired

from quiz import web
from quiz.exams.models import Exam
from quiz.exams.rules import NoConsent
from quiz.people.forms import PhoneForm
from quiz.people.models import Person
from quiz.sittings import services as sittings


class ContestForm(PhoneForm):
    """By name, phone and unit: an open contest takes whoever comes."""

    # A unit that is not on the list is refused by the deed, in Chinese.
    unit = SelectField("所在单位", validators=[DataRequired("请选择所在单位")], validate_choice=False)
    consent = BooleanField("同意", validators=[InputRequired(NoConsent.message)])

    def offer(self, units: Iterable[str]) -> Self:
        self.unit.choices = [("", "请选择"), *((name, name) for name in units)]
        return self

    def join(self, exam: Exam, *, at: datetime) -> Person:
        """The person, made if new; a try counts against nobody, as nothing secret can be guessed here."""
        name = web.clean(self.name.data, longest=60)
        sittings.check_open(exam, at=at)
        return sittings.join(
            exam,
            name=name,
            phone=self.phone.data or "",
            unit=self.unit.data,
            consent=self.consent.data,
            at=at,
        )


class StartForm(FlaskForm):
    promise = BooleanField("承诺", validators=[InputRequired("请先勾选承诺，再开始答题。")])
