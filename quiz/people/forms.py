"""Forms about people."""

import re
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length

from quiz import web
from quiz.access import Role
from quiz.limits import limited
from quiz.people import accounts, queries, rules, services
from quiz.people.merging import NewUnit
from quiz.people.models import Person, Unit

#: The choice beside an unknown unit that means: make it.
MAKE = "+"
_OFFICES = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}
_ROW = re.compile("[0-9]{1,6}")


class SignInForm(FlaskForm):
    name = StringField("账号", validators=[DataRequired("请填写账号"), Length(max=60)])
    password = PasswordField("密码", validators=[DataRequired("请填写密码"), Length(max=200)])


class AccountForm(FlaskForm):
    """``name`` only for a new account."""

    name = StringField("姓名", validators=[Length(max=60)])
    role = RadioField("角色", default=Role.ORGANISER.value)
    unit = SelectField("负责的单位", coerce=int, default=0)

    def with_choices(self, *, separate: bool, held: Role | None) -> "AccountForm":
        """The roles to choose from: the three offices where they are kept apart, or are held already."""
        offered = [role for role in Role if separate or role not in _OFFICES or role is held]
        self.role.choices = [SelectChoice(role.value, role.chinese) for role in offered]
        none = SelectChoice(0, "不选")
        self.unit.choices = [none, *(SelectChoice(unit.id, unit.name) for unit in queries.units())]
        return self

    def chosen(self) -> dict[str, Any]:
        """``role`` and ``unit`` as the services take them; a unit counts for a unit manager only."""
        role = Role(self.role.data)
        manages = role is Role.UNIT_MANAGER and self.unit.data
        return {"role": role, "unit": queries.unit(self.unit.data) if manages else None}


class NewPasswordForm(FlaskForm):
    old = PasswordField("现在的密码", validators=[DataRequired("请填写现在的密码"), Length(max=200)])
    new = PasswordField("新密码", validators=[DataRequired("请填写新密码"), Length(max=200)])
    again = PasswordField("再输一次新密码", validators=[EqualTo("new", "两次输入的新密码不一样")])


class CodeForm(FlaskForm):
    code = StringField("6 位数字", validators=[DataRequired("请填写数字"), Length(max=20)])


class TotpForm(FlaskForm):
    """``code`` to switch it on, ``password`` to switch it off."""

    code = StringField("6 位数字", validators=[Length(max=20)])
    password = PasswordField("现在的密码", validators=[Length(max=200)])


class PersonForm(FlaskForm):
    name = StringField("姓名", validators=[DataRequired("请填写姓名"), Length(max=60)])
    unit = SelectField("单位", coerce=int)
    phone = StringField("手机号", validators=[Length(max=30)], default="")
    number = StringField("工号", validators=[Length(max=40)], default="")
    passcode = StringField("口令", validators=[Length(max=60)], default="")
    post = StringField("职务", validators=[Length(max=60)], default="")
    rank = StringField("职级", validators=[Length(max=60)], default="")
    identity = StringField("身份类别", validators=[Length(max=60)], default="")
    category = StringField("五进类别", validators=[Length(max=60)], default="")
    #: Only of who asks for it.
    reason = StringField("原因", validators=[Length(max=100)], default="")

    @classmethod
    def of(cls, person: Person) -> "PersonForm":
        texts = {name: getattr(person, name) or "" for name in cls._TEXTS}
        return cls(name=person.name, unit=person.unit_id, **texts)

    _TEXTS = ("phone", "number", "post", "rank", "identity", "category")

    def within(self, units: rules.Scope) -> "PersonForm":
        self.unit.choices = [SelectChoice(one.id, one.name) for one in queries.units(within=units)]
        outside = queries.outside_unit()
        if outside is not None and self.unit.object_data == outside.id:
            # Saving something else of somebody whose unit is not settled must not settle it.
            self.unit.choices.insert(0, SelectChoice(outside.id, outside.name))
        return self

    def given(self) -> dict[str, Any]:
        """The fields as people.persons takes them."""
        texts = {name: (getattr(self, name).data or "").replace("\0", "") for name in ("name", *self._TEXTS)}
        return texts | {"unit": self.unit.data, "passcode": (self.passcode.data or "").replace("\0", "")}


class UnitForm(FlaskForm):
    name = StringField("名称", validators=[DataRequired("请填写名称"), Length(max=60)])
    kind = StringField("类别", validators=[Length(max=20)], default="")
    parent = SelectField("上级单位", coerce=int, default=0)

    def with_units(self, own: Unit | None) -> "UnitForm":
        others = [one for one in queries.units() if own is None or one.id != own.id]
        self.parent.choices = [
            SelectChoice(0, "没有"),
            *(SelectChoice(one.id, one.name) for one in others),
        ]
        return self

    def given(self) -> dict[str, Any]:
        texts = {name: (getattr(self, name).data or "").replace("\0", "") for name in ("name", "kind")}
        return texts | {"parent": self.parent.data}


class RosterForm(FlaskForm):
    file = FileField("名册文件", validators=[FileRequired("请先选择一个文件。")])

    def validate_file(self, field: FileField) -> None:
        if len(request.files.getlist(field.name)) > 1:
            raise ValidationError("一次只能传一个文件。")

    def sentence(self) -> str:
        """The first thing that is wrong with what was sent, if anything."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


class ConfirmForm(FlaskForm):
    """The organiser's word on what was shown: which units to make, who has another phone now."""

    create_units = BooleanField("新建这些单位")

    def make(self, units: Sequence[NewUnit]) -> set[str]:
        """Names of the units to make: those like no other by one tick, the others one by one."""
        all_ = self.create_units.data
        return {unit.name for place, unit in enumerate(units) if self._choice(place, unit, all_) == MAKE}

    def same_as(self, units: Sequence[NewUnit]) -> dict[str, str]:
        """Name in the file to the known unit that is meant."""
        chosen = {unit.name: self._choice(place, unit, False) for place, unit in enumerate(units)}
        return {
            unit.name: unit.similar for unit in units if unit.similar and chosen[unit.name] == unit.similar
        }

    def _choice(self, place: int, unit: NewUnit, all_: bool) -> str:
        if unit.similar:
            return request.form.get(f"unit-{place}", "")
        return MAKE if all_ else ""

    def moved(self) -> frozenset[tuple[str, int]]:
        """(sheet, row) of the persons marked as known with another phone."""
        pairs = (value.rpartition(":") for value in request.form.getlist("moved"))
        return frozenset((sheet, int(row)) for sheet, _, row in pairs if _ROW.fullmatch(row))


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


def check_own_password(password: str) -> None:
    """What weighs heavily needs the password again (promises D18). WrongPassword, TooManyTries."""
    with limited("account", current_user.name):
        accounts.sign_in_account(name=current_user.name, password=password)
