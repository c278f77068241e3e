"""What is filled in to join a contest. Its fields follow the contest's terms."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from quiz import web
from quiz.errors import RuleBroken
from quiz.exams import enrolling
from quiz.exams.enrolling import Access, Asked, Terms
from quiz.exams.models import Enrolment, Exam
from quiz.exams.rules import NoConsent
from quiz.people import rules
from quiz.people.forms import PhoneForm
from quiz.people.models import Person, Unit
from quiz.sittings import joining
from quiz.sittings.joining import Said

#: Chosen instead of a unit by somebody who does not find theirs.
OTHER = "+"


class _UnitForm(FlaskForm):
    """The unit, from the list or in one's own words."""

    # A unit that is not on the list is refused by the deed, in Chinese.
    unit = SelectField("所在单位", validate_choice=False)
    written = StringField("单位全称", validators=[Length(max=rules.LONGEST_UNIT, message="最多 60 个字")])

    def offer(self, units: Sequence[Unit], *, preset: str | None) -> None:
        """Units as the form's list has them: name, and the initials it may be looked up by."""
        self.unit.choices = [
            SelectChoice(one.name, one.name, render_kw={"data-k": _initials(one)}) for one in units
        ]
        if not self.is_submitted() and preset:
            self.unit.data = preset

    def validate_unit(self, field: Field) -> None:
        wrote = "written" in self and bool((self.written.data or "").strip())
        if not field.data and not wrote:
            raise ValidationError("请选择所在单位")
        if field.data == OTHER and not wrote:
            raise ValidationError("请在下面写单位的全称")

    def _said(self, **more: str) -> Said:
        chosen = web.clean(self.unit.data or "", longest=100) if "unit" in self else ""
        own_words = "written" in self and chosen in ("", OTHER)
        written = rules.clean_name(web.clean(self.written.data or "", longest=100)) if own_words else ""
        return Said(unit=chosen, written=written, **more)


class _ChoiceForm(_UnitForm):
    """``category`` and ``identity`` as far as they are asked, and the consent to be published."""

    category = SelectField("五进类别", validate_choice=False)
    identity = SelectField("身份类别", validate_choice=False)
    publish = BooleanField("同意公示")

    def by(self, terms: Terms, *, listed: bool = False) -> Self:
        """``listed``: the unit is the roster's to say."""
        self.asked = {
            "category": (terms.category, terms.categories),
            "identity": (terms.identity, terms.identities),
        }
        for name, (asked, choices) in self.asked.items():
            if asked is Asked.OFF:
                del self[name]
            else:
                first = "请选择" if asked is Asked.REQUIRED else "不选"
                self[name].choices = [SelectChoice("", first), *(SelectChoice(one, one) for one in choices)]
        if listed or terms.access is Access.ROSTER:
            del self.unit, self.written
        elif not terms.other:
            del self.written
        return self

    def validate_category(self, field: Field) -> None:
        self._check_choice(field)

    def validate_identity(self, field: Field) -> None:
        self._check_choice(field)

    def _check_choice(self, field: Field) -> None:
        asked, choices = self.asked[field.name]
        try:
            enrolling.chosen(asked, choices, field.data or "", words=field.label.text)
        except enrolling.ChoiceNeeded as error:
            raise ValidationError(error.message) from None

    def _all_said(self) -> Said:
        chosen = {one: self[one].data or "" for one in ("category", "identity") if one in self}
        return self._said(**chosen)._replace(publish=self.publish.data)


class ContestForm(_ChoiceForm, PhoneForm):
    """By name, phone and unit: an open contest takes whoever comes."""

    consent = BooleanField("同意", validators=[InputRequired(NoConsent.message)])

    def validate_name(self, field: Field) -> None:
        _check_name(field)

    def join(self, exam: Exam, *, at: datetime) -> Person:
        """The person, made if new; a try counts against nobody, as nothing secret can be guessed here."""
        name = web.clean(self.name.data, longest=60)
        phone, consent = self.phone.data or "", self.consent.data
        return joining.join(exam, name=name, phone=phone, said=self._all_said(), consent=consent, at=at)


class ProfileForm(_ChoiceForm):
    """What somebody said of themselves, to be put right."""

    name = StringField("姓名", validators=[DataRequired("请填写姓名")])

    @classmethod
    def of(cls, person: Person, own: Enrolment) -> "ProfileForm":
        outside = person.unit.outside
        form = cls(
            name=person.name,
            unit=OTHER if outside else person.unit.name,
            written=own.written_unit if outside else "",
            category=own.category,
            identity=own.identity,
            publish=own.publish,
        )
        if not person.joined:
            del form.name
        return form

    def validate_name(self, field: Field) -> None:
        _check_name(field)

    def said(self) -> tuple[str, Said]:
        """The name, empty where it is the roster's to say, and the rest."""
        name = web.clean(self.name.data, longest=60) if "name" in self else ""
        return name, self._all_said()


class PupilForm(_UnitForm):
    """By school, class and seat: nothing that says who it is."""

    class_code = StringField("班级", validators=[DataRequired("请填写班级")])
    seat = StringField("座号", default="")
    #: The same for two presses of one button: one number.
    once = HiddenField(default=lambda: secrets.token_urlsafe(24))

    def by(self, terms: Terms) -> Self:
        self.unit.label.text, self.written.label.text = "学校", "学校全称"
        if not terms.other:
            del self.written
        return self

    def validate_class_code(self, field: Field) -> None:
        self._check(field.data or "", "")

    def validate_seat(self, field: Field) -> None:
        self._check("1", field.data or "")

    def _check(self, class_code: str, seat: str) -> None:
        try:
            enrolling.check_class(class_code, seat)
        except RuleBroken as error:
            raise ValidationError(error.message) from None

    def join(self, exam: Exam, *, at: datetime) -> joining.Pupil:
        once = self.once.data if joining.is_once(self.once.data or "") else secrets.token_urlsafe(24)
        given = {"class_code": self.class_code.data, "seat": self.seat.data or "", "once": once}
        return joining.join_pupil(exam, said=self._said(), at=at, **given)


def _check_name(field: Field) -> None:
    try:
        rules.check_name(rules.clean_name(field.data or ""))
    except rules.NoName as error:
        raise ValidationError(error.message) from None


def _initials(unit: Unit) -> str:
    """qsz for 青石镇."""
    return "".join(word[0] for word in unit.pinyin.split())
