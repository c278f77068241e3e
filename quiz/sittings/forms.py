"""What a cadre fills in on the phone: who I am, and my promise before the start."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, PasswordField, SelectField, StringField, TelField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from quiz import web
from quiz.exams.models import Exam
from quiz.exams.rules import NoConsent
from quiz.limits import limited
from quiz.people import rules, services
from quiz.people.models import Person
from quiz.sittings import services as sittings


class PhoneForm(FlaskForm):
    """By name and phone, as the roster has them."""

    name = StringField("姓名", validators=[DataRequired("请填写姓名")])
    phone = TelField("手机号码", validators=[DataRequired("请填写手机号码")])

    def validate_phone(self, field: Field) -> None:
        try:
            rules.clean_phone(field.data)
        except rules.BadPhone as error:
            raise ValidationError(error.message) from None

    def identify(self) -> Person:
        """The person, or NotOnRoster; counted per phone however it is spaced, TooManyTries after ten."""
        name, phone = web.clean(self.name.data, longest=60), rules.clean_phone(self.phone.data or "")
        with limited("phone", phone):
            return services.identify_by_phone(name=name, phone=phone)


class NumberForm(FlaskForm):
    """By 工号 and 口令, for those without a phone on the roster."""

    number = StringField("工号", validators=[DataRequired("请填写工号")])
    passcode = PasswordField("口令", validators=[DataRequired("请填写口令")])

    def identify(self) -> Person:
        """The person, or WrongPasscode; TooManyTries after ten."""
        number = rules.clean_number(web.clean(self.number.data, longest=60))
        passcode = web.clean(self.passcode.data, longest=60)
        with limited("number", number):
            return services.identify_by_number(number=number, passcode=passcode)


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
