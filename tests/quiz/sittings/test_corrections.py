"""Correcting a question that was asked: exactly the affected are marked anew, and it can be taken back."""

from decimal import Decimal
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from quiz.audit.models import Deed as AuditDeed
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.extensions import db, transaction
from quiz.sittings import closing, correcting, corrections, queries
from quiz.sittings.correcting import Amendment, Deed
from quiz.sittings.models import Correction, Rescore, Result, Sitting, UnitTotal

PEOPLE = 5


class Hall:
    """Five persons of two units with papers of 20 of 80 questions; each answers all but the last right."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.time = time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now(), preset="monthly", chances=2)
        units = [make_unit("青石镇"), make_unit("白沙镇")]
        self.people = [
            make_person(f"安{n}", unit=units[n % 2], phone=f"1380000000{n}") for n in range(PEOPLE)
        ]
        self.app = app
        self.sittings = [self.sit(person) for person in self.people]

    def sit(self, person: Any, *, wrong: int = 20) -> int:
        phone = Phone(self.app.test_client(), self.exam, person)
        number = phone.start().get_json()["sitting"]
        for item in self.items(number):
            if item.position < wrong:
                phone.save(number, item.position, list(item.key))
        self.time.move(minutes=1)
        assert phone.submit(number).status_code == 200
        return number

    def items(self, sitting: int) -> Any:
        db.session.rollback()
        return queries.items_of(db.session.get(Sitting, sitting).paper)

    def last_question(self, sitting: int) -> int:
        """The one item this sitting has left unanswered."""
        return self.items(sitting)[-1].index

    def apply(self, question: int, deed: Deed, key: tuple[str, ...] = (), reason: str = "答案印错") -> int:
        with transaction():
            found = corrections.apply(
                self.exam,
                amendment=Amendment(question, deed, key),
                reason=reason,
                at=self.time.now(),
                who="olga",
            )
            return found.id

    def undo(self, number: int) -> None:
        with transaction():
            corrections.undo(corrections.of_id(self.exam, number), at=self.time.now(), who="olga")

    def kept(self) -> Any:
        """Every figure that follows from marking."""
        db.session.rollback()
        sittings = select(Sitting.id, Sitting.score, Sitting.passed).order_by(Sitting.id)
        results = select(Result.person_id, Result.unit_id, Result.score, Result.millis, Result.passed)
        totals = select(UnitTotal.unit_id, UnitTotal.took_part, UnitTotal.score_sum, UnitTotal.passed)
        parts = sittings, results.order_by(Result.person_id), totals.order_by(UnitTotal.unit_id)
        return [db.session.execute(part).all() for part in parts]

    def scores(self) -> dict[int, Decimal]:
        return {row[0]: row[1] for row in self.kept()[0]}


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    return Hall(app, time)


@pytest.mark.parametrize("deed", [Deed.ALL_POINTS, Deed.SCALED])
def test_exactly_the_affected_are_marked_anew_and_undone_bit_for_bit(hall: Hall, deed: Deed):
    question, before = hall.last_question(hall.sittings[0]), hall.kept()
    holding = {n for n in hall.sittings if question in {item.index for item in hall.items(n)}}
    number = hall.apply(question, deed)
    rescored = db.session.scalars(select(Rescore)).all()
    assert {row.sitting_id for row in rescored} == holding
    old = {row[0]: row[1] for row in before[0]}
    assert all(
        row.before == old[row.sitting_id] and row.after == hall.scores()[row.sitting_id] for row in rescored
    )
    assert hall.scores()[hall.sittings[0]] == hall.exam.full
    assert {n: s for n, s in hall.scores().items() if n not in holding} == {
        n: s for n, s in old.items() if n not in holding
    }
    hall.undo(number)
    assert hall.kept() == before
    assert db.session.scalar(select(func.count()).select_from(Rescore)) == 2 * len(holding)


def test_totals_kept_equal_totals_rebuilt(hall: Hall):
    hall.sit(hall.people[0], wrong=5)
    for sitting, deed in zip(hall.sittings, [Deed.ALL_POINTS, Deed.SCALED], strict=False):
        hall.apply(hall.last_question(sitting), deed)
        kept = hall.kept()
        with transaction():
            closing.rebuild_totals(hall.exam)
        assert hall.kept() == kept


def test_a_new_key_and_two_corrections_undone_in_any_order(hall: Hall):
    before = hall.kept()
    item = hall.items(hall.sittings[0])[0]
    wrong = {"A": "B", "T": "F"}[item.question.key[0]]
    first = hall.apply(item.index, Deed.REKEY, (wrong,))
    assert hall.scores()[hall.sittings[0]] < before[0][0].score
    second = hall.apply(hall.last_question(hall.sittings[1]), Deed.SCALED)
    hall.undo(first)
    hall.undo(second)
    assert hall.kept() == before
    hall.exam = exams.exam_by_code(hall.exam.code)
    assert hall.exam.corrections == []


def test_what_is_submitted_later_is_marked_with_what_is_in_force(hall: Hall, time: Any):
    late = make_person("迟到", unit=make_unit("黄岭镇"), phone="13800000009")
    # Everything is void: whoever answers nothing has everything.
    for question in exams.frozen_pool(hall.exam.id).ids:
        hall.apply(question, Deed.ALL_POINTS)
    number = hall.sit(late, wrong=1)
    assert hall.scores()[number] == hall.exam.full
    unfinished = Phone(hall.app.test_client(), hall.exam, hall.people[1]).start().get_json()["sitting"]
    time.move(hours=3)
    with transaction():
        assert closing.finalise_if_due(unfinished, at=time.now())
    assert hall.scores()[unfinished] == hall.exam.full


def test_the_exam_keeps_what_the_ledger_says(hall: Hall):
    first = hall.apply(hall.last_question(hall.sittings[0]), Deed.ALL_POINTS)
    hall.apply(hall.items(hall.sittings[0])[1].index, Deed.SCALED)
    hall.undo(first)
    rows = db.session.scalars(select(Correction).where(Correction.undone_at.is_(None))).all()
    said = [Amendment(row.pool_question_id, Deed(row.deed), tuple(row.key)) for row in rows]
    assert list(correcting.in_force(exams.exam_by_code(hall.exam.code).corrections)) == said


def test_one_correction_of_a_question_at_a_time(hall: Hall):
    question = hall.last_question(hall.sittings[0])
    number = hall.apply(question, Deed.ALL_POINTS)
    with pytest.raises(correcting.AlreadyCorrected):
        hall.apply(question, Deed.SCALED)
    # The database says so too, whoever writes.
    row = {"exam_id": hall.exam.id, "pool_question_id": question, "deed": "rekey", "key": ["A"]}
    with pytest.raises(IntegrityError), transaction():
        db.session.add(Correction(**row, reason="又一次", who="olga", at=hall.time.now()))
    hall.undo(number)
    with pytest.raises(correcting.NotInForce):
        hall.undo(number)
    hall.apply(question, Deed.SCALED)


def test_a_question_of_another_exam_is_not_found(hall: Hall):
    with pytest.raises(NotFound):
        hall.apply(10**6, Deed.ALL_POINTS)
    other = make_exam(hall.exam.bank, at=hall.time.now(), preset="monthly")
    number = hall.apply(hall.last_question(hall.sittings[0]), Deed.ALL_POINTS)
    with pytest.raises(NotFound):
        corrections.of_id(other, number)


def test_both_deeds_are_in_the_audit(hall: Hall):
    hall.undo(hall.apply(hall.last_question(hall.sittings[0]), Deed.ALL_POINTS))
    rows = db.session.scalars(select(AuditDeed).where(AuditDeed.what.startswith("correction."))).all()
    assert [(row.what, row.who, row.detail["reason"]) for row in rows] == [
        ("correction.apply", "olga", "答案印错"),
        ("correction.undo", "olga", "答案印错"),
    ]


def test_facility_counts_every_sitting_in_the_questions_own_labels(hall: Hall):
    # A voided question still shows how it went.
    hall.apply(hall.items(hall.sittings[0])[0].index, Deed.SCALED)
    found = corrections.facilities(hall.exam)
    assert sum(one.asked for one in found.values()) == 20 * PEOPLE
    assert sum(one.right for one in found.values()) == 19 * PEOPLE
    keys = exams.frozen_pool(hall.exam.id).by_id
    for question, one in found.items():
        assert set(one.given) <= set(keys[question].key)


def test_the_review_says_what_was_corrected(hall: Hall, time: Any):
    first, last = hall.items(hall.sittings[0])[0], hall.items(hall.sittings[0])[-1]
    hall.apply(last.index, Deed.SCALED)
    wrong = {"A": "B", "T": "F"}[first.question.key[0]]
    hall.apply(first.index, Deed.REKEY, (wrong,))
    time.move(hours=3)
    phone = Phone(hall.app.test_client(), hall.exam, hall.people[0])
    review = {item["position"]: item for item in phone.show(hall.sittings[0]).get_json()["review"]}
    amended = correcting.amended([first], [Amendment(first.index, Deed.REKEY, (wrong,))])[0]
    assert review[1]["key"] == list(amended.key) != list(first.key)
    assert (review[1]["mark"], "答案由" in review[1]["correction"]) == (0, True)
    assert "correction" not in review[2]
    for position, words in ((1, "本题已更正：答案由"), (20, "本题作废，不计分")):
        page = phone.client.get(f"/s/{hall.sittings[0]}/review?item={position}")
        assert words in page.get_data(as_text=True)


def test_the_result_page_says_both_scores(hall: Hall):
    before, question = hall.scores()[hall.sittings[0]], hall.last_question(hall.sittings[0])
    number = hall.apply(question, Deed.ALL_POINTS)
    phone = Phone(hall.app.test_client(), hall.exam, hall.people[0])
    words = f"原来 {before.normalize():f} 分，现在 {hall.exam.full.normalize():f} 分"
    path = f"/s/{hall.sittings[0]}/result"
    assert words in phone.client.get(path).get_data(as_text=True)
    hall.undo(number)
    assert "有试题更正" not in phone.client.get(path).get_data(as_text=True)


def test_a_result_with_every_item_left_out_is_still_a_page(hall: Hall, time: Any):
    for item in hall.items(hall.sittings[0]):
        hall.apply(item.index, Deed.SCALED)
    assert hall.scores()[hall.sittings[0]] == hall.exam.full
    time.move(hours=3)
    phone = Phone(hall.app.test_client(), hall.exam, hall.people[0])
    for page in ("result", "review"):
        assert phone.client.get(f"/s/{hall.sittings[0]}/{page}").status_code == 200
