"""Reads of sittings, and the loaders that authorise."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Row, func, or_, select

from question_bank import Kind, Question
from question_bank.marking import MultiplePolicy, in_points
from question_bank.paper import Item
from question_bank.question import LABELS
from quiz.errors import NotFound
from quiz.exams import admission
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam, ExamWindow, Paper
from quiz.extensions import db, from_millis, to_millis
from quiz.memory import memory
from quiz.people.models import Person
from quiz.sittings import correcting, rules
from quiz.sittings.models import (
    Accommodation,
    Extension,
    Pause,
    Rescore,
    Response,
    Result,
    ShortAnswer,
    Sitting,
)
from quiz.tokens import Candidate


def own_sitting(candidate: Candidate, sitting_id: int) -> Sitting:
    """This person's sitting of the exam they identified for, or NotFound."""
    found = db.session.get(Sitting, sitting_id)
    if found is None or (found.person_id, found.exam_id) != (candidate.person, candidate.exam):
        raise NotFound
    return found


def own_person(candidate: Candidate) -> Person:
    found = db.session.get(Person, candidate.person)
    if found is None or not found.active:
        raise NotFound
    return found


def own_exam(candidate: Candidate, code: str) -> Exam:
    """The exam with this code, if it is the one the person identified for; else NotFound."""
    found = exams.exam_by_code(code)
    if found.id != candidate.exam:
        raise NotFound
    return found


def sittings_of(exam_id: int, person_id: int) -> list[Sitting]:
    wanted = select(Sitting).where(Sitting.exam_id == exam_id, Sitting.person_id == person_id)
    return list(db.session.scalars(wanted.order_by(Sitting.number)))


def result_of(exam_id: int, person_id: int) -> Result | None:
    return db.session.scalar(select(Result).where(Result.exam_id == exam_id, Result.person_id == person_id))


def score_at_submit(sitting: Sitting) -> Decimal | None:
    """The score before the first correction that marked the sitting anew; None when there was none."""
    first = select(Rescore.before).where(Rescore.sitting_id == sitting.id).order_by(Rescore.id).limit(1)
    return db.session.scalar(first)


def shape_of(sitting_id: int) -> str:
    """The sitting's shape, remembered: it never changes. NotFound without such a sitting."""
    return memory().keep(("shape", sitting_id), lambda: _load_shape(sitting_id))


def _load_shape(sitting_id: int) -> str:
    wanted = select(Paper.shape).join(Sitting, Sitting.paper_id == Paper.id).where(Sitting.id == sitting_id)
    found = db.session.scalar(wanted)
    # A read leaves its transaction open until the request ends; the save that follows needs none.
    db.session.rollback()
    if found is None:
        raise NotFound
    return found


def items_of(paper: Paper) -> list[Item]:
    """The paper's items with options and key as this paper shows them."""
    return stored_items(paper.exam_id, paper.items)


def stored_items(exam_id: int, stored: Any) -> list[Item]:
    """The same from the column of a row, which SQLite gives as text and PostgreSQL as lists."""
    frozen = exams.frozen_pool(exam_id).by_id
    rows = json.loads(stored) if isinstance(stored, str) else stored
    return [
        Item(position, row[0], frozen[row[0]], _order(row[1]), row[2]) for position, row in enumerate(rows, 1)
    ]


@lru_cache(maxsize=5_000)
def _order(labels: str) -> tuple[int, ...]:
    return tuple(map(LABELS.index, labels))


def public_item(item: Item) -> dict[str, Any]:
    """What the phone may see before release: never the key."""
    row = [item.index, "".join(LABELS[place] for place in item.order), item.points]
    return cast(dict[str, Any], json.loads(_item_json(item.position, _parts(item.question), row)))


def responses_of(sitting_id: int) -> dict[int, tuple[list[str], int]]:
    """Position → answer and revision."""
    rows = db.session.execute(
        select(Response.position, Response.answer, Response.revision).where(Response.sitting_id == sitting_id)
    )
    return {position: (json.loads(answer), revision) for position, answer, revision in rows}


class Entry(NamedTuple):
    """One entry of a response's history (rules.history_entry)."""

    revision: int
    at: datetime
    #: None of a long text, which only its last revision shows.
    answer: list[str] | None
    #: Of an answer that waited for the network: the time left when it was given, as the phone says.
    left: timedelta | None = None


def entries(history: str) -> list[Entry]:
    return [
        Entry(
            row[0],
            from_millis(row[1]),
            row[2] if isinstance(row[2], list) else None,
            timedelta(milliseconds=row[3]) if len(row) > 3 else None,
        )
        for row in json.loads(f"[{history.rstrip(',')}]")
    ]


class Given(NamedTuple):
    """One revision that was kept, with its item."""

    position: int
    revision: int
    at: datetime
    answer: list[str] | None


def history_of(sitting_id: int) -> list[Given]:
    """Every kept revision in the order of arrival."""
    wanted = select(Response.position, Response.history).where(Response.sitting_id == sitting_id)
    given = [
        Given(position, entry.revision, entry.at, entry.answer)
        for position, history in db.session.execute(wanted)
        for entry in entries(history)
    ]
    return sorted(given, key=lambda one: (one.at, one.position, one.revision))


def marks_of(sitting: Sitting) -> dict[int, Decimal]:
    """Position → points, for the positions that were answered: answers and key decide."""
    answers = {position: answer for position, (answer, _) in responses_of(sitting.id).items()}
    policy, amendments = MultiplePolicy(sitting.exam.multiple_policy), amendments_of(sitting.exam)
    hand = hand_marks([sitting.id]).get(sitting.id)
    found = correcting.marks(items_of(sitting.paper), answers, policy, amendments, hand)
    return {position: Decimal(hundredths) / 100 for position, hundredths in found.items()}


def hand_marks(sitting_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Sitting → position → hundredths that people gave."""
    wanted = select(ShortAnswer.sitting_id, ShortAnswer.position, ShortAnswer.mark)
    found: dict[int, dict[int, int]] = {}
    wanted = wanted.where(ShortAnswer.sitting_id.in_(sitting_ids), ShortAnswer.mark.is_not(None))
    for sitting, position, mark in db.session.execute(wanted):
        found.setdefault(sitting, {})[position] = int(mark * 100)
    return found


def amendments_of(exam: Exam) -> tuple[correcting.Amendment, ...]:
    """The corrections in force."""
    return correcting.in_force(exam.corrections)


def begun_today(sittings: Sequence[Sitting], *, at: datetime) -> int:
    return sum(sitting.started_at >= exams.today(at) for sitting in sittings)


def exam_document(exam: Exam, candidate: Candidate | None, *, at: datetime) -> dict[str, Any]:
    """INTERFACE, GET …/exams/CODE; ``chances_left`` is null without limit, full before signing in."""
    window, state, sat, today = exams.whole(exam), exams.state(exam, at=at), 0, 0
    if candidate is not None and candidate.exam == exam.id:
        unit_id = own_person(candidate).unit_id
        window = exams.stretch(exam, exams.window_for(exam, unit_id), at=at)
        state = exams.state_in(exam, window, at=at)
        earlier = sittings_of(exam.id, candidate.person)
        sat, today = len(earlier), begun_today(earlier, at=at)
    closes = rules.shifted(window.closes_at, paused_at=exam.paused_at, at=at)
    return {
        "code": exam.code,
        "title": exam.title,
        "mode": exam.mode,
        "state": state.value,
        "opens_in": rules.seconds_left(deadline=window.opens_at, at=at),
        "closes_in": rules.seconds_left(deadline=closes, at=at),
        "minutes": exam.minutes,
        "chances_left": admission.chances_left(sat=sat, chances=exam.chances, today=today, daily=exam.daily),
        "rules": exams.rule_sentences(exam),
    }


def paper_of(exam_id: int, person_id: int, number: int) -> Paper | None:
    """The paper made ready for this person's sitting ``number``, if there is one."""
    wanted = Paper.exam_id == exam_id, Paper.person_id == person_id, Paper.number == number
    return db.session.scalar(select(Paper).where(*wanted))


def persons_without_paper(exam: Exam, *, limit: int) -> Sequence[Row[Any]]:
    """(id, rank) of persons who may sit the exam and have no first paper yet."""
    ready = select(Paper.person_id).where(Paper.exam_id == exam.id, Paper.number == 1)
    wanted = select(Person.id, Person.rank).where(Person.active, Person.id.not_in(ready))
    wanted = exams.only_invited(wanted, exam)
    return db.session.execute(wanted.order_by(Person.id).limit(limit)).all()


def paper_document(sitting: Sitting, *, at: datetime) -> dict[str, Any]:
    """What a phone needs to begin or go on: INTERFACE, POST …/sittings."""
    return cast(dict[str, Any], json.loads(sitting_json(sitting, at=at)))


def sitting_json(sitting: Sitting, *, at: datetime) -> str:
    left = rules.seconds_left(deadline=sitting.deadline_at(at), at=at)
    responses = response_documents(responses_of(sitting.id))
    return paper_json(
        sitting.exam_id, sitting.id, sitting.paper.items, seconds_left=left, responses=responses
    )


def paper_json(
    exam_id: int, sitting_id: int, stored: Any, *, seconds_left: float, responses: Mapping[str, Any]
) -> str:
    """The paper as JSON text, put together from parts encoded once for each question of the pool."""
    rows = json.loads(stored) if isinstance(stored, str) else stored
    parts = memory().keep(("parts", exam_id), lambda: _encoded_parts(exam_id))
    items = ",".join(_item_json(position, parts[row[0]], row) for position, row in enumerate(rows, 1))
    given = json.dumps(responses, ensure_ascii=False)
    return f'{{"sitting":{sitting_id},"seconds_left":{seconds_left},"items":[{items}],"responses":{given}}}'


def _encoded_parts(exam_id: int) -> dict[int, tuple[str, str, dict[str, str]]]:
    """Pool row → everything up to the points, everything between options and end, option texts by label."""
    return {row: _parts(question) for row, question in exams.frozen_pool(exam_id).by_id.items()}


def _parts(question: Question) -> tuple[str, str, dict[str, str]]:
    # Never the key: these parts are all a phone is ever sent before release.
    stem = json.dumps(question.stem, ensure_ascii=False)
    texts = [json.dumps(option, ensure_ascii=False) for option in question.options]
    blanks = f',"blanks":{len(question.key)}' if question.kind is Kind.FILL else ""
    head = f'"kind":"{question.kind.value}","stem":{stem}'
    return head, blanks, dict(zip(LABELS, texts, strict=False))


def _item_json(position: int, parts: tuple[str, str, dict[str, str]], row: Sequence[Any]) -> str:
    head, blanks, texts = parts
    text = f'{{"position":{position},{head},"points":{in_points(row[2])}{blanks}'
    if not row[1]:
        return text + "}"
    shown = [f'{{"label":"{a}","text":{texts[b]}}}' for a, b in zip(LABELS, row[1], strict=False)]
    return f'{text},"options":[{",".join(shown)}]}}'


def response_documents(responses: Mapping[int, tuple[list[str], int]]) -> dict[str, Any]:
    return {str(p): {"answer": answer, "revision": revision} for p, (answer, revision) in responses.items()}


def score_document(sitting: Sitting) -> dict[str, Any]:
    """INTERFACE, POST …/submit, of a submitted sitting."""
    ended = None if sitting.submitted_at is None else to_millis(sitting.submitted_at)
    counts = sitting.score is not None and sitting.voided_at is None
    score = int(sitting.score * 100) if counts and sitting.score is not None else None
    return scored_document(score, int(sitting.exam.full * 100), sitting.passed if counts else None, ended)


def scored_document(
    score: int | None, full: int, passed: bool | None, submitted_at: int | None
) -> dict[str, Any]:
    """From hundredths of a point and milliseconds; SQLite gives ``passed`` as a number."""
    return {
        "score": None if score is None else score / 100,
        "full": full / 100,
        "passed": None if passed is None else bool(passed),
        "submitted_at": None if submitted_at is None else from_millis(submitted_at).isoformat(),
    }


def clock_document(candidate: Candidate, sitting_id: int, *, at: datetime) -> dict[str, Any]:
    """State of the person's own sitting, seconds left, whether it stands or goes on elsewhere; NotFound."""
    wanted = select(Sitting.submitted_at, Sitting.deadline, Sitting.paused_at, Sitting.phone).where(
        Sitting.id == sitting_id,
        Sitting.person_id == candidate.person,
        Sitting.exam_id == candidate.exam,
    )
    row = db.session.execute(wanted).first()
    if row is None:
        raise NotFound
    deadline = rules.shifted(row.deadline, paused_at=row.paused_at, at=at)
    left = 0.0 if row.submitted_at else rules.seconds_left(deadline=deadline, at=at)
    state = "open" if row.submitted_at is None else "submitted"
    found = {"state": state, "seconds_left": left, "paused": row.paused_at is not None}
    return found | ({"elsewhere": True} if rules.is_elsewhere(row.phone, candidate.phone) else {})


def time_version(exam_id: int) -> str:
    """Another one after every deed on the time or standing of open sittings, whoever's they are.

    Rows are counted: the highest number of a row would miss who committed later with a lower one.
    """
    given = select(func.count()).select_from(Extension).where(Extension.exam_id == exam_id)
    began, ended = func.count(Pause.id), func.count(Pause.ended_at)
    stopped = select(began + ended).where(Pause.exam_id == exam_id)
    voided = select(func.count()).select_from(Sitting)
    voided = voided.where(Sitting.exam_id == exam_id, Sitting.voided_at.is_not(None))
    parts = (part.scalar_subquery() for part in (given, stopped, voided))
    return "-".join(map(str, db.session.execute(select(*parts)).one()))


def extra_of(exam: Exam, person_id: int) -> timedelta:
    """Extra time set for this person beforehand."""
    found = db.session.get(Accommodation, (exam.id, person_id))
    if found is None:
        return timedelta(0)
    return exam_rules.extra_time(minutes=exam.minutes, percent=found.percent, more=found.minutes)


def nobody_minds(first: datetime, last: datetime) -> bool:
    """Whether nobody is answering, and nothing opens or ends from ``first`` to ``last``."""
    turns = (Exam.opens_at, Exam.closes_at, Exam.ended_at, ExamWindow.opens_at, ExamWindow.closes_at)
    found = select(Exam.id).outerjoin(ExamWindow, ExamWindow.exam_id == Exam.id)
    turning = found.where(or_(*(turn.between(first, last) for turn in turns)))
    sits = select(Sitting.id).where(Sitting.submitted_at.is_(None))
    return not any(db.session.scalar(one.limit(1)) for one in (sits, turning))


def due_ids(*, at: datetime, limit: int = 500) -> Sequence[int]:
    """Open sittings that anybody may finalise now, the oldest first."""
    wanted = select(Sitting.id).where(
        Sitting.submitted_at.is_(None), Sitting.paused_at.is_(None), Sitting.accept_until < at - rules.SETTLE
    )
    return db.session.scalars(wanted.order_by(Sitting.accept_until).limit(limit)).all()
