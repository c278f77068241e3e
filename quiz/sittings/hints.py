"""The hints of one exam, read from what is stored. A read model: changes nothing, concludes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, select, type_coerce

from question_bank import Kind
from question_bank.marking import MultiplePolicy
from question_bank.paper import Item
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.memory import memory
from quiz.sittings import correcting, corrections, hinting, queries
from quiz.sittings.hinting import Wrong
from quiz.sittings.models import Response, Sitting


@dataclass(frozen=True)
class Hints:
    """``alike``: two sittings and the pair; ``fast``: a sitting and how many; ``phones``: sittings of one.

    ``quick``: a sitting and the seconds it took, fewer than the exam holds possible.
    """

    alike: Sequence[tuple[Sitting, Sitting, hinting.Pair]]
    fast: Sequence[tuple[Sitting, int]]
    phones: Sequence[Sequence[Sitting]]
    quick: Sequence[tuple[Sitting, int]]

    @property
    def any(self) -> bool:
        return bool(self.alike or self.fast or self.phones or self.quick)


def of_exam(exam: Exam) -> Hints:
    """Over all submitted sittings; reckoned at most once in a minute."""
    key = ("hints", exam.id, str(exam.corrections))
    alike, fast, phones = memory().keep(key, lambda: _reckon(exam), seconds=60)
    wanted = {number for pair in alike for number in (pair.first, pair.second)}
    quick = _quick(exam)
    wanted |= {number for number, _ in [*fast, *quick]} | {number for group in phones for number in group}
    rows = {row.id: row for row in db.session.scalars(select(Sitting).where(Sitting.id.in_(wanted)))}
    return Hints(
        [(rows[pair.first], rows[pair.second], pair) for pair in alike],
        [(rows[number], count) for number, count in fast],
        [[rows[number] for number in group] for group in phones],
        [(rows[number], seconds) for number, seconds in quick],
    )


def _reckon(exam: Exam) -> tuple[list[hinting.Pair], list[tuple[int, int]], list[list[int]]]:
    own = select(Sitting.id, Sitting.unit_id, Sitting.deadline).where(Sitting.exam_id == exam.id)
    sittings = {row.id: row for row in db.session.execute(own)}
    histories = _histories(exam)
    wrong, fast = [], []
    for one in corrections.marked(exam):
        row = sittings[one.id]
        wrong.append(Wrong(one.id, row.unit_id, wrong_answers(exam, one)))
        count = hinting.fast(steps(one, histories.get(one.id, {}), row.deadline))
        if count:
            fast.append((one.id, count))
    return hinting.alike(wrong), sorted(fast, key=lambda entry: -entry[1]), _same_phone(exam)


def wrong_answers(exam: Exam, one: corrections.Marked) -> dict[int, str]:
    """Of questions with options that are still asked: several wrong answers must be possible."""
    amendments = queries.amendments_of(exam)
    voided = {amendment.question for amendment in amendments if amendment.deed is not correcting.Deed.REKEY}
    policy = MultiplePolicy(exam.multiple_policy)
    earned = correcting.marks(one.items, one.answers, policy, amendments, one.hand)
    return {
        item.index: "".join(corrections.own_labels(item, one.answers[item.position]))
        for item in one.items
        if item.question.kind in (Kind.SINGLE, Kind.MULTIPLE)
        and item.index not in voided
        and one.answers.get(item.position)
        and earned.get(item.position, 0) < item.points
    }


def _histories(exam: Exam) -> dict[int, dict[int, str]]:
    """Sitting → position → history."""
    wanted = select(Response.sitting_id, Response.position, Response.history).join(Sitting)
    found: dict[int, dict[int, str]] = {}
    for sitting, position, history in db.session.execute(wanted.where(Sitting.exam_id == exam.id)):
        found.setdefault(sitting, {})[position] = history
    return found


def steps(one: corrections.Marked, histories: dict[int, str], deadline: datetime) -> list[tuple[float, int]]:
    """When each item was first answered, as hinting.fast() wants it."""
    sizes = {item.position: _size(item) for item in one.items}
    steps = []
    for position, history in histories.items():
        first = next(iter(queries.entries(history)), None)
        if first is not None:
            # What waited for the network arrives in one go: then the phone's own word is the likelier one.
            at = first.at if first.left is None else min(first.at, deadline - first.left)
            steps.append((at.timestamp(), sizes.get(position, 0)))
    return sorted(steps)


def _size(item: Item) -> int:
    return len(item.question.stem) + sum(map(len, item.question.options))


def _quick(exam: Exam) -> list[tuple[int, int]]:
    """Sittings in less time than is ranked, with that time in seconds, the quickest first."""
    least = exam.least_seconds * 1000 * exam.items
    used = Sitting.submitted_at - Sitting.started_at - Sitting.paused_millis
    wanted = select(Sitting.id, type_coerce(used, BigInteger).label("used")).where(
        Sitting.exam_id == exam.id, Sitting.score.is_not(None), type_coerce(used, BigInteger) < least
    )
    return [
        (number, used // 1000) for number, used in db.session.execute(wanted.order_by("used", Sitting.id))
    ]


def _same_phone(exam: Exam) -> list[list[int]]:
    """Sittings of several people on one phone."""
    own = select(Sitting.phone, Sitting.person_id, Sitting.id)
    own = own.where(Sitting.exam_id == exam.id, Sitting.phone.is_not(None)).order_by(Sitting.id)
    phones: dict[str, dict[int, int]] = {}
    for phone, person, number in db.session.execute(own):
        phones.setdefault(phone, {})[person] = number
    return [list(people.values()) for people in phones.values() if len(people) > 1]
