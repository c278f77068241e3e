"""The seals over the ledger: what is changed, removed or put in behind its back is found."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text as sql

from quiz.audit import chain
from quiz.audit.models import Deed
from quiz.audit.services import record
from quiz.extensions import db, saver, transaction


@pytest.fixture
def ledger(app: Flask, time: Any) -> Any:
    def write(*subjects: str) -> None:
        with transaction():
            for subject in subjects:
                record(who="何静安", what="exam.create", subject=subject, at=time.at, title="一", rows=1.5)

    return write


def behind_its_back(*statements: str) -> None:
    """What whoever owns the database can do: without the triggers."""
    if db.engine.dialect.name == "sqlite":
        off = [
            f"DROP TRIGGER {table}_keeps_{when}"
            for table in ("deed", "seal")
            for when in ("UPDATE", "DELETE")
        ]
    else:
        off = [f"DROP TRIGGER IF EXISTS {table}_keeps ON {table}" for table in ("deed", "seal")]
    with transaction():
        for statement in [*off, *statements]:
            db.session.execute(sql(statement))


def test_sealed_once_in_order_and_found_whole(ledger: Any, time: Any) -> None:
    assert chain.seal(at=time.at) == 0
    ledger("a", "b")
    assert chain.seal(at=time.at) == 2
    ledger("c")
    assert (chain.seal(at=time.at), chain.seal(at=time.at)) == (1, 0)
    ledger("d")
    found = chain.verify()
    assert (found.seals, found.deeds, found.unsealed, found.good) == (2, 3, 1, True)
    assert chain.verify(known=found.head[:12]).good
    assert not chain.verify(known="ffff").good


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("UPDATE deed SET who = '别人' WHERE subject = 'a'", "被改过"),
        ("UPDATE deed SET at = at - 1 WHERE subject = 'b'", "被改过"),
        ('UPDATE deed SET detail = \'{"title": "二", "rows": 1.5}\' WHERE subject = \'c\'', "被改过"),
        ("DELETE FROM deed WHERE subject = 'b'", "有人删过"),
        ("DELETE FROM deed WHERE subject = 'c'", "有人删过"),
        ("DELETE FROM seal WHERE previous = ''", "被改过"),
        ("UPDATE seal SET deeds = '[1]' WHERE previous = ''", "被改过"),
    ],
)
def test_what_was_done_behind_its_back_is_found(ledger: Any, time: Any, done: str, said: str) -> None:
    ledger("a", "b")
    chain.seal(at=time.at)
    ledger("c")
    chain.seal(at=time.at)
    assert chain.verify().good
    behind_its_back(done)
    assert (chain.verify().good, said in chain.verify().words) == (False, True)


def test_one_that_commits_late_comes_into_the_next_seal(ledger: Any, time: Any) -> None:
    def at_number(number: int) -> None:
        with transaction():
            more = {"who": "何静安", "what": "exam.end", "subject": "late", "detail": {}}
            db.session.add(Deed(id=number, at=time.at, **more))

    ledger("a", "b", "c")
    at_number(9)
    chain.seal(at=time.at)
    at_number(7)
    assert chain.verify().unsealed == 1
    assert chain.seal(at=time.at) == 1
    assert (chain.verify().good, chain.verify().unsealed) == (True, 0)


def test_workers_that_seal_at_once_make_one_chain(app: Flask, ledger: Any, time: Any) -> None:
    ledger(*(str(number) for number in range(20)))
    at, ready, counts = time.at, threading.Barrier(4), []

    def work() -> None:
        with app.app_context():
            ready.wait()
            counts.append(chain.seal(at=at))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert sum(counts) == 20
    assert (chain.verify().good, chain.verify().seals) == (True, 1)
    saver().close()
