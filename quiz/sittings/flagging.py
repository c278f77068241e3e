"""What is worth a look among those who took part in a public contest. Never a verdict; plain values only.

Everything here goes once through a list or a hash: a hundred thousand sittings are no more work than a
hundred times a thousand. What compares two by two is hinting, for cadres' exams.
"""

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from quiz.errors import RuleBroken

#: So many persons on one phone, of one name, or with numbers in a row.
MANY = 3
#: Fewer equal wrong answers, or fewer answers at equal intervals, are never told.
LEAST_WRONG, LEAST_STEPS = 5, 10
#: Nobody reads and answers an item in less (domain.md WEB-4).
SECONDS_AN_ITEM = 2


class Flag(StrEnum):
    PHONE = "phone"
    NAMES = "names"
    NUMBERS = "numbers"
    DEVICE = "device"
    SPEED = "speed"
    WRONG = "wrong"
    PACE = "pace"

    @property
    def chinese(self) -> str:
        return _WORDS[self][0]

    @property
    def innocent(self) -> str:
        """How it comes about without anybody meaning harm."""
        return _WORDS[self][1]


_WORDS = {
    Flag.PHONE: ("同一个手机号", "一家人合用一个号码，也是这样。"),
    Flag.NAMES: ("姓名几乎一样", "也可能是重名。"),
    Flag.NUMBERS: ("手机号连号", "单位统一办的号码，也会连号。"),
    Flag.DEVICE: ("同一部手机", "帮没有智能手机的人答题，也是这样。"),
    Flag.SPEED: ("答得太快", "事先熟读题库的人也可能很快。"),
    Flag.WRONG: ("错得完全一样", "一起学习、记错了同一处，也可能这样。"),
    Flag.PACE: ("每题的间隔一样", "十题以上都在同一秒，多半是程序在答。"),
}


class AlreadyDecided(RuleBroken):
    code = "already-decided"
    message = "这一条已经有人处理，请刷新再看。"


class NobodyChosen(RuleBroken):
    code = "nobody-chosen"
    message = "请先勾选不计入的人。"
    status = 422


class Entrant(NamedTuple):
    person: int
    name: str
    name_key: str
    phone: str | None
    unit: int


@dataclass(frozen=True)
class Case:
    """Persons who belong together by ``flag``, and the evidence in words."""

    flag: Flag
    persons: tuple[int, ...]
    evidence: str


def grouped(pairs: Iterable[tuple[Hashable, int]], *, least: int) -> list[tuple[int, ...]]:
    """The persons of each key that has at least ``least`` of them, the largest group first."""
    groups: dict[Hashable, set[int]] = defaultdict(set)
    for key, person in pairs:
        groups[key].add(person)
    found = (tuple(sorted(persons)) for persons in groups.values() if len(persons) >= least)
    return sorted(found, key=lambda persons: (-len(persons), persons))


def same_phone(entrants: Iterable[Entrant]) -> list[tuple[int, ...]]:
    return grouped(((one.phone, one.person) for one in entrants if one.phone), least=2)


def look_alike(entrants: Iterable[Entrant]) -> list[tuple[int, ...]]:
    """Of one unit: names that differ in digits, letters or marks only, and a name that many bear.

    Two of the very same name are told of nobody: any large unit has them.
    """
    known = {one.person: one.name_key for one in entrants}
    groups = grouped((((one.unit, skeleton(one.name_key)), one.person) for one in entrants), least=2)
    return [group for group in groups if len(group) >= MANY or len({known[person] for person in group}) > 1]


def skeleton(name_key: str) -> str:
    """The name without what is added to make it another: 王芳2, 王芳a and 王.芳 are 王芳."""
    kept = "".join(c for c in name_key if unicodedata.category(c) == "Lo")
    return kept if len(kept) > 1 else name_key


def in_a_row(entrants: Iterable[Entrant]) -> list[tuple[int, ...]]:
    """Persons of one unit whose phones follow one another, at least MANY of them."""
    units: dict[int, dict[int, int]] = defaultdict(dict)
    for one in entrants:
        if one.phone and one.phone.isascii() and one.phone.isdigit():
            units[one.unit][int(one.phone)] = one.person
    found: list[tuple[int, ...]] = []
    for phones in units.values():
        run: list[int] = []
        numbers = sorted(phones)
        for number, after in pairwise([*numbers, 0]):
            run.append(phones[number])
            if after != number + 1:
                found += [tuple(sorted(run))] if len(run) >= MANY else []
                run = []
    return sorted(found, key=lambda run: (-len(run), run))


def wrong_mark(wrong: Mapping[int, str]) -> str | None:
    """The same for two sittings exactly when all their wrong answers are; None where they are few."""
    if len(wrong) < LEAST_WRONG:
        return None
    return _hash([[question, wrong[question]] for question in sorted(wrong)])


def pace_mark(instants: Sequence[float]) -> str | None:
    """The same for two sittings whose answers were given at the same intervals, to the second.

    None where they are few, or came all at once as after a time without network.
    """
    steps = sorted(instants)
    if len(steps) < LEAST_STEPS or steps[-1] - steps[0] < SECONDS_AN_ITEM * (len(steps) - 1):
        return None
    return _hash([round(after - before) for before, after in pairwise(steps)])


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def mark_of(flag: str, persons: Sequence[int]) -> str:
    """What a decision about exactly these is kept under."""
    return _hash([flag, sorted(persons)])
