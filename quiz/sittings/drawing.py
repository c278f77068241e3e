"""Papers: drawn ahead of the opening, or at the start of who has none yet.

Least used first: what this person was never asked before, then what is in the fewest papers of the exam, all
papers of about the same difficulty. What decided is kept with the paper, so that seed and published pool give
it again (drawn_again, python -m question_bank draw --history).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from question_bank import Question
from question_bank.paper import History, draw, expected_score
from question_bank.paper import Paper as Drawn
from question_bank.question import LABELS
from quiz.exams import queries as exams
from quiz.exams.models import Exam, Exposure, Paper
from quiz.exams.queries import FrozenPool
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.people.models import Person
from quiz.sittings import queries, rules
from quiz.sittings.models import Sitting


class Whom(NamedTuple):
    """For whom a paper is drawn, and for which of their sittings."""

    person: int
    rank: str
    number: int


def make_papers(exam: Exam, *, limit: int) -> int:
    """Draw the first paper of up to ``limit`` persons who have none yet; returns how many.

    Made before the opening, so that the first minute only hands them out.
    """
    # Shared until the commit: a change of who may sit or of the pool waits for this, or is seen here.
    db.session.refresh(exam, with_for_update={"read": True})
    waiting = queries.persons_without_paper(exam, limit=limit)
    return len(draw_papers(exam, [Whom(row.id, row.rank, 1) for row in waiting]))


def draw_paper(exam: Exam, *, person_id: int, number: int) -> Paper:
    """The paper this person gets for this sitting; added to the session."""
    rank = db.session.scalar(select(Person.rank).where(Person.id == person_id)) if exam.groups else ""
    return draw_papers(exam, [Whom(person_id, rank or "", number)])[0]


def draw_papers(exam: Exam, wanted: Sequence[Whom]) -> list[Paper]:
    """One after the other, each with regard to those before it; added to the session."""
    if not wanted:
        return []
    frozen = exams.pool_to_draw(exam)
    # Of contests anybody may join, nobody knows how many papers there will be: chance keeps those even.
    even = exam.mode == Mode.EXAM
    asked = Counter(_asked(exam)) if even else Counter[int]()
    seen = _seen(frozen, [one.person for one in wanted])
    papers = [_draw(exam, frozen, one, asked, seen.get(one.person, {}), even=even) for one in wanted]
    db.session.add_all(papers)
    db.session.flush()
    if even:
        _keep_asked(exam, Counter(row[0] for paper in papers for row in paper.items))
    return papers


def drawn_again(exam: Exam, paper: Paper) -> list[list[Any]]:
    """The items that seed, pool and what was kept with the paper give."""
    frozen, kept = exams.pool_to_draw(exam), paper.inputs
    history = None if kept is None else History.from_json(history_document(frozen, kept))
    spec = exams.spec_of_group(exam, kept and kept["group"])
    seed = seed_of(exam, paper.person_id, paper.number)
    return _rows(frozen, draw(frozen.pool, spec, seed=seed, history=history))


def papers_of(exam: Exam) -> Iterable[Paper]:
    """Every paper of the exam, a few at a time."""
    wanted = select(Paper).where(Paper.exam_id == exam.id).order_by(Paper.id)
    return db.session.scalars(wanted.execution_options(yield_per=200))


def history_document(frozen: FrozenPool, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """History.document() of what is kept with a paper: there by place in the pool, here by fingerprint."""
    prints = frozen.pool.fingerprints
    asked = {prints[place]: count for place, count in enumerate(inputs["asked"]) if count}
    return {
        "seen": {prints[place]: count for place, count in inputs["seen"]},
        "asked": asked,
        "band": inputs["band"],
    }


def seed_of(exam: Exam, person_id: int, number: int) -> str:
    return f"{exam.seed}:{person_id}:{number}"


def _draw(
    exam: Exam, frozen: FrozenPool, whom: Whom, asked: Counter[int], seen: Mapping[int, int], *, even: bool
) -> Paper:
    """``asked`` by row of the pool, moved on by this paper; ``seen`` by place in the pool."""
    inputs = _inputs(frozen, asked if even else {}, seen, band=str(exam.band) if even else None)
    inputs["group"] = exams.group_for(exam, whom.rank)
    history, seed = (
        History.from_json(history_document(frozen, inputs)),
        seed_of(exam, whom.person, whom.number),
    )
    drawn = draw(frozen.pool, exams.spec_of_group(exam, inputs["group"]), seed=seed, history=history)
    items = _rows(frozen, drawn)
    asked.update(row[0] for row in items)
    return Paper(
        exam_id=exam.id,
        person_id=whom.person,
        number=whom.number,
        items=items,
        shape=rules.shape(_shape_entry(item.question) for item in drawn.items),
        expected=round(expected_score(drawn) * 100),
        inputs=inputs,
    )


def _inputs(
    frozen: FrozenPool, asked: Mapping[int, int], seen: Mapping[int, int], *, band: str | None
) -> dict[str, Any]:
    """Counts beyond the smallest: only their differences decide."""
    counts = [asked.get(row, 0) for row in frozen.ids] if asked else []
    least = min(counts, default=0)
    return {"seen": sorted(map(list, seen.items())), "asked": [n - least for n in counts], "band": band}


def _rows(frozen: FrozenPool, drawn: Drawn) -> list[list[Any]]:
    """As Paper.items keeps them."""
    return [
        [frozen.ids[item.index], "".join(LABELS[place] for place in item.order), item.points]
        for item in drawn.items
    ]


def _shape_entry(question: Question) -> tuple[str, int]:
    return question.kind.value, len(question.options) or len(question.key)


def _asked(exam: Exam) -> dict[int, int]:
    """Row of the pool → in how many papers of the exam it is."""
    wanted = select(Exposure.pool_question_id, Exposure.papers).where(Exposure.exam_id == exam.id)
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def _keep_asked(exam: Exam, more: Mapping[int, int]) -> None:
    """Rows in the order of their ids, so that two who draw at once cannot deadlock."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Exposure)
    added = insert.on_conflict_do_update(
        index_elements=["exam_id", "pool_question_id"],
        set_={"papers": Exposure.papers + insert.excluded.papers},
    )
    rows = [{"exam_id": exam.id, "pool_question_id": row, "papers": more[row]} for row in sorted(more)]
    db.session.execute(added, rows)


def _seen(frozen: FrozenPool, persons: Iterable[int]) -> dict[int, dict[int, int]]:
    """Person → place in the pool → how often they were asked it, in whatever exam they began."""
    places = {question: place for place, question in enumerate(frozen.question_ids)}
    wanted = select(Sitting.person_id, Sitting.exam_id, Paper.items).join(Paper, Paper.id == Sitting.paper_id)
    found: dict[int, dict[int, int]] = {}
    for person, exam_id, items in db.session.execute(wanted.where(Sitting.person_id.in_(list(persons)))):
        questions = exams.question_ids(exam_id)
        for row in items:
            place = places.get(questions[row[0]])
            if place is not None:
                counts = found.setdefault(person, {})
                counts[place] = counts.get(place, 0) + 1
    return found
