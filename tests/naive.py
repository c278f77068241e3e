"""A ranker written from the words of the rules alone, to disagree with the real one if that is wrong.

Knows sittings, heads and nothing else: no totals, no results, no code of the application.
"""

from fractions import Fraction
from typing import NamedTuple


class Sat(NamedTuple):
    """One submitted sitting, in the order they were submitted by the person."""

    person: str
    unit: str
    points: Fraction
    void: bool = False
    #: Number of the day on which it was begun.
    day: int = 0


def kept(sittings: list[Sat], counts: str) -> list[tuple[str, str, Fraction]]:
    """(person, unit, score that counts): the unit is that of the last sitting that is not void."""
    found = []
    for person in dict.fromkeys(sat.person for sat in sittings):
        own = [sat for sat in sittings if sat.person == person and not sat.void]
        if not own:
            continue
        points = [sat.points for sat in own]
        if counts == "best":
            score = max(points)
        elif counts == "last":
            score = points[-1]
        elif counts == "first":
            score = points[0]
        elif counts == "sum":
            score = sum(points, Fraction(0))
        elif counts in ("daily", "days"):
            bests = [max(sat.points for sat in own if sat.day == day) for day in {sat.day for sat in own}]
            score = sum(bests, Fraction(0)) if counts == "daily" else Fraction(bests.count(Fraction(100)))
        else:
            mean = sum(points) / len(points)
            # To a hundredth, half up.
            score = Fraction((200 * mean.numerator + mean.denominator) // (2 * mean.denominator), 100)
        found.append((person, own[-1].unit, score))
    return found


def value(
    formula: str,
    heads: int,
    scores: list[Fraction],
    everybody: list[Fraction],
    weight: int,
    top: int,
    full: int,
) -> Fraction | None:
    count, points = len(scores), sum(scores, Fraction(0))
    if formula == "sum":
        return points
    if formula == "count":
        return Fraction(count)
    if formula == "mean":
        return points / count if count else None
    if formula == "shrunk":
        return (points + 10 * (sum(everybody) / len(everybody))) / (count + 10) if count else None
    if formula == "top":
        places = min(top, max(heads, min(top, count)))
        return sum(sorted(scores, reverse=True)[:places], Fraction(0)) / places if places else None
    if not heads:
        return None
    share = Fraction(count, heads) if count < heads else Fraction(1)
    if formula == "rate":
        return 100 * share
    if formula == "percap":
        return points / heads
    average = points / count if count else Fraction(0)
    return weight * share + (100 - weight) * average / full


def ranks(
    heads: dict[str, int],
    sittings: list[Sat],
    *,
    formula: str,
    counts: str = "best",
    weight: int = 50,
    top: int = 10,
    groups: dict[str, str] | None = None,
    least: int = 0,
    full: int = 100,
) -> dict[str, tuple[int | None, Fraction | None]]:
    """Unit → rank within its group and score. Equal score, rate and mean share a rank."""
    rows = kept(sittings, counts)
    everybody = [score for _, _, score in rows]
    keys: dict[str, tuple[Fraction, ...]] = {}
    found: dict[str, tuple[int | None, Fraction | None]] = {}
    for unit in {*heads, *(unit for _, unit, _ in rows)}:
        scores = [score for _, of, score in rows if of == unit]
        expected = heads.get(unit) or len(scores)
        score = value(formula, expected, scores, everybody, weight, top, full)
        found[unit] = (None, score)
        if score is not None and len(scores) >= least:
            rate = min(Fraction(1), Fraction(len(scores), expected)) if expected else Fraction(-1)
            mean = sum(scores, Fraction(0)) / len(scores) if scores else Fraction(-1)
            keys[unit] = (score, rate, mean)
    for unit, key in keys.items():
        beside = [other for other in keys if groups is None or groups[other] == groups[unit]]
        found[unit] = (1 + sum(keys[other] > key for other in beside), found[unit][1])
    return found
