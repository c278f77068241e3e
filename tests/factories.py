"""Plain functions that make rows for tests. The cast: Ann of unit A, Bo of unit B, Olga the organiser."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from question_bank import Difficulty, Kind, Question
from quiz.access import Role
from quiz.exams.models import Exam, Paper
from quiz.exams.services import Settings, create
from quiz.extensions import db, transaction
from quiz.memory import Memory
from quiz.people.accounts import create_account
from quiz.people.models import Account, Person, Unit
from quiz.people.rules import name_key
from quiz.questions.models import Bank
from quiz.questions.services import add_questions, find_or_make_bank
from quiz.sittings.models import Sitting
from quiz.sittings.services import keep_result
from quiz.standings.method import Method, Visibility
from quiz.standings.rules import Formula
from quiz.standings.services import decide

PASSWORD = "敷奏以言-2026"


def make_questions(
    *, single: int = 40, multiple: int = 20, true_false: int = 20, fill: int = 0
) -> list[Question]:
    """Distinct questions; every single's key is A and its right option says so, for tests of hiding."""
    made = [
        Question(Kind.SINGLE, f"单选题干 {n}", (f"对的{n}", f"错的甲{n}", f"错的乙{n}", f"错的丙{n}"), ("A",))
        for n in range(single)
    ]
    made += [
        Question(Kind.MULTIPLE, f"多选题干 {n}", (f"甲{n}", f"乙{n}", f"丙{n}", f"丁{n}"), ("A", "B"))
        for n in range(multiple)
    ]
    made += [Question(Kind.TRUE_FALSE, f"判断题干 {n}", (), ("T",)) for n in range(true_false)]
    made += [Question(Kind.FILL, f"填空题干 {n}：____", (), (f"空{n}",)) for n in range(fill)]
    return [
        Question(
            q.kind,
            q.stem,
            q.options,
            q.key,
            f"解析：{q.stem}",
            "《条例》第一条",
            "第一章 总则",
            Difficulty.MEDIUM,
        )
        for q in made
    ]


def make_bank(questions: list[Question] | None = None, *, name: str = "条例题库", at: datetime) -> Bank:
    with transaction():
        bank = find_or_make_bank(name=name, at=at)
        found = make_questions() if questions is None else questions
        add_questions(bank, questions=[(question, None) for question in found], at=at)
    return bank


def make_unit(name: str = "青石镇") -> Unit:
    unit = Unit(name=name, pinyin=name)
    with transaction():
        db.session.add(unit)
    return unit


def make_person(name: str = "安宁", *, unit: Unit, phone: str = "13800000001", **more: Any) -> Person:
    with transaction():
        person = Person(name=name, name_key=name_key(name), unit_id=unit.id, phone=phone, **more)
        db.session.add(person)
    return person


def make_exam(bank: Bank, *, at: datetime, preset: str = "jining", hours: float = 2, **more: Any) -> Exam:
    """An exam that opened at ``at``, open for ``hours``."""
    settings = {
        "title": "《信访工作条例》学习考试",
        "preset": preset,
        "opens_at": at,
        "closes_at": at + timedelta(hours=hours),
        **more,
    }
    with transaction():
        return create(bank, settings=Settings(**settings), at=at, who="test")


def make_account(name: str = "olga", *, role: Role = Role.ORGANISER, at: datetime, **more: Any) -> Account:
    with transaction():
        return create_account(name=name, password=PASSWORD, role=role, at=at, **more)


class Phone:
    """A person's phone: a client that keeps its cookie and sends its CSRF token."""

    def __init__(self, client: FlaskClient, exam: Exam, person: Person) -> None:
        self.client, self.code = client, exam.code
        body = {"exam": exam.code, "name": person.name, "phone": person.phone}
        self.csrf = client.post("/api/v1/sign-in", json=body).get_json()["csrf"]

    def start(self) -> Any:
        return self._send("post", f"/api/v1/exams/{self.code}/sittings")

    def save(self, sitting: int, position: int, answer: list[str], revision: int = 1) -> Any:
        path = f"/api/v1/sittings/{sitting}/responses/{position}"
        return self._send("put", path, json={"answer": answer, "revision": revision})

    def submit(self, sitting: int) -> Any:
        return self._send("post", f"/api/v1/sittings/{sitting}/submit")

    def show(self, sitting: int) -> Any:
        return self.client.get(f"/api/v1/sittings/{sitting}")

    def _send(self, method: str, path: str, **more: Any) -> Any:
        return getattr(self.client, method)(path, headers={"X-CSRF-Token": self.csrf}, **more)


def make_result(
    exam: Exam, person: Person, score: str, *, at: datetime, minutes: float = 30, number: int = 1
) -> Sitting:
    """A submitted sitting with this score, counted by the services as a real one would be."""
    with transaction():
        paper = Paper(exam_id=exam.id, person_id=person.id, number=number, items=[], shape="")
        db.session.add(paper)
        db.session.flush()
        started = at - timedelta(minutes=minutes)
        sitting = Sitting(
            exam_id=exam.id,
            person_id=person.id,
            unit_id=person.unit_id,
            paper_id=paper.id,
            number=number,
            started_at=started,
            deadline=started + timedelta(minutes=exam.minutes),
            accept_until=started + timedelta(minutes=exam.minutes, seconds=2),
            submitted_at=at,
            closed_by="person",
            score=Decimal(score),
            passed=Decimal(score) >= exam.pass_mark,
        )
        db.session.add(sitting)
        db.session.flush()
        keep_result(exam, person.id)
    return sitting


def decide_ranking(exam: Exam, *, at: datetime, visibility: str = "all", **method: Any) -> None:
    """How the exam is ranked and who may read it; everybody, unless said otherwise."""
    with transaction():
        chosen = Method(**({"formula": Formula(exam.formula)} | method))
        decide(exam, method=chosen, visibility=Visibility(visibility), reason="测试需要", at=at, who="test")


def forget(app: Flask) -> None:
    """What the running process remembers, as a second would have done."""
    app.extensions["mingshi_memory"] = Memory()
    app.extensions["mingshi_shortcut"].forget()
