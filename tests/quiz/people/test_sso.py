"""统一身份认证: signing in at the desk by an OpenID provider, a real one on loopback."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import oidc_provider
import pyotp
import pytest
from factories import PASSWORD, make_account
from flask import Flask
from flask.testing import FlaskClient
from oidc_provider import CLIENT, SECRET, Provider
from sqlalchemy import select

from quiz import config, doctor
from quiz.access import Role
from quiz.audit.models import Deed
from quiz.errors import RuleBroken
from quiz.extensions import db, transaction
from quiz.memory import Memory
from quiz.people import second_factor, sso
from quiz.people.models import Account

BACK = "http://localhost/admin/sign-in/sso/back"


@pytest.fixture(scope="module")
def shared_provider() -> Iterator[Provider]:
    with oidc_provider.running() as found:
        yield found


@pytest.fixture
def provider(shared_provider: Provider, time: Any) -> Provider:
    found = shared_provider
    found.claims = {"sub": "u-1", "preferred_username": "olga.li"}
    found.at, found.change, found.sign_with = time.at, {}, "key"
    return found


def settings_of(provider: Provider, **more: str) -> dict[str, str]:
    same = {"issuer": provider.issuer, "client": CLIENT, "secret": SECRET, "name": "统一身份认证"}
    return same | {"claim": "preferred_username"} | more


@pytest.fixture
def bare() -> Iterator[Flask]:
    """No database: only what asking the provider needs."""
    app = Flask("bare")
    app.extensions["mingshi_memory"] = Memory()
    with app.app_context():
        yield app


def journey(provider: Provider, time: Any, **oidc: str) -> sso.Known:
    """There and back."""
    found = settings_of(provider, **oidc)
    address, left = sso.begin(found, back=BACK)
    code = provider.approve(address).partition("code=")[2].partition("&")[0]
    return sso.finish(found, left, code=code, back=BACK, at=time.at)


def test_whom_the_provider_names(bare: Flask, provider: Provider, time: Any) -> None:
    assert journey(provider, time) == (provider.issuer, "u-1", "olga.li")


Spoil = Callable[[Provider, Any], Any]


def soon(provider: Provider, time: Any, seconds: int) -> int:
    return int(time.at.timestamp()) + seconds


@pytest.mark.parametrize(
    ("spoil", "signed"),
    [
        (lambda p, t: {"nonce": "another"}, "key"),
        (lambda p, t: {"nonce": None}, "key"),
        (lambda p, t: {"aud": "another"}, "key"),
        (lambda p, t: {"aud": "another", "azp": CLIENT}, "key"),
        (lambda p, t: {"aud": None}, "key"),
        (lambda p, t: {"iss": "https://another.example"}, "key"),
        (lambda p, t: {"iss": None}, "key"),
        (lambda p, t: {"exp": soon(p, t, -61)}, "key"),
        (lambda p, t: {"exp": None}, "key"),
        (lambda p, t: {"nbf": soon(p, t, 120)}, "key"),
        (lambda p, t: {"sub": None}, "key"),
        (lambda p, t: {"sub": ""}, "key"),
        (lambda p, t: {"preferred_username": None}, "key"),
        (lambda p, t: {"preferred_username": ["olga.li"]}, "key"),
        (lambda p, t: {}, "other"),
        (lambda p, t: {}, "none"),
        (lambda p, t: {}, "the public key as a secret"),
    ],
)
def test_what_proves_nothing(bare: Flask, provider: Provider, time: Any, spoil: Spoil, signed: str) -> None:
    provider.change, provider.sign_with = spoil(provider, time), signed
    with pytest.raises(RuleBroken) as refusal:
        journey(provider, time)
    assert refusal.value.code == "sso-refused"


def test_an_address_nobody_verified_names_nobody(bare: Flask, provider: Provider, time: Any) -> None:
    provider.claims |= {"email": "olga@example.com"}
    with pytest.raises(RuleBroken, match="核实"):
        journey(provider, time, claim="email")
    provider.claims |= {"email_verified": True}
    assert journey(provider, time, claim="email").name == "olga@example.com"


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://another.example/token"},
        {"jwks_uri": "http://10.0.0.1/keys"},
    ],
)
def test_a_provider_that_names_others_is_not_asked(
    bare: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch, change: dict[str, str]
) -> None:
    path = "/.well-known/openid-configuration"
    monkeypatch.setitem(provider.documents, path, provider.documents[path] | change)
    with pytest.raises(RuleBroken) as refusal:
        sso.begin(settings_of(provider), back=BACK)
    assert refusal.value.code == "sso-unreachable"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MINGSHI_OIDC_ISSUER": "http://sso.example.gov.cn"}, "https"),
        ({"MINGSHI_OIDC_ISSUER": "https://a@sso.example.gov.cn"}, "https"),
        ({"MINGSHI_OIDC_ISSUER": "https://sso.example.gov.cn"}, "CLIENT_ID"),
    ],
)
def test_bad_settings(tmp_path: Any, given: dict[str, str], said: str) -> None:
    with pytest.raises(config.BadSetting, match=said):
        config.load(given, data=tmp_path)


def test_settings(tmp_path: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("S\n")
    given = {"ISSUER": "https://sso.example.gov.cn/", "CLIENT_ID": "m", "CLIENT_SECRET_FILE": str(file)}
    found = config.load({f"MINGSHI_OIDC_{name}": value for name, value in given.items()}, data=tmp_path)
    assert (found["OIDC"]["issuer"], found["OIDC"]["secret"]) == ("https://sso.example.gov.cn/", "S")
    assert config.load({}, data=tmp_path)["OIDC"] == {}


def test_the_libraries_are_not_even_imported_where_it_is_not_configured() -> None:
    asked = "import quiz.cli, sys; sys.exit(bool({'authlib', 'joserfc', 'requests'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


class Desk:
    """An administrator, the organiser olga who is olga.li over there, and a browser of hers."""

    def __init__(self, app: Flask, provider: Provider, time: Any) -> None:
        self.app, self.provider, self.time = app, provider, time
        app.config["OIDC"] = settings_of(provider)
        self.admin = make_account("安澜", role=Role.ADMIN, at=time.at)
        self.olga = make_account(at=time.at)
        self.client = app.test_client()

    def name(self, name: str) -> int:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": "安澜", "password": PASSWORD})
        return int(client.post(f"/admin/accounts/{self.olga.id}/sso", data={"name": name}).status_code)

    def leave(self, client: FlaskClient | None = None, then: str = "") -> str:
        """To the provider and through it; returns where the browser is sent back to."""
        self.provider.at = self.time.at
        gone = (client or self.client).get("/admin/sign-in/sso/", query_string={"next": then})
        found = urlsplit(self.provider.approve(gone.headers["Location"]))
        return f"{found.path}?{found.query}"

    def come(self, then: str = "") -> tuple[int, str]:
        reply = self.client.get(self.leave(then=then))
        return reply.status_code, reply.headers.get("Location") or reply.get_data(as_text=True)

    def inside(self) -> bool:
        return self.client.get("/admin/me/").status_code == 200

    def deeds(self, what: str) -> list[Deed]:
        return list(db.session.scalars(select(Deed).where(Deed.what == what)))


@pytest.fixture
def desk(app: Flask, provider: Provider, time: Any) -> Desk:
    return Desk(app, provider, time)


def test_in_by_the_name_an_administrator_entered_and_known_by_the_subject_from_then_on(desk: Desk) -> None:
    status, said = desk.come()
    assert (status, "“olga.li”在明试里还没有账号" in said, desk.inside()) == (401, True, False)
    assert desk.name(" olga.li ") == 303
    assert desk.come(then="/admin/exams/")[1] == "/admin/exams/"
    assert desk.inside()
    assert desk.deeds("account.sso_linked")[0].subject == "account:olga"
    assert desk.deeds("account.sign_in")[-1].subject == "account:olga"
    # A new name over there is the same person; the old name given to somebody else is not.
    desk.client = desk.app.test_client()
    desk.provider.claims = {"sub": "u-1", "preferred_username": "olga.wang"}
    assert desk.come()[0] == 302
    desk.client = desk.app.test_client()
    desk.provider.claims = {"sub": "u-2", "preferred_username": "olga.li"}
    status, said = desk.come()
    assert (status, "已经不是原来那个人" in said, desk.inside()) == (401, True, False)
    assert desk.name("olga.li") == 303, "entering it again forgets who had it"
    assert desk.come()[0] == 302


def test_nobody_is_sent_to_another_place(desk: Desk) -> None:
    desk.name("olga.li")
    assert desk.come(then="https://another.example/admin/")[1] == "/admin/"


def test_an_answer_is_good_once_and_for_the_browser_that_left(desk: Desk) -> None:
    desk.name("olga.li")
    back = desk.leave()
    assert desk.app.test_client().get(back).status_code == 401, "another browser's state"
    kept = desk.client.get_cookie("mingshi_desk")
    assert kept is not None
    assert desk.client.get(back.replace("state=", "state=x")).status_code == 401
    back = desk.leave()
    kept = desk.client.get_cookie("mingshi_desk")
    assert kept is not None
    assert desk.client.get(back).status_code == 302
    assert desk.client.get(back).status_code == 401, "once"
    stolen = desk.app.test_client()
    stolen.set_cookie("mingshi_desk", kept.value)
    assert stolen.get(back).status_code == 401, "even with the session from before: the code is used up"
    back = desk.leave()
    desk.time.move(minutes=11)
    assert desk.client.get(back).status_code == 401


def test_retired_locked_and_a_second_factor_as_after_a_password(desk: Desk) -> None:
    desk.name("olga.li")
    secret = pyotp.random_base32()
    with transaction():
        code = pyotp.TOTP(secret).at(desk.time.at)
        second_factor.switch_on(db.session.merge(desk.olga), secret=secret, code=code, at=desk.time.at)
    assert desk.come()[1].startswith("/admin/sign-in/code")
    assert not desk.inside()
    desk.time.move(seconds=60)
    given = {"code": pyotp.TOTP(secret).at(desk.time.at)}
    assert desk.client.post("/admin/sign-in/code", data=given).status_code == 302
    assert desk.inside()
    guesser = desk.app.test_client()
    for _ in range(5):
        guesser.post("/admin/sign-in", data={"name": "olga", "password": "x"})
    desk.client = desk.app.test_client()
    assert desk.come()[0] == 429
    desk.time.move(minutes=31)
    with transaction():
        db.session.get(Account, desk.olga.id).active = False
    status, said = desk.come()
    assert (status, "已停用" in said) == (401, True)
    assert desk.deeds("account.refused")[-1].subject == "account:olga"


def test_a_provider_that_is_away_leaves_the_password(desk: Desk) -> None:
    assert "统一身份认证登录" in desk.client.get("/admin/sign-in").get_data(as_text=True)
    desk.app.config["OIDC"] = settings_of(desk.provider, issuer="http://127.0.0.1:9")
    reply = desk.client.get("/admin/sign-in/sso/")
    assert (reply.status_code, "请用账号和密码登录" in reply.get_data(as_text=True)) == (503, True)
    found = {one.name: one.state for one in doctor.examine(at=desk.time.at)}
    assert found["sso"] == "warning"
    desk.app.config["OIDC"] = settings_of(desk.provider)
    assert {one.name: one.state for one in doctor.examine(at=desk.time.at)}["sso"] == "good"
    desk.app.config["OIDC"] = {}
    assert desk.client.get("/admin/sign-in/sso/").status_code == 404
    assert "统一身份认证" not in desk.client.get("/admin/sign-in").get_data(as_text=True)


def test_two_accounts_cannot_wait_for_one_name(desk: Desk) -> None:
    assert desk.name("olga.li") == 303
    desk.olga = desk.admin
    assert desk.name("olga.li") == 409
