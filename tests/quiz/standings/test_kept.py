"""Totals kept by submits, corrections, voids and moves equal a rebuild; a naive ranker agrees on ranks."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from factories import decide_ranking, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from naive import Sat, ranks
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.exams.counting import Counts
from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.questions.models import Bank
from quiz.sittings import closing, running
from quiz.sittings.models import Sitting, UnitTotal
from quiz.standings import method as methods
from quiz.standings import services
from quiz.standings.models import Head
from quiz.standings.rules import Formula
from quiz.standings.tables import Board, Table

UNITS, PERSONS = 3, 6
SCORES = [0, 5000, 6000, 9999, 10000, 10000]
#: What one person can reach in four days with ten chances.
REACH = {"sum": 1000, "daily": 400, "days": 4}

deeds = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.integers(0, PERSONS - 1), st.sampled_from(SCORES)),
        st.tuples(st.just("correct"), st.integers(0, 20), st.sampled_from([0, 6000, 10000])),
        st.tuples(st.just("void"), st.integers(0, 20), st.booleans()),
        st.tuples(st.just("move"), st.integers(0, PERSONS - 1), st.integers(0, UNITS - 1)),
    ),
    max_size=10,
)


class County:
    """Six persons of three units, and a model of what they did."""

    def __init__(self, at: Any, counts: str) -> None:
        self.at = at
        self.units = list(db.session.scalars(select(Unit).order_by(Unit.id)))
        if not self.units:
            self.units = [make_unit(name) for name in ("甲镇", "乙镇", "丙局")]
            for number in range(PERSONS):
                make_person(f"安{number}", unit=self.units[number % UNITS], phone=f"1380000000{number}")
        self.people = list(db.session.scalars(select(Person).order_by(Person.id)))
        bank = db.session.scalars(select(Bank)).first() or make_bank(at=at)
        self.exam = make_exam(bank, at=at, chances=10, counts=counts, hours=72)
        with transaction():
            services.keep_heads(self.exam, at=at)

    def submit(self, place: int, hundredths: int) -> None:
        person = self.people[place]
        number = 1 + len(self._sittings(person))
        # Two on a day, then the next.
        at = self.at + timedelta(days=(number - 1) // 2)
        make_result(self.exam, person, str(Decimal(hundredths) / 100), at=at, number=number)

    def correct(self, place: int, hundredths: int) -> None:
        found = self._sittings()
        if found:
            with transaction():
                sitting = db.session.get(Sitting, found[place % len(found)].id)
                sitting.score = Decimal(hundredths) / 100
                closing.keep_result(self.exam, sitting.person_id)

    def void(self, place: int, back: bool) -> None:
        found = self._sittings()
        if found:
            sitting = found[place % len(found)]
            said = {"reason": "测试需要", "at": self.at, "who": "test"}
            with transaction():
                if sitting.voided_at is None:
                    running.void(sitting, **said)
                elif back:
                    running.restore(sitting, **said)

    def move(self, place: int, to: int) -> None:
        person, unit = self.people[place], self.units[to]
        sittings = self._sittings(person)
        if sittings and {one.unit_id for one in sittings} != {unit.id}:
            with transaction():
                services.move(self.exam, person, unit, reason="选错了单位", at=self.at, who="test")

    def _sittings(self, person: Person | None = None) -> list[Sitting]:
        wanted = select(Sitting).where(Sitting.exam_id == self.exam.id).order_by(Sitting.id)
        if person is not None:
            wanted = wanted.where(Sitting.person_id == person.id)
        return list(db.session.scalars(wanted))

    def sat(self) -> list[Sat]:
        names = {unit.id: unit.name for unit in self.units}
        return [
            Sat(
                str(one.person_id),
                names[one.unit_id],
                Fraction(one.score),
                one.voided_at is not None,
                (one.number - 1) // 2,
            )
            for one in self._sittings()
        ]

    def totals(self) -> list[tuple[Any, ...]]:
        db.session.expire_all()
        wanted = select(UnitTotal).where(UnitTotal.exam_id == self.exam.id, UnitTotal.took_part > 0)
        rows = db.session.scalars(wanted.order_by(UnitTotal.unit_id))
        return [(row.unit_id, row.took_part, row.score_sum, row.passed, row.excellent) for row in rows]


#: Each example is a database at work: what fails is found here and made small by hand.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(
    max_examples=12,
    deadline=None,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deeds, st.sampled_from([counts.value for counts in Counts]), st.sampled_from(list(Formula)))
def test_kept_equals_rebuilt_and_a_naive_ranker_agrees(
    app: Flask, time: Any, done: list[tuple[str, int, int]], counts: str, formula: Formula
) -> None:
    county = County(time.at, counts)
    for name, one, two in done:
        getattr(county, name)(one, two)
    kept = county.totals()
    with transaction():
        closing.rebuild_totals(county.exam)
    assert county.totals() == kept
    decide_ranking(county.exam, at=time.at, formula=formula, weight=30, top=2)
    found = Board(county.exam, table=Table.JURY, at=time.at).ranked
    heads = {unit.name: 2 for unit in county.units}
    expected = ranks(
        heads,
        county.sat(),
        formula=formula.value,
        counts=counts,
        weight=30,
        top=2,
        full=REACH.get(counts, 100),
    )
    assert {entry.row.unit: entry.rank for entry in found} == {unit: one[0] for unit, one in expected.items()}
    for entry in found:
        score = expected[entry.row.unit][1]
        assert (entry.score is None) == (score is None)
        assert score is None or abs(Fraction(entry.score) - score) < Fraction(1, 10**20)


@pytest.fixture
def exam(app: Flask, time: Any) -> Exam:
    return make_exam(make_bank(at=time.at), at=time.at + timedelta(hours=1))


def heads(exam: Exam) -> dict[int, int]:
    rows = db.session.execute(select(Head.unit_id, Head.expected).where(Head.exam_id == exam.id))
    return {row[0]: row[1] for row in rows}


def test_heads_are_kept_at_the_opening_and_the_roster_changes_them_no_more(exam: Exam, time: Any) -> None:
    unit = make_unit()
    for number in range(3):
        make_person(f"安{number}", unit=unit, phone=f"1380000000{number}")
    with transaction():
        assert not services.keep_heads(exam, at=time.at), "not open yet"
    time.move(hours=1)
    with transaction():
        assert services.keep_heads(exam, at=time.at)
        assert not services.keep_heads(exam, at=time.at)
    make_person("新来", unit=unit, phone="13800000009")
    assert heads(exam) == {unit.id: 3}
    [row] = Board(exam, table=Table.JURY, at=time.at).rows
    assert row.expected == 3


def test_a_head_count_changes_with_a_reason_and_leaves_a_footnote(exam: Exam, time: Any) -> None:
    unit = make_unit()
    make_person(unit=unit)
    time.move(hours=1)
    with transaction():
        services.keep_heads(exam, at=time.at)
    for reason, expected in (("", 5), ("漏报", 1), ("漏报", -1), ("漏报", None)):
        with pytest.raises(services.BadChange), transaction():
            services.change_head(exam, unit, expected=expected, reason=reason, at=time.at, who="olga")
    with transaction():
        services.change_head(exam, unit, expected=5, reason="漏报四人", at=time.at, who="olga")
    assert heads(exam) == {unit.id: 5}
    [deed] = db.session.scalars(select(Deed).where(Deed.what == "standings.head"))
    assert (deed.who, deed.detail["before"], deed.detail["after"]) == ("olga", 1, 5)


def test_after_the_opening_another_method_needs_a_reason(exam: Exam, time: Any) -> None:
    method, seen = methods.Method(formula=Formula.MEAN), methods.Visibility.OWN
    with transaction():
        services.decide(exam, method=method, visibility=seen, reason="", at=time.at, who="olga")
    time.move(hours=1)
    other = methods.Method(formula=Formula.SUM)
    with pytest.raises(services.BadChange), transaction():
        services.decide(exam, method=other, visibility=seen, reason=" ", at=time.at, who="olga")
    with transaction():
        # Who may read it is no matter of the result.
        services.decide(
            exam, method=method, visibility=methods.Visibility.ALL, reason=None, at=time.at, who="olga"
        )
        services.decide(exam, method=other, visibility=seen, reason="领导小组决定", at=time.at, who="olga")
    assert Board(exam, table=Table.JURY, at=time.at).method == other
