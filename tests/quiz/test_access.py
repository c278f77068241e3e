"""Every route against every kind of caller: the role table holds, and no request of any shape fails."""

from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from quiz.access import ACCESS, ANYONE, CANDIDATE, DESK

VALUES = {"code": "", "position": 1, "filename": "css/base.css", "which": "problems", "tab": "problems"}


class County:
    """A county with one exam, an account, and a person with a submitted sitting."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app = app
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.person = make_person(unit=make_unit())
        make_account(at=time.now())

    def nobody(self) -> FlaskClient:
        return self.app.test_client()

    def cadre(self) -> FlaskClient:
        phone = Phone(self.app.test_client(), self.exam, self.person)
        phone.client.environ_base["HTTP_X_CSRF_TOKEN"] = phone.csrf
        phone.start()
        return phone.client

    def organiser(self) -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        return client

    def url(self, rule: Rule) -> str:
        values = {name: VALUES.get(name, 1) for name in rule.arguments} | {"code": self.exam.code}
        with self.app.test_request_context():
            adapter = self.app.create_url_adapter(None) or self.app.url_map.bind("localhost")
            return adapter.build(rule.endpoint, {k: v for k, v in values.items() if k in rule.arguments})


@pytest.fixture
def county(app: Flask, time: Any) -> County:
    return County(app, time)


def routes(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def test_the_table_names_every_endpoint_and_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


@pytest.mark.parametrize("who", ["nobody", "cadre", "organiser"])
def test_only_those_in_the_table_get_in(county: County, who: str) -> None:
    for rule, method in routes(county.app):
        client = getattr(county, who)()
        reply = client.open(county.url(rule), method=method, json={} if "/api/" in rule.rule else None)
        allowed = ACCESS[rule.endpoint]
        case = f"{who} {method} {rule.rule} → {reply.status_code}"
        assert reply.status_code < 500, case
        if allowed is DESK and who != "organiser":
            turned_away = reply.status_code == 302 and "/admin/sign-in" in reply.headers["Location"]
            assert turned_away if method == "GET" else reply.status_code == 401, case
        elif allowed is CANDIDATE and who != "cadre":
            assert reply.status_code in (401, 404), case
        elif allowed is ANYONE:
            assert reply.status_code not in (401, 403) or rule.endpoint in MAY_REFUSE, case
        reply.close()


#: Open to anyone, and refusing for a reason of their own: wrong identity, not a contest, ranking kept inside.
MAY_REFUSE = {"people.sign_in", "sitting_api.sign_in", "sitting_api.join", "standing_api.persons"}


@pytest.mark.parametrize(
    "path",
    [
        "/s/99999999999999999999999",
        "/s/9223372036854775808",
        "/s/١",
        "/s/-1",
        "/e/%00",
        "/e/" + "A" * 5000,
        "/e/%F0%9F%98%80",
        "/e/'; DROP TABLE exam; --",
        "/board/%2e%2e%2f",
        "/api/v1/sittings/9223372036854775808",
        "/api/v1/exams/NONE",
        "/api/v1/exams/%00",
        "/admin/questions/banks/99999999999999999999",
        "/static/../config.py",
        "/nothing/here",
    ],
)
def test_strange_addresses_are_answered_calmly(county: County, path: str) -> None:
    for client in (county.nobody(), county.cadre(), county.organiser()):
        reply = client.get(path)
        assert reply.status_code in (302, 308, 400, 401, 404), f"{path} → {reply.status_code}"
        reply.close()


@pytest.mark.parametrize("page", ["-5", "0", "1_000", "1e3", "9" * 30, "１", "١", "", "x"])
def test_strange_page_numbers_are_answered_calmly(county: County, page: str) -> None:
    client = county.organiser()
    for rule, method in routes(county.app):
        if method == "GET" and ACCESS[rule.endpoint] is DESK:
            reply = client.get(county.url(rule), query_string={"page": page, "limit": page, "offset": page})
            assert reply.status_code < 500, f"{rule.rule} page={page}"
            reply.close()
