"""The two tables of an exam's standings, and the only place that decides which of them a page may show.

JURY is what is known now: UnitTotal and Result, kept in the transaction of each submit. PUBLIC is the same
until 封榜; from then on it is PublicTotal and PublicResult, a copy of what stood at that instant, until
everything is published. Whatever anybody but the desk reads goes through PUBLIC.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.people.rules import Scope
from quiz.sittings.models import Result, UnitTotal
from quiz.standings import method as methods
from quiz.standings import queries
from quiz.standings.method import Method, Visibility
from quiz.standings.models import Head, PublicResult, PublicTotal, Ranking, RankingChange
from quiz.standings.rules import Formula, Ranked, UnitRow


class Table(StrEnum):
    PUBLIC = "public"
    JURY = "jury"


_Figures = Mapping[int, tuple[int, int, Decimal, int, int]]


class FrozenForReaders(RuleBroken):
    code = "frozen"
    message = "已经封榜。公布以前，只有组织者能看进度和成绩。"
    status = 403


def check_reader(exam: Exam, *, at: datetime) -> None:
    """FrozenForReaders for whoever watches without deciding: attendance and scores say what ranks follow."""
    if is_frozen(ranking(exam), at=at):
        raise FrozenForReaders


def ranking(exam: Exam) -> Ranking:
    """What was decided about the standings; the defaults where nothing was, not stored."""
    found = db.session.get(Ranking, exam.id)
    if found is not None:
        return found
    default = methods.default_visibility(contest=exam.mode == Mode.CONTEST)
    method = Method(formula=Formula(exam.formula))
    return Ranking(exam_id=exam.id, method=method.document(), visibility=default.value, wall={})


def is_frozen(row: Ranking, *, at: datetime) -> bool:
    """Whether the public sees what stood at the freeze."""
    return row.freezes_at is not None and row.freezes_at <= at and row.published_at is None


class Board:
    """One exam's standings at one instant from one of the tables; everything is read when first asked for."""

    def __init__(self, exam: Exam, *, table: Table, at: datetime, method: Method | None = None) -> None:
        """``method`` instead of the one decided, for a preview."""
        self.exam, self.at = exam, at
        self.ranking = ranking(exam)
        self.method = method or methods.from_document(self.ranking.method)
        #: Whether what is shown is older than what is known.
        self.frozen = table is Table.PUBLIC and is_frozen(self.ranking, at=at)

    @cached_property
    def attendance(self) -> dict[int, UnitRow]:
        """Unit → who is answering, absent, voided, as the roster has it now. Not what the public sees."""
        return {row.unit_id: row for row in queries.unit_rows(self.exam)}

    @property
    def as_of(self) -> datetime:
        return self.ranking.freezes_at or self.at if self.frozen else self.at

    @property
    def visibility(self) -> Visibility:
        return Visibility(self.ranking.visibility)

    @cached_property
    def ranked(self) -> list[Ranked]:
        return methods.rank_units(self.rows, method=self.method, full=exams.reach(self.exam))

    @cached_property
    def rows(self) -> list[UnitRow]:
        """Every unit that is ranked or could be, by pinyin, in a handful of statements however many."""
        names = {one.id: self._row(one) for one in self._units}
        rows = [row for row in names.values() if self._belongs(row)]
        depth = self.method.depth
        return methods.rolled_up(rows, self._parents, depth=depth, names=names) if depth else rows

    def _row(self, unit: Row[Any]) -> UnitRow:
        expected, took_part, total, passed, excellent = self._figures.get(unit.id, _NOTHING)
        return UnitRow(
            unit_id=unit.id,
            unit=unit.name,
            expected=expected,
            took_part=took_part,
            sitting=0,
            total=total,
            passed=passed,
            excellent=excellent,
            kind=unit.kind,
            best=self._best.get(unit.id, ()),
        )

    def _belongs(self, row: UnitRow) -> bool:
        named = self.exam.unit_ids is not None and row.unit_id in self.exam.unit_ids
        return bool(row.expected or row.took_part or named)

    @cached_property
    def _units(self) -> Sequence[Row[Any]]:
        # Who wrote a unit by hand counts for nobody until the organiser has said which one it is.
        wanted = select(Unit.id, Unit.name, Unit.kind, Unit.parent_id).where(~Unit.outside)
        wanted = wanted.order_by(Unit.pinyin, Unit.id)
        return db.session.execute(wanted).all()

    @property
    def _parents(self) -> dict[int, int | None]:
        return {unit.id: unit.parent_id for unit in self._units}

    @cached_property
    def _figures(self) -> _Figures:
        return _public_figures(self.exam) if self.frozen else _jury_figures(self.exam, self.ranking)

    @cached_property
    def _best(self) -> dict[int, tuple[Decimal, ...]]:
        """Unit → the scores of its best, the best first; empty unless the formula asks."""
        if self.method.formula is not Formula.TOP:
            return {}
        given = self._results
        place = func.row_number().over(partition_by=given.unit_id, order_by=given.score.desc()).label("place")
        every = select(given.unit_id, given.score, place).where(given.exam_id == self.exam.id).subquery()
        wanted = select(every.c.unit_id, every.c.score).where(every.c.place <= self.method.top)
        found: dict[int, list[Decimal]] = {}
        for unit_id, score in db.session.execute(wanted.order_by(every.c.unit_id, every.c.place)):
            found.setdefault(unit_id, []).append(score)
        return {unit_id: tuple(scores) for unit_id, scores in found.items()}

    @cached_property
    def _results(self) -> Any:
        """Result or its public copy, under one name."""
        return aliased(PublicResult if self.frozen else Result, name="Result")

    def persons(
        self, *, limit: int | None = None, offset: int = 0, within: Scope = None
    ) -> Sequence[Row[Any]]:
        """(rank, Result, name, number, phone, unit) in order of rank. For the desk; public pages mask names.

        The rank is among those who sat for the units ``within``.

        rules.rank_persons says the same order in words; a test holds the two together.
        """
        given = self._results
        keys = (given.score.desc(), given.millis, given.submitted_at)
        place = func.rank().over(order_by=keys).label("rank")
        wanted = (
            select(place, given, Person.name, Person.number, Person.phone, Unit.name.label("unit"))
            .join(Person, Person.id == given.person_id)
            .join(Unit, Unit.id == given.unit_id)
            .where(given.exam_id == self.exam.id)
            .order_by(*keys, given.person_id)
        )
        if within is not None:
            wanted = wanted.where(given.unit_id.in_(within))
        return db.session.execute(wanted.limit(limit).offset(offset)).all()

    def rank_of(self, person_id: int) -> int | None:
        """As in persons(): how many are before this person, and one."""
        given, own = self._results, self._results
        same = (own.exam_id == self.exam.id) & (own.person_id == person_id)
        mine = db.session.execute(select(own.score, own.millis, own.submitted_at).where(same)).first()
        if mine is None:
            return None
        equal = given.score == mine.score
        quicker = (given.millis < mine.millis) | (
            (given.millis == mine.millis) & (given.submitted_at < mine.submitted_at)
        )
        before = (given.exam_id == self.exam.id) & ((given.score > mine.score) | (equal & quicker))
        return 1 + (db.session.scalar(select(func.count()).select_from(given).where(before)) or 0)

    def count_persons(self) -> int:
        given = self._results
        counted = select(func.count()).select_from(given).where(given.exam_id == self.exam.id)
        return db.session.scalar(counted) or 0

    @cached_property
    def shown_as(self) -> dict[int, str]:
        """Unit → the name of the one its figures stand under: its own, or after a roll-up one above it."""
        names, parents, depth = {unit.id: unit.name for unit in self._units}, self._parents, self.method.depth
        return {
            unit_id: names[methods.ancestor(unit_id, parents, depth)] if depth else name
            for unit_id, name in names.items()
        }

    def entry_of(self, unit_id: int) -> Ranked | None:
        """The ranked row a unit counts in."""
        name = self.shown_as.get(unit_id)
        return next((entry for entry in self.ranked if entry.row.unit == name), None)


_NOTHING = (0, 0, Decimal(0), 0, 0)


def _public_figures(exam: Exam) -> _Figures:
    wanted = select(PublicTotal).where(PublicTotal.exam_id == exam.id)
    return {
        one.unit_id: (one.expected, one.took_part, one.score_sum, one.passed, one.excellent)
        for one in db.session.scalars(wanted)
    }


def _jury_figures(exam: Exam, row: Ranking) -> _Figures:
    wanted = select(
        UnitTotal.unit_id, UnitTotal.took_part, UnitTotal.score_sum, UnitTotal.passed, UnitTotal.excellent
    ).where(UnitTotal.exam_id == exam.id, UnitTotal.took_part > 0)
    totals = {found[0]: found[1:] for found in db.session.execute(wanted)}
    heads = expected_heads(exam, row)
    figures = {unit_id: totals.get(unit_id, _NOTHING[1:]) for unit_id in {*heads, *totals}}
    # Nobody was expected of it, and somebody came: who came is who was expected.
    return {unit_id: (heads.get(unit_id) or found[0], *found) for unit_id, found in figures.items()}


def expected_heads(exam: Exam, row: Ranking) -> dict[int, int]:
    """Unit → 应参人数: as kept at the opening, or, until then, counted from the roster."""
    if row.heads_kept_at is None:
        return {found.unit_id: found.expected for found in queries.unit_rows(exam)}
    kept = select(Head.unit_id, Head.expected).where(Head.exam_id == exam.id)
    return dict(db.session.execute(kept).all())  # type: ignore[arg-type]


def changes(exam: Exam) -> Sequence[Row[Any]]:
    """(RankingChange, name of the unit or None), the oldest first."""
    wanted = select(RankingChange, Unit.name).outerjoin(Unit, Unit.id == RankingChange.unit_id)
    return db.session.execute(wanted.where(RankingChange.exam_id == exam.id).order_by(RankingChange.id)).all()


def unit_of(exam_id: int, person_id: int) -> int | None:
    """The unit somebody's sittings of this exam count for, else the one on the roster."""
    counted = select(Result.unit_id).where(Result.exam_id == exam_id, Result.person_id == person_id)
    listed = select(Person.unit_id).where(Person.id == person_id)
    return db.session.scalar(counted) or db.session.scalar(listed)
