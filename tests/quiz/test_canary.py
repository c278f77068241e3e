"""The key never travels: planted words are looked for in everything a candidate can be sent.

Each key, explanation and basis holds a word of its own that stands nowhere a candidate may look before
release, and another person's name and phone are planted too. The crawl reads bodies and headers of every
route open to a candidate, in every state; the last test shows that the words do come out at release.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from question_bank import Difficulty, Kind, Question
from quiz.access import ACCESS, DESK
from quiz.exams.models import Exam
from quiz.sittings import queries

CANARY = "金丝雀"
OTHER_NAME, OTHER_PHONE = "欧阳金丝", "13912345678"


def planted() -> Iterator[Question]:
    """Enough for the preset with every secret field marked; a fill's key is itself a secret."""
    secret = {"explanation": f"{CANARY}解析", "basis": f"{CANARY}依据", "difficulty": Difficulty.HARD}
    for n in range(30):
        options = (f"甲项{n}", f"乙项{n}", f"丙项{n}", f"丁项{n}")
        yield Question(Kind.SINGLE, f"单选题干{n}", options, ("C",), **secret)
        yield Question(Kind.MULTIPLE, f"多选题干{n}", options, ("B", "D"), **secret)
        yield Question(Kind.TRUE_FALSE, f"判断题干{n}", (), ("F",), **secret)
        yield Question(Kind.FILL, f"填空题干{n}：____", (), (f"{CANARY}{n}",), **secret)


class Cadre:
    """Somebody with a phone, in an exam whose keys are marked."""

    def __init__(self, app: Flask, time: Any, **more: Any) -> None:
        self.app, self.time = app, time
        bank = make_bank(list(planted()), at=time.now())
        self.exam: Exam = make_exam(bank, at=time.now() + timedelta(hours=1), preset="fifty", **more)
        unit = make_unit()
        make_person(OTHER_NAME, unit=unit, phone=OTHER_PHONE)
        self.person = make_person(unit=unit)
        self.phone = Phone(app.test_client(), self.exam, self.person)
        self.sitting = 1

    def crawl(self) -> dict[str, str]:
        """Address → status line, headers and body of everything that may be read with this phone."""
        seen = {}
        for rule in self.app.url_map.iter_rules():
            if ACCESS[rule.endpoint] is DESK or "GET" not in rule.methods:
                continue
            for address in self._addresses(rule.rule):
                reply = self.phone.client.get(address, follow_redirects=True)
                body = reply.get_data().decode(errors="replace")
                seen[address] = f"{reply.status} {dict(reply.headers)} {body}"
                reply.close()
        return seen

    def _addresses(self, rule: str) -> list[str]:
        if rule.startswith("/static"):
            names = ("js/sittings.js", "js/queue.js", "css/sittings.css")
            return [f"/static/{name}" for name in names]
        address = rule.replace("<code>", self.exam.code).replace("<int:sitting_id>", str(self.sitting))
        return [address.replace("<path:filename>", "x")]


def leaks(seen: dict[str, str]) -> list[str]:
    secrets = (CANARY, OTHER_NAME, OTHER_PHONE, OTHER_PHONE[-4:] + '"', '"key"', '"explanation"')
    read = {address: text for address, text in seen.items() if address != "/api/v1/openapi.json"}
    return [
        f"{secret} in {address}" for address, text in read.items() for secret in secrets if secret in text
    ]


@pytest.fixture
def cadre(app: Flask, time: Any) -> Cadre:
    return Cadre(app, time)


def test_before_the_opening(cadre: Cadre) -> None:
    assert leaks(cadre.crawl()) == []


def test_while_sitting(cadre: Cadre) -> None:
    cadre.time.move(hours=1)
    started = cadre.phone.start()
    cadre.sitting = started.get_json()["sitting"]
    saved = cadre.phone.save(cadre.sitting, 1, ["A"])
    refused = cadre.phone.save(cadre.sitting, 1, ["Z"])
    own = {"start": started.get_data(as_text=True), "save": saved.get_data(as_text=True)}
    assert leaks(own | {"refusal": refused.get_data(as_text=True)} | cadre.crawl()) == []


def test_after_submitting_while_others_still_sit(cadre: Cadre) -> None:
    cadre.time.move(hours=1)
    cadre.sitting = cadre.phone.start().get_json()["sitting"]
    done = cadre.phone.submit(cadre.sitting)
    assert leaks({"submit": done.get_data(as_text=True)} | cadre.crawl()) == []


def test_the_words_come_out_at_release_so_the_crawl_can_see_them(cadre: Cadre) -> None:
    cadre.time.move(hours=1)
    cadre.sitting = cadre.phone.start().get_json()["sitting"]
    cadre.phone.submit(cadre.sitting)
    cadre.time.move(hours=2)
    found = leaks(cadre.crawl())
    assert f"{CANARY} in /s/{cadre.sitting}/review" in found
    assert f"{CANARY} in /api/v1/sittings/{cadre.sitting}" in found
    assert not [leak for leak in found if OTHER_NAME in leak or OTHER_PHONE in leak]


def test_never_means_never(app: Flask, time: Any) -> None:
    cadre = Cadre(app, time, review="never")
    time.move(hours=1)
    cadre.sitting = cadre.phone.start().get_json()["sitting"]
    cadre.phone.submit(cadre.sitting)
    time.move(hours=5)
    assert leaks(cadre.crawl()) == []


def test_a_stranger_reads_nothing_of_a_sitting(cadre: Cadre, client: FlaskClient) -> None:
    cadre.time.move(hours=1)
    sitting = cadre.phone.start().get_json()["sitting"]
    own = f"/s/{sitting}"
    for address in (own, f"{own}/result", f"{own}/review", f"/api/v1/sittings/{sitting}"):
        assert client.get(address).status_code == 401


def test_a_widened_answer_would_be_caught(cadre: Cadre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: let the public item carry its explanation, as a careless change might."""
    real = queries._parts

    def careless(question: Question) -> Any:
        head, blanks, texts = real(question)
        return f'{head},"explanation":"{question.explanation}"', blanks, texts

    monkeypatch.setattr(queries, "_parts", careless)
    cadre.time.move(hours=1)
    started = cadre.phone.start()
    assert leaks({"start": started.get_data(as_text=True)}) != []
