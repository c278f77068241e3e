"""Accounts at the desk: passwords, the lock, sign-ins that end at once, and who may change whom."""

from datetime import timedelta
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_unit
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from quiz.access import Role
from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.people import accounts, passwords, queries, rules
from quiz.people.models import Account, Lockout, SignIn

OTHER = "凤凰-Feng-26"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab-1234", "至少 8 位"),
        ("abcd1234", "三种"),
        ("Aa1!Aa1!", "不同的字符太少"),
        ("Admin@123", "太常见"),
        ("P@ssw0rd!", "太常见"),
        ("Aa123456!", "太常见"),
        ("何静安-Hja26", "账号名"),
        ("13812345678-Ab", "手机号码"),
        ("xinfangju@2026", "太常见"),
    ],
)
def test_weak_passwords(password: str, said: str) -> None:
    with pytest.raises(passwords.WeakPassword, match=said):
        passwords.check(password, name="何静安")


@pytest.mark.parametrize("password", ["anlan-2026", PASSWORD, "correct horse battery", "Ts7-kkq2w"])
def test_good_passwords(password: str) -> None:
    passwords.check(password, name="何静安")


def test_first_passwords_are_good_and_never_the_same() -> None:
    made = {passwords.first() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check(password, name="何静安")


@pytest.mark.parametrize(("failures", "minutes"), [(4, None), (5, 5), (6, 10), (7, 20), (8, 30), (40, 30)])
def test_how_long_the_lock_lasts(time: Any, failures: int, minutes: int | None) -> None:
    until = rules.locked_until(failures, at=time.at)
    assert until == (None if minutes is None else time.at + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Chrome/119.0 Safari/537.36", "Windows，Chrome"),
        ("Mozilla/5.0 (Linux; Android 13; …) Chrome/107 MicroMessenger/8.0", "Android，微信"),
        ("curl/8.0", "未知设备"),
    ],
)
def test_a_device_in_words(agent: str, words: str) -> None:
    assert rules.device_words(agent) == words


class Desk:
    """An administrator 安澜 and an organiser olga, each with a browser of their own."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.admin = make_account("安澜", role=Role.ADMIN, at=time.at)
        self.olga = make_account(at=time.at)

    def browser(self, name: str = "olga", password: str = PASSWORD) -> FlaskClient:
        client = self.app.test_client()
        self.sign_in(client, name, password)
        return client

    def sign_in(self, client: FlaskClient, name: str = "olga", password: str = PASSWORD) -> int:
        done = client.post("/admin/sign-in", data={"name": name, "password": password})
        return int(done.status_code)

    def deeds(self, what: str) -> list[Deed]:
        return list(db.session.scalars(select(Deed).where(Deed.what == what).order_by(Deed.id)))


@pytest.fixture
def desk(app: Flask, time: Any) -> Desk:
    return Desk(app, time)


def inside(client: FlaskClient) -> bool:
    return client.get("/admin/me/").status_code == 200


def text(reply: Any) -> str:
    return str(reply.get_data(as_text=True))


def test_five_wrong_tries_lock_the_account_for_a_while_and_nobody_else(desk: Desk) -> None:
    guesser = desk.app.test_client()
    assert [desk.sign_in(guesser, password="x") for _ in range(5)] == [401] * 5
    assert desk.sign_in(guesser) == 429, "now even the right one is not looked at"
    assert "5 分钟" in text(guesser.post("/admin/sign-in", data={"name": "olga", "password": "x"}))
    assert desk.sign_in(guesser, "安澜") == 302, "the next desk of the same address is not touched"
    desk.time.move(minutes=5, seconds=1)
    assert desk.sign_in(desk.app.test_client()) == 302
    assert db.session.scalars(select(Lockout)).all() == []


def test_an_account_that_does_not_exist_answers_the_same(desk: Desk) -> None:
    def tries(name: str) -> list[tuple[int, str]]:
        client = desk.app.test_client()
        answers = (client.post("/admin/sign-in", data={"name": name, "password": "x"}) for _ in range(7))
        return [(reply.status_code, text(reply).replace(name, "")) for reply in answers]

    assert tries("olga") == tries("nobody")


def test_somebody_else_s_wrong_tries_do_not_lock_out_the_browser_one_knows(desk: Desk) -> None:
    own, guesser = desk.browser(), desk.app.test_client()
    own.post("/admin/sign-out")
    for _ in range(6):
        desk.sign_in(guesser, password="x")
    assert (desk.sign_in(guesser), desk.sign_in(own)) == (429, 302)
    own.post("/admin/sign-out")
    assert [desk.sign_in(own, password="x") for _ in range(6)] == [401] * 5 + [429], "but it has its own lock"


def test_an_administrator_unlocks(desk: Desk) -> None:
    for _ in range(5):
        desk.sign_in(desk.app.test_client(), password="x")
    admin = desk.browser("安澜")
    assert "已锁定" in text(admin.get("/admin/accounts/"))
    assert "马上解锁" in text(admin.get(f"/admin/accounts/{desk.olga.id}"))
    admin.post(f"/admin/accounts/{desk.olga.id}/unlock")
    assert desk.sign_in(desk.app.test_client()) == 302


def test_the_ledger_knows_who_came_in_and_who_did_not(desk: Desk) -> None:
    desk.sign_in(desk.app.test_client(), password="geheim")
    desk.sign_in(desk.app.test_client(), "geheim", "x")
    desk.browser()
    assert [deed.subject for deed in desk.deeds("account.refused")] == ["account:olga"]
    assert [deed.detail for deed in desk.deeds("account.sign_in")] == [{"address": "127.0.0.1"}]
    kept = db.session.scalars(select(Deed)).all()
    assert not [deed for deed in kept if "geheim" in f"{deed.who}{deed.subject}{deed.detail}"]


def test_a_cookie_kept_from_before_signing_out_opens_nothing(desk: Desk) -> None:
    client, thief = desk.browser(), desk.app.test_client()
    cookie = client.get_cookie("mingshi_desk")
    assert cookie is not None
    thief.set_cookie("mingshi_desk", cookie.value)
    assert inside(thief), "the control: while it lasts the copy works"
    client.post("/admin/sign-out")
    assert not inside(thief)


def test_one_s_own_page_lists_the_sign_ins_and_ends_them(desk: Desk) -> None:
    here, there, third = desk.browser(), desk.browser(), desk.browser()
    page = text(here.get("/admin/me/"))
    assert (page.count("最近使用"), page.count("这一处")) == (3, 1)
    number = db.session.scalars(select(SignIn.id).order_by(SignIn.id)).all()[1]
    assert here.post(f"/admin/me/sign-ins/{number}/end").status_code == 303
    assert (inside(here), inside(there), inside(third)) == (True, False, True)
    here.post("/admin/me/sign-ins/end-others")
    assert (inside(here), inside(third)) == (True, False)


def test_nobody_ends_another_s_sign_in_by_its_number(desk: Desk) -> None:
    admin, olga = desk.browser("安澜"), desk.browser()
    assert olga.post("/admin/me/sign-ins/1/end").status_code == 404
    assert inside(admin)


def test_an_idle_sign_in_and_an_old_one_end(desk: Desk) -> None:
    desk.app.config["IDLE_MINUTES"] = 60
    client = desk.browser()
    for _ in range(3):
        desk.time.move(minutes=59)
        assert inside(client), "each use counts"
    desk.time.move(minutes=61)
    assert not inside(client)
    lasts = {"created_at": desk.time.at, "idle": timedelta(hours=1)}
    week = desk.time.at + timedelta(days=7)
    assert rules.sign_in_lasts(**lasts, seen_at=week, at=week)
    assert not rules.sign_in_lasts(**lasts, seen_at=week, at=week + timedelta(minutes=1))


def test_changing_the_password_ends_every_other_sign_in(desk: Desk) -> None:
    here, there = desk.browser(), desk.browser()
    form = {"old": PASSWORD, "new": OTHER, "again": OTHER}
    assert here.post("/admin/me/password", data=form | {"old": "x"}).status_code == 422
    assert here.post("/admin/me/password", data=form | {"again": "y"}).status_code == 422
    assert here.post("/admin/me/password", data=form | {"new": "abc", "again": "abc"}).status_code == 422
    assert here.post("/admin/me/password", data=form).status_code == 303
    assert (inside(here), inside(there)) == (True, False)
    assert (desk.sign_in(there), desk.sign_in(there, password=OTHER)) == (401, 302)


def make_new(desk: Desk, **form: Any) -> str:
    """A new account through the page; its first password."""
    done = desk.browser("安澜").post(
        "/admin/accounts/new", data={"name": "新来的", "role": "organiser"} | form
    )
    assert done.status_code == 200, text(done)
    return text(done).partition("<code>")[2].partition("</code>")[0]


def test_a_first_password_must_be_changed_before_anything_else(desk: Desk) -> None:
    first = make_new(desk)
    client = desk.browser("新来的", first)
    for path in ("/admin/", "/admin/me/", "/admin/roster/"):
        assert client.get(path).headers["Location"] == "/admin/me/password"
    form = {"old": first, "new": OTHER, "again": OTHER}
    assert client.post("/admin/me/password", data=form).status_code == 303
    assert client.get("/admin/").status_code == 200
    assert first not in str([deed.detail for deed in db.session.scalars(select(Deed))])


def test_a_first_password_is_good_for_a_week(desk: Desk) -> None:
    first = make_new(desk)
    desk.time.move(days=7, seconds=1)
    assert "已过期" in text(
        desk.app.test_client().post("/admin/sign-in", data={"name": "新来的", "password": first})
    )


def test_a_new_unit_manager_needs_a_unit(desk: Desk) -> None:
    unit, admin = make_unit(), desk.browser("安澜")
    form = {"name": "新来的", "role": "unit-manager"}
    assert admin.post("/admin/accounts/new", data=form | {"unit": 0}).status_code == 422
    assert admin.post("/admin/accounts/new", data=form | {"unit": unit.id}).status_code == 200
    assert admin.post("/admin/accounts/new", data=form | {"unit": unit.id}).status_code == 422, "taken"
    found = queries.account_by_name("新来的")
    assert found is not None
    assert (found.unit_id, found.must_change) == (unit.id, True)


def change(desk: Desk, account: Account, deed: str, *, by: str = "安澜", **form: Any) -> int:
    path = f"/admin/accounts/{account.id}/{deed}"
    return int(desk.browser(by).post(path, data={"unit": 0} | form).status_code)


def test_a_change_of_role_counts_from_the_next_click(desk: Desk) -> None:
    olga = desk.browser()
    assert olga.get("/admin/questions/").status_code == 200
    assert change(desk, desk.olga, "role", role="supervisor") == 303
    assert olga.get("/admin/questions/").status_code == 403
    deed = desk.deeds("account.edit")[0]
    assert deed.detail == {"before": ["组织者", ""], "after": ["督导", ""]}


def test_a_retired_account_is_out_at_once_and_stays_out(desk: Desk) -> None:
    olga = desk.browser()
    assert change(desk, desk.olga, "active") == 303
    assert not inside(olga)
    assert desk.sign_in(desk.app.test_client()) == 401
    assert change(desk, desk.olga, "active", active="y") == 303
    assert desk.sign_in(desk.app.test_client()) == 302


def test_the_last_administrator_stays_and_nobody_changes_himself(desk: Desk) -> None:
    assert change(desk, desk.admin, "role", role="organiser") == 422, "one's own"
    second = make_account("second", role=Role.ADMIN, at=desk.time.at)
    assert change(desk, desk.admin, "role", by="second", role="organiser") == 303
    with transaction(), pytest.raises(rules.LastOfItsKind):
        accounts.set_active(second, active=False, separate=False, at=desk.time.at, by=desk.olga)
    assert desk.browser("second").post(f"/admin/accounts/{second.id}/reset").status_code == 409


def test_a_new_first_password_ends_the_sign_ins_and_the_lock(desk: Desk) -> None:
    olga = desk.browser()
    for _ in range(5):
        desk.sign_in(desk.app.test_client(), password="x")
    page = text(desk.browser("安澜").post(f"/admin/accounts/{desk.olga.id}/reset"))
    first = page.partition("<code>")[2].partition("</code>")[0]
    assert not inside(olga)
    fresh = desk.app.test_client()
    assert (desk.sign_in(fresh, password=first), fresh.get("/admin/").status_code) == (302, 303)


def test_the_administrator_ends_all_sign_ins_of_somebody(desk: Desk) -> None:
    first, second, admin = desk.browser(), desk.browser(), desk.browser("安澜")
    admin.post(f"/admin/accounts/{desk.olga.id}/sign-ins/end")
    assert (inside(first), inside(second), inside(admin)) == (False, False, True)


def test_a_token_of_nonsense_is_nobody(desk: Desk) -> None:
    for token in ("", "1", "1.x", "x.1", "１.x", "9" * 30 + ".x"):
        assert accounts.signed_in(token, at=desk.time.at, idle=timedelta(hours=1)) is None
