"""How alike the papers of an exam are: reads of what was drawn."""

from dataclasses import dataclass

from sqlalchemy import func, select

from quiz.exams.models import Exam, Exposure, Paper
from quiz.extensions import db


@dataclass(frozen=True)
class Spread:
    """The papers that are there, by expected score in percent, and how often questions are asked."""

    papers: int
    #: (percent, how many papers), every half percent between the smallest and the largest.
    bars: list[tuple[float, int]]
    least: int
    most: int


def spread(exam: Exam) -> Spread | None:
    """How alike the papers are that are ready; None while there is none."""
    counted = select(Paper.expected, func.count()).where(
        Paper.exam_id == exam.id, Paper.expected.is_not(None)
    )
    found = dict(db.session.execute(counted.group_by(Paper.expected)).all())
    if not found:
        return None
    low, high = min(found) // _BAR, max(found) // _BAR
    bars = dict.fromkeys(range(low, high + 1), 0)
    for expected, count in found.items():
        bars[expected // _BAR] += count
    asked = select(func.min(Exposure.papers), func.max(Exposure.papers)).where(Exposure.exam_id == exam.id)
    least, most = db.session.execute(asked).one()
    shown = [(place * _BAR / 100, count) for place, count in bars.items()]
    return Spread(sum(found.values()), shown, least or 0, most or 0)


#: Half a percent, in hundredths.
_BAR = 50
