"""Drawing a paper so that anybody can draw it again.

`draw` is a pure function of the questions in the pool, the PaperSpec and a seed. It uses no random
generator of the language, only SHA-256, so a stored seed gives the same paper on every machine.
Points are hundredths of a point, as in `question_bank.marking`; JSON documents speak of points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from question_bank.history import EASE, History, least_used, level
from question_bank.marking import in_points
from question_bank.pool import Pool, Shortage, ShortageLine, allot, pool_fingerprint, short, shortages
from question_bank.question import LABELS, Kind, Question
from question_bank.spec import PRESETS, PaperSpec, Preset, SpecLine
from question_bank.stream import Stream

__all__ = [
    "PRESETS",
    "History",
    "Item",
    "Paper",
    "PaperSpec",
    "Pool",
    "Preset",
    "Shortage",
    "ShortageLine",
    "SpecLine",
    "draw",
    "expected_score",
    "pool_fingerprint",
    "shortages",
]


@lru_cache(maxsize=20_000)
def _shown_key(key: tuple[str, ...], order: tuple[int, ...]) -> tuple[str, ...]:
    """Remembered: there are few keys and few orders, and every paper of a hall asks for them at once."""
    right = {LABELS.index(label) for label in key}
    return tuple(LABELS[shown] for shown, place in enumerate(order) if place in right)


@dataclass(frozen=True, slots=True)
class Item:
    """A question at a position of a paper.

    ``position`` counts from 1, ``index`` is the question's place in the pool as it was given,
    ``order`` the original option index at each shown place (empty without options), ``points``
    hundredths.
    """

    position: int
    index: int
    question: Question
    order: tuple[int, ...]
    points: int

    @property
    def options(self) -> tuple[str, ...]:
        """The texts of the options as shown."""
        return tuple(self.question.options[place] for place in self.order)

    @property
    def key(self) -> tuple[str, ...]:
        """The key in labels as shown, in label order; for other kinds the question's own."""
        return _shown_key(self.question.key, self.order) if self.order else self.question.key

    def shown(self) -> dict[str, object]:
        """The item as a candidate may see it, in the shape of the candidate API. No key."""
        return {
            "position": self.position,
            "kind": self.question.kind.value,
            "stem": self.question.stem,
            "points": in_points(self.points),
            "options": [
                {"label": label, "text": text} for label, text in zip(LABELS, self.options, strict=False)
            ],
        }

    def document(self) -> dict[str, object]:
        """Everything about the item, the key included; never for a candidate."""
        return {**self.shown(), "key": list(self.key), "index": self.index, "order": list(self.order)}


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawn, ordered set of items, and what is needed to draw it again."""

    items: tuple[Item, ...]
    seed: str
    pool_fingerprint: str

    @property
    def full(self) -> int:
        return sum(item.points for item in self.items)

    def document(self) -> dict[str, object]:
        """The paper as JSON, keys included; never for a candidate."""
        return {
            "seed": self.seed,
            "pool": self.pool_fingerprint,
            "full": in_points(self.full),
            "items": [item.document() for item in self.items],
        }


def draw(
    pool: Pool | Sequence[Question], spec: PaperSpec, *, seed: str, history: History | None = None
) -> Paper:
    """A paper: sections by kind in the order of Kind, items and options shuffled within their bounds.

    The same questions, spec and seed always give the same paper, in whatever order the pool comes.
    The questions should be free of `question.faults`. Options that speak about other options stay
    where they are (`question_bank.option_order`). Raises Shortage when the pool cannot fill the spec.
    A pool drawn from more than once should be given as a Pool. With a ``history`` what was used least is
    drawn first, and the expected score stays within its band.
    """
    pool = pool if isinstance(pool, Pool) else Pool(pool)
    stream = Stream(seed)
    chosen = _chosen(pool, spec, stream, history)
    if missing := short(pool, spec, chosen):
        raise Shortage(missing)
    items: list[Item] = []
    for kind in Kind:
        section = [
            (index, line.points)
            for line, indexes in zip(spec.lines, chosen, strict=True)
            if line.kind == kind
            for index in indexes
        ]
        stream.shuffle(section)
        for index, points in section:
            question = pool.questions[index]
            order = list(range(len(question.options)))
            for start, stop in pool.movable(index):
                stream.shuffle(order, start, stop)
            items.append(Item(len(items) + 1, index, question, tuple(order), points))
    return Paper(tuple(items), seed, pool.fingerprint)


def _chosen(pool: Pool, spec: PaperSpec, stream: Stream, history: History | None) -> list[list[int]]:
    """For each line of the spec its questions."""
    if history is None:
        return allot(pool, spec, stream.pick)
    weights = history.weights(pool)
    chosen = allot(pool, spec, least_used(stream, weights))
    if history.band is not None and not short(pool, spec, chosen):
        level(pool, spec, chosen, weights=weights, band=history.band, stream=stream)
    return chosen


def expected_score(paper: Paper) -> Fraction:
    """In percent of the full points, by the difficulty of its questions (`question_bank.history.EASE`)."""
    earned = sum(item.points * EASE[item.question.difficulty] for item in paper.items)
    return Fraction(earned, paper.full)
