"""What is worth a second look among the sittings of one exam. Hints for a review, never a verdict.

Wrong answers in common. Two people who know little are both wrong often; that says nothing. Where both are
wrong, how often would two people of this exam give the same wrong answer? That is estimated for each question
from everybody who got it wrong. A pair is hinted at when it agrees so much oftener that, among all pairs that
were compared, such a one would be expected less than once in a hundred exams. A question with one possible
wrong answer (判断题) tells nothing and is left out.

Speed. An answer is implausibly fast when less time passed since the one before than it takes to read the
question at 25 characters a second, several times as fast as people read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

#: Fewer equal wrong answers are never hinted at.
LEAST_EQUAL = 5
#: Expected number of innocent pairs hinted at in one exam.
ALARM = 0.01
#: So many pairs, half of them agreeing, are assumed beside those seen: few wrong answers prove little.
ASSUMED = 6
#: Units so large are compared no further: every pair of a unit is looked at.
MOST_OF_A_UNIT = 400
CHARACTERS_A_SECOND = 25
LEAST_SECONDS = 1.0
#: So many fast answers, and so large a share of all.
LEAST_FAST = 10
FAST_SHARE = 0.3


@dataclass(frozen=True)
class Wrong:
    """One sitting's wrong answers: question → answer, in the question's own labels; nothing unanswered."""

    sitting: int
    unit: int
    answers: Mapping[int, str]


@dataclass(frozen=True)
class Pair:
    """Two sittings of a unit: questions both got wrong, how many alike, and how many chance would give."""

    first: int
    second: int
    shared: int
    equal: int
    expected: float


def agreements(sittings: Iterable[Wrong]) -> dict[int, float]:
    """Question → how likely two who get it wrong give the same wrong answer."""
    given: dict[int, Counter[str]] = {}
    for one in sittings:
        for question, answer in one.answers.items():
            given.setdefault(question, Counter())[answer] += 1
    return {question: _agreement(counts) for question, counts in given.items()}


def _agreement(counts: Counter[str]) -> float:
    people = sum(counts.values())
    pairs = people * (people - 1) / 2
    equal = sum(count * (count - 1) / 2 for count in counts.values())
    return (equal + ASSUMED / 2) / (pairs + ASSUMED)


def alike(sittings: Sequence[Wrong]) -> list[Pair]:
    """The pairs within a unit that agree far beyond chance, the most surprising first."""
    likely = agreements(sittings)
    units: dict[int, list[Wrong]] = {}
    for one in sittings:
        units.setdefault(one.unit, []).append(one)
    groups = [group for group in units.values() if len(group) <= MOST_OF_A_UNIT]
    compared = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    found = []
    for group in groups:
        for one, other in combinations(group, 2):
            pair, chance = _compare(one, other, likely)
            if pair.equal >= LEAST_EQUAL and chance * compared < ALARM:
                found.append((chance, pair))
    return [pair for _, pair in sorted(found, key=lambda entry: (entry[0], entry[1].first))]


def _compare(one: Wrong, other: Wrong, likely: Mapping[int, float]) -> tuple[Pair, float]:
    shared = one.answers.keys() & other.answers.keys()
    equal = sum(one.answers[question] == other.answers[question] for question in shared)
    chances = [likely[question] for question in sorted(shared)]
    pair = Pair(one.sitting, other.sitting, len(shared), equal, sum(chances))
    return pair, at_least(equal, chances) if equal >= LEAST_EQUAL else 1.0


def at_least(equal: int, chances: Sequence[float]) -> float:
    """The probability that ``equal`` or more of independent events with these chances happen; exact."""
    ways = [1.0]
    for chance in chances:
        longer = [0.0] * (len(ways) + 1)
        for count, probability in enumerate(ways):
            longer[count] += probability * (1 - chance)
            longer[count + 1] += probability * chance
        ways = longer
    return sum(ways[equal:])


def plausible_seconds(characters: int) -> float:
    """The least time in which a question of so many characters can have been read."""
    return max(LEAST_SECONDS, characters / CHARACTERS_A_SECOND)


def fast(steps: Sequence[tuple[float, int]]) -> int:
    """How many answers came too fast; 0 where they are too few to hint at.

    ``steps``: for each item answered, in order of time, the second of its first answer and the characters of
    its stem and options. The first step has nothing before it and is not judged.
    """
    gaps = ((later - earlier, size) for (earlier, _), (later, size) in pairwise(steps))
    found = sum(gap < plausible_seconds(size) for gap, size in gaps)
    return found if found >= LEAST_FAST and found >= FAST_SHARE * len(steps) else 0
