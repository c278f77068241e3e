"""Drawing with regard to earlier draws: what a person has seen least, what was asked least, papers of
about the same difficulty. Still a pure function: the same history and seed give the same paper.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from question_bank.pool import Picker, Pool
from question_bank.question import Difficulty
from question_bank.spec import PaperSpec
from question_bank.stream import Stream

#: What part of the points, in percent, is expected to be earned by difficulty. An assumption, printed.
EASE = {Difficulty.EASY: 90, Difficulty.MEDIUM: 75, Difficulty.HARD: 55}


@dataclass(frozen=True, slots=True)
class History:
    """``seen``: fingerprint → how often the person was asked it; ``asked``: in how many papers it is.

    What is not named counts as 0. ``band``: how far, in percent of the full points, the expected score
    may lie from that of an average paper; None for no bound.
    """

    seen: Mapping[str, int] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    band: Fraction | None = None

    @classmethod
    def from_json(cls, doc: object) -> "History":
        """Of ``{"seen": {…}, "asked": {…}, "band": "2.5"}``. ValueError with a Chinese sentence."""
        if not isinstance(doc, Mapping):
            raise ValueError("抽题经过应当写明 seen、asked 和 band")
        seen, asked, band = doc.get("seen", {}), doc.get("asked", {}), doc.get("band")
        for counts in (seen, asked):
            if not isinstance(counts, Mapping) or not all(type(n) is int and n >= 0 for n in counts.values()):
                raise ValueError("抽题经过里的次数应当是 0 以上的整数")
        try:
            return cls(dict(seen), dict(asked), None if band is None else Fraction(str(band)))
        except (ValueError, ZeroDivisionError):
            raise ValueError("抽题经过里的难度差应当是一个数") from None

    def document(self) -> dict[str, object]:
        """What `from_json` reads back."""
        band = None if self.band is None else str(self.band)
        return {"seen": dict(self.seen), "asked": dict(self.asked), "band": band}

    def weights(self, pool: Pool) -> list[tuple[int, int]]:
        """For each question of the pool what decides: the smaller is drawn first."""
        return [(self.seen.get(one, 0), self.asked.get(one, 0)) for one in pool.fingerprints]


def least_used(stream: Stream, weights: Sequence[tuple[int, int]]) -> Picker:
    """Picks what weighs least; chance decides between equals."""

    def pick(candidates: Sequence[int], count: int, taken: Collection[int]) -> list[int]:
        shuffled = stream.pick(candidates, len(candidates), taken)
        # Sorting is stable: equals stay shuffled.
        return sorted(shuffled, key=weights.__getitem__)[:count]

    return pick


def expected(pool: Pool, spec: PaperSpec, chosen: Sequence[Sequence[int]]) -> Fraction:
    """The expected score in percent of the full points."""
    pairs = zip(spec.lines, chosen, strict=True)
    earned = sum(line.points * _ease(pool, index) for line, indexes in pairs for index in indexes)
    return Fraction(earned, spec.full)


def average(pool: Pool, spec: PaperSpec) -> Fraction:
    """The expected score of an average paper: each line taken as its candidates are on the whole."""
    earned = Fraction(0)
    for line in spec.lines:
        candidates = pool.matching(line)
        if candidates:
            ease = Fraction(sum(_ease(pool, index) for index in candidates), len(candidates))
            earned += line.count * line.points * ease
    return earned / spec.full


def _ease(pool: Pool, index: int) -> int:
    return EASE[pool.questions[index].difficulty]


@dataclass(frozen=True, slots=True)
class _Swap:
    """Of line ``number``: ``out`` leaves, ``into`` comes, ``gain`` is added to the expected score."""

    number: int
    out: int
    into: int
    gain: Fraction
    cost: tuple[int, int]


def level(
    pool: Pool,
    spec: PaperSpec,
    chosen: list[list[int]],
    *,
    weights: Sequence[tuple[int, int]],
    band: Fraction,
    stream: Stream,
) -> None:
    """Exchange questions within their lines until the expected score lies within ``band`` of the average.

    The cheapest exchange first: what was used most goes, what was used least comes. Where no exchange
    brings it nearer, the paper stays as near as it is.
    """
    target, now = average(pool, spec), expected(pool, spec, chosen)
    while abs(now - target) > band:
        swaps = _swaps(pool, spec, chosen, weights, stream)
        nearer = [one for one in swaps if abs(now + one.gain - target) < abs(now - target)]
        if not nearer:
            return
        best = min(nearer, key=lambda one: (one.cost, abs(now + one.gain - target)))
        place = chosen[best.number].index(best.out)
        chosen[best.number][place] = best.into
        now += best.gain


def _swaps(
    pool: Pool,
    spec: PaperSpec,
    chosen: Sequence[Sequence[int]],
    weights: Sequence[tuple[int, int]],
    stream: Stream,
) -> list[_Swap]:
    """For each line the best exchange between each two difficulties."""
    taken = {index for indexes in chosen for index in indexes}
    found: list[_Swap] = []
    for number, line in enumerate(spec.lines):
        if line.difficulty is not None:
            continue
        candidates = pool.matching(line)
        free = sorted(stream.pick(candidates, len(candidates), taken), key=weights.__getitem__)
        held = sorted(chosen[number], key=weights.__getitem__, reverse=True)
        for out in _first_of_each(pool, held):
            for into in _first_of_each(pool, free):
                gain = Fraction(line.points * (_ease(pool, into) - _ease(pool, out)), spec.full)
                cost = (weights[into][0] - weights[out][0], weights[into][1] - weights[out][1])
                found.append(_Swap(number, out, into, gain, cost))
    return found


def _first_of_each(pool: Pool, indexes: Sequence[int]) -> list[int]:
    first: dict[Difficulty, int] = {}
    for index in indexes:
        first.setdefault(pool.questions[index].difficulty, index)
    return list(first.values())
