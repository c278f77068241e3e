"""Whether somebody exists cannot be told by time (promises D11): all who are refused cost the same work.

Work is counted, not timed: what takes long is hashing, and what waits for the disk is writing.
"""

from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import event

from quiz.extensions import db, transaction
from quiz.people import services
from quiz.people.services import hash_passcode

#: The real one: the suite hashes in a hurry otherwise, but not for nobody.
HASHER = services._hasher


class Work:
    """What one request hashed (with which parameters) and which statements it ran."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.hashed, self.ran = app, [], []
        real = PasswordHasher.verify

        def verify(own: PasswordHasher, hashed: str, secret: str) -> bool:
            self.hashed.append(extract_parameters(hashed))
            return real(own, hashed, secret)

        monkeypatch.setattr(services, "_hasher", HASHER)
        monkeypatch.setattr(PasswordHasher, "verify", verify)
        event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        self.ran.append("read" if statement.startswith(("SELECT", "BEGIN")) else "write")

    def of(self, address: str, **sent: Any) -> tuple[int, str, list[Any], list[str]]:
        self.hashed, self.ran = [], []
        reply = self.app.test_client().post(address, **sent)
        return reply.status_code, reply.get_data(as_text=True), self.hashed, self.ran


@pytest.fixture
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(app, monkeypatch)


def test_at_the_desk(work: Work, time: Any) -> None:
    make_account(at=time.at)
    gone = make_account("gone", at=time.at)
    with transaction():
        gone.active = False

    def tried(name: str, password: str) -> Any:
        status, page, hashed, ran = work.of("/admin/sign-in", data={"name": name, "password": password})
        return status, page.replace(name, ""), hashed, ran.count("write")

    known = tried("olga", "x")
    assert known[0] == 401
    assert (len(known[2]), known[3]) == (1, 3), "the control: something is counted"
    assert tried("nobody", "x") == tried("gone", PASSWORD) == known


def test_a_candidate_by_number_and_by_name_and_phone(work: Work, time: Any) -> None:
    exam = make_exam(make_bank(at=time.at), at=time.at)
    make_person(unit=make_unit(), number="AL0001", passcode_hash=hash_passcode("1", number="AL0001"))
    make_person("闻人近", unit=make_unit("石门乡"), phone="13800000002", number="AL0002")

    def tried(**given: str) -> Any:
        return work.of("/api/v1/sign-in", json={"exam": exam.code} | given)

    wrong = tried(number="AL0001", passcode="2")
    assert (wrong[0], len(wrong[2])) == (401, 1)
    assert tried(number="AL9999", passcode="2") == tried(number="AL0002", passcode="2") == wrong
    other = tried(name="安好", phone="13800000001")
    assert (other[0], other[2], len(other[3]) > 0) == (401, [], True)
    assert tried(name="安好", phone="13800000009") == other


def test_the_control_would_see_a_short_cut(work: Work, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a hash to verify against, an unknown name would be refused without hashing."""
    real: Callable[..., bool] = services.matches
    skipping = lambda hashed, secret: hashed is not services.NOBODY and real(hashed, secret)  # noqa: E731
    monkeypatch.setattr("quiz.people.accounts.matches", skipping)
    make_account(at=time.at)
    sent = [{"name": name, "password": "x"} for name in ("olga", "nobody")]
    assert [len(work.of("/admin/sign-in", data=data)[2]) for data in sent] == [1, 0]
