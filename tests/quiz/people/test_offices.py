"""动态口令, and 三员分立: the second factor, and three offices that no one person holds two of."""

from datetime import timedelta
from typing import Any

import flask_migrate
import pyotp
import pytest
from factories import PASSWORD, make_account
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from quiz.access import ACCESS, ANYONE, CANDIDATE, Role, allowed
from quiz.extensions import db, transaction
from quiz.people import queries, second_factor
from quiz.people.models import Account
from quiz.people.rules import WrongCode


class Office:
    """An account 何静安, with a browser and an authenticator once it is switched on."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time, self.secret = app, time, pyotp.random_base32()
        self.account = make_account("何静安", role=Role.ADMIN, at=time.at)

    def code(self, **ago: int) -> str:
        return str(pyotp.TOTP(self.secret).at(self.time.at - timedelta(**ago)))

    def switch_on(self) -> list[str]:
        with transaction():
            return second_factor.switch_on(
                self.account, secret=self.secret, code=self.code(), at=self.time.at
            )

    def browser(self, name: str = "何静安") -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": name, "password": PASSWORD})
        return client

    def bring(self, client: FlaskClient, code: str) -> int:
        return int(client.post("/admin/sign-in/code", data={"code": code}).status_code)


@pytest.fixture
def office(app: Flask, time: Any) -> Office:
    return Office(app, time)


def inside(client: FlaskClient) -> bool:
    return client.get("/admin/me/").status_code == 200


def text(reply: Any) -> str:
    return str(reply.get_data(as_text=True))


def test_the_page_switches_it_on_and_shows_the_recovery_codes_once(office: Office) -> None:
    client = office.browser()
    page = text(client.get("/admin/me/totp"))
    shown = page.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
    assert "<svg" in page
    assert client.post("/admin/me/totp", data={"code": "000000"}).status_code == 422
    done = text(client.post("/admin/me/totp", data={"code": pyotp.TOTP(shown).at(office.time.at)}))
    assert done.count("<li><code>") == second_factor.RECOVERY_CODES
    again = text(client.get("/admin/me/totp"))
    assert (shown in again, "还剩 8 个恢复码" in again) == (False, True)


def test_the_password_alone_no_longer_opens_the_door(office: Office) -> None:
    assert inside(office.browser()), "the control: before, it did"
    office.switch_on()
    office.time.move(minutes=1)
    client = office.browser()
    assert not inside(client)
    assert (office.bring(client, "123456"), inside(client)) == (401, False)
    assert (office.bring(client, office.code()), inside(client)) == (302, True)


def test_a_code_is_good_once_and_a_minute_long(office: Office) -> None:
    office.switch_on()
    first, second = office.browser(), office.browser()
    assert office.bring(first, office.code()) == 401, "the code that switched it on is used up"
    office.time.move(minutes=2)
    assert office.bring(first, office.code(seconds=61)) == 401
    assert office.bring(first, office.code(seconds=30)) == 302, "a clock may be 30 seconds off"
    assert office.bring(second, office.code(seconds=30)) == 401, "and nobody uses it again"


def test_a_recovery_code_works_once(office: Office) -> None:
    codes = office.switch_on()
    first, second = office.browser(), office.browser()
    assert (office.bring(first, f" {codes[0].upper()} "), office.bring(second, codes[0])) == (302, 401)
    assert office.bring(second, codes[1]) == 302
    account = queries.account_by_name("何静安")
    assert account is not None
    assert len(account.recovery) == 6
    assert not [code for code in codes if code in str(account.recovery)]


def test_codes_cannot_be_guessed_either(office: Office) -> None:
    office.switch_on()
    office.time.move(minutes=1)
    client = office.browser()
    assert [office.bring(client, "000000") for _ in range(4)] == [401] * 4
    assert office.bring(client, office.code()) == 429


def test_the_code_must_come_soon_and_from_the_same_browser(office: Office) -> None:
    office.switch_on()
    client, other = office.browser(), office.app.test_client()
    office.time.move(minutes=1)
    assert (office.bring(other, office.code()), inside(other)) == (302, False), "sent back to the password"
    office.time.move(minutes=5)
    assert (office.bring(client, office.code()), inside(client)) == (302, False)


def test_switching_it_off_wants_the_password_or_another_administrator(office: Office) -> None:
    client = office.browser()
    office.switch_on()
    assert client.post("/admin/me/totp", data={"password": "x"}).status_code == 422
    assert client.post("/admin/me/totp", data={"password": PASSWORD}).status_code == 303
    office.switch_on()
    make_account("second", role=Role.ADMIN, at=office.time.at)
    office.browser("second").post(f"/admin/accounts/{office.account.id}/totp/off")
    assert inside(office.browser())


def test_it_can_be_asked_of_everybody_who_manages_accounts(office: Office) -> None:
    make_account(at=office.time.at)
    admin, olga = office.browser(), office.browser("olga")
    office.app.config["REQUIRE_TOTP"] = True
    assert admin.get("/admin/").headers["Location"] == "/admin/me/totp"
    assert admin.get("/admin/me/totp").status_code == 200
    assert olga.get("/admin/").status_code == 200
    office.switch_on()
    assert admin.get("/admin/").status_code == 200


def test_the_rule_in_the_service(office: Office) -> None:
    with transaction(), pytest.raises(WrongCode):
        second_factor.switch_on(office.account, secret="", code="123456", at=office.time.at)


OFFICES = {
    Role.SYSTEM_ADMIN: "accounts.reset",
    Role.SECURITY_ADMIN: "accounts.grant",
    Role.AUDITOR: "audit.index",
}


@pytest.mark.parametrize("separate", [False, True])
def test_each_office_has_its_own_door(separate: bool) -> None:
    for role, endpoint in OFFICES.items():
        roles = allowed(endpoint, separate=separate)
        assert roles == ({role} if separate else {role, Role.ADMIN})


def test_when_kept_apart_no_role_reaches_two_offices() -> None:
    for role in Role:
        reached = [one for one in OFFICES.values() if role in (allowed(one, separate=True) or ())]
        assert len(reached) <= 1, role
    together = [one for one in OFFICES.values() if Role.ADMIN in (allowed(one, separate=False) or ())]
    assert len(together) == 3, "the control: without it an administrator does all three"


def test_nothing_else_changes_for_the_administrator_who_runs_exams() -> None:
    for endpoint, roles in ACCESS.items():
        if roles not in (ANYONE, CANDIDATE) and Role.ORGANISER in roles:
            assert allowed(endpoint, separate=True) == roles


class Three:
    """三员 switched on, with one account for each office and an organiser."""

    def __init__(self, app: Flask, time: Any) -> None:
        app.config["SEPARATE_DUTIES"] = True
        self.app = app
        for role in (*OFFICES, Role.ADMIN, Role.ORGANISER):
            make_account(role.value, role=role, at=time.at)

    def browser(self, role: Role) -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": role.value, "password": PASSWORD})
        return client

    def account(self, name: str) -> Account:
        found = queries.account_by_name(name)
        assert found is not None
        return found


@pytest.fixture
def three(app: Flask, time: Any) -> Three:
    return Three(app, time)


def test_each_begins_at_the_own_page(three: Three) -> None:
    for role, path in (
        (Role.SYSTEM_ADMIN, "/admin/accounts/"),
        (Role.SECURITY_ADMIN, "/admin/accounts/"),
        (Role.AUDITOR, "/admin/audit/"),
        (Role.ADMIN, "/admin/"),
    ):
        client = three.app.test_client()
        given = {"name": role.value, "password": PASSWORD}
        assert client.post("/admin/sign-in?next=/admin/", data=given).headers["Location"] == path
        assert client.get(path).status_code == 200


def test_one_makes_the_account_and_another_says_what_it_may_do(three: Three) -> None:
    system, security = three.browser(Role.SYSTEM_ADMIN), three.browser(Role.SECURITY_ADMIN)
    assert security.get("/admin/accounts/new").status_code == 403
    done = system.post("/admin/accounts/new", data={"name": "新来的", "role": "auditor"})
    assert (done.status_code, three.account("新来的").role) == (200, "none")
    address = f"/admin/accounts/{three.account('新来的').id}"
    given = {"role": "organiser", "unit": 0}
    assert system.post(f"{address}/role", data=given).status_code == 403
    assert security.post(f"{address}/role", data=given).status_code == 303
    db.session.rollback()
    assert three.account("新来的").role == "organiser"


def test_whoever_makes_accounts_cannot_become_another_office(three: Three) -> None:
    """A reset password is somebody else's account: the other two are changed at the server only."""
    system = three.browser(Role.SYSTEM_ADMIN)
    organiser = three.account("organiser").id
    assert system.post(f"/admin/accounts/{organiser}/reset").status_code == 200, "the control"
    for name in ("security-admin", "auditor"):
        address = f"/admin/accounts/{three.account(name).id}"
        for deed in ("reset", "active", "totp/off"):
            assert system.post(f"{address}/{deed}").status_code == 403


def test_the_last_of_an_office_stays_and_nobody_grants_himself(three: Three) -> None:
    security = three.browser(Role.SECURITY_ADMIN)
    given = {"role": "organiser", "unit": 0}
    for name in ("auditor", "security-admin"):
        assert security.post(f"/admin/accounts/{three.account(name).id}/role", data=given).status_code == 422
    assert three.account("auditor").role == "auditor"


def test_a_stolen_database_is_no_second_factor(office: Office) -> None:
    codes = office.switch_on()
    kept = office.account.totp_secret
    assert office.secret not in str(kept)
    assert second_factor.seal(office.secret) != kept, "and the same secret is never sealed alike"
    office.time.move(minutes=1)
    office.app.config["SECRET_KEY"] = "another"
    client = office.browser()
    assert office.bring(client, office.code()) == 401, "with another key nothing is known of the secret"
    assert office.bring(client, codes[0]) == 302, "a recovery code still opens"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_secrets_from_before_are_sealed_by_the_migration(office: Office) -> None:
    office.switch_on()
    db.session.commit()
    flask_migrate.downgrade(revision="e5f92a6b0c17-1")
    stored = sql("SELECT totp_secret FROM account WHERE totp_secret IS NOT NULL")
    with db.engine.connect() as connection:
        assert connection.execute(stored).scalar() == office.secret
    flask_migrate.upgrade()
    office.time.move(minutes=1)
    db.session.expire_all()
    assert office.bring(office.browser(), office.code()) == 302
