"""What a prize draw is: who takes part, the published text, the selection, and its recomputation.

Plain values only. docs/抽奖算法.md says the same in words with an example to redo by hand;
static/js/draws_verify.js is the second implementation, and a test holds the two together.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from quiz.errors import RuleBroken

FORMAT = "mingshi-draw-1"
#: A hundred million ways: with fewer, somebody could try all of them before speaking.
FEWEST_DIGITS = 9
MOST_TICKETS = 60_000
MOST_EACH = 20
LONGEST = 60
#: How identity was checked, in words: 核对身份证.
SHORTEST_WORDS = 4
#: Instead of the name of somebody who did not agree to be named.
UNNAMED = "未同意公示"


class State(StrEnum):
    """Where a draw stands; each is reached once and there is no way back."""

    PREPARED = "prepared"
    PUBLISHED = "published"
    AGREED = "agreed"
    DRAWN = "drawn"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    ABANDONED = "abandoned"

    @property
    def chinese(self) -> str:
        words = ("准备中", "名单已公布", "种子已定", "已开奖", "公示中", "已结束", "已作废")
        return words[list(State).index(self)]


#: From which state each is reached.
BEFORE: dict[State, tuple[State, ...]] = {
    State.PUBLISHED: (State.PREPARED,),
    State.AGREED: (State.PUBLISHED,),
    State.DRAWN: (State.AGREED,),
    State.ANNOUNCED: (State.DRAWN,),
    State.CLOSED: (State.ANNOUNCED,),
    State.ABANDONED: (State.PREPARED, State.PUBLISHED, State.AGREED, State.DRAWN, State.ANNOUNCED),
}


class Eligible(StrEnum):
    """Whose name goes on the list."""

    FINISHED = "finished"
    PASSED = "passed"
    SCORE = "score"
    TOP = "top"
    UNIT_TOP = "unit-top"

    def sentence(self, number: int) -> str:
        return {
            Eligible.FINISHED: "交卷即可参加",
            Eligible.PASSED: "成绩合格即可参加",
            Eligible.SCORE: f"成绩达到 {number} 分即可参加",
            Eligible.TOP: f"成绩前 {number} 名参加",
            Eligible.UNIT_TOP: f"各单位成绩前 {number} 名参加",
        }[self]


class Tickets(StrEnum):
    """How often a name is in the drum."""

    ONE = "one"
    SITTINGS = "sittings"

    @property
    def sentence(self) -> str:
        return {Tickets.ONE: "每人一签", Tickets.SITTINGS: f"每交卷一次一签，最多 {MOST_EACH} 签"}[self]


class BadDraw(RuleBroken):
    code = "bad-draw"
    status = 422


class WrongStep(RuleBroken):
    code = "draw-step"
    message = "这一步已经做过，或者还没有轮到。请刷新页面，看现在到了哪一步。"


@dataclass(frozen=True)
class Tier:
    """A prize and how many there are; tiers are drawn in the order given."""

    name: str
    count: int


@dataclass(frozen=True)
class Finisher:
    """Somebody with a result. ``rank`` over all, ``unit_rank`` in the unit, both from 1."""

    person_id: int
    name: str
    phone: str
    unit: str
    score: Decimal
    passed: bool
    sittings: int
    rank: int
    unit_rank: int


@dataclass(frozen=True)
class Entry:
    """A line of the published list, masked. ``mark`` binds it to one person without naming them."""

    name: str
    unit: str
    tail: str
    tickets: int
    mark: str


def is_eligible(one: Finisher, rule: Eligible, number: int) -> bool:
    return {
        Eligible.FINISHED: True,
        Eligible.PASSED: one.passed,
        Eligible.SCORE: one.score >= number,
        Eligible.TOP: one.rank <= number,
        Eligible.UNIT_TOP: one.unit_rank <= number,
    }[rule]


def one_per_phone(finishers: Iterable[Finisher]) -> tuple[list[Finisher], list[Finisher]]:
    """Those who stay and those whose phone is already there under a better rank."""
    stay: dict[str, Finisher] = {}
    again: list[Finisher] = []
    for one in sorted(finishers, key=lambda f: (f.rank, f.person_id)):
        if one.phone and one.phone in stay:
            again.append(one)
        else:
            stay[one.phone or f"#{one.person_id}"] = one
    return list(stay.values()), again


def mark(salt: str, one: Finisher) -> str:
    """Sixteen hex digits that only the keeper of ``salt`` can lead back to a person."""
    return _sha(f"{salt}:{one.person_id}:{one.name}:{one.phone}")[:16]


def read_tiers(text: str) -> list[Tier]:
    """One prize a line, its number last: 三等奖 10. BadDraw says which line cannot be read."""
    tiers = []
    for line in filter(None, map(str.strip, text.splitlines())):
        found = re.fullmatch(r"(.+?)[\s×xX*，,：:]*?([0-9]{1,4})\s*[名份个]?", line)
        if found is None or not int(found[2]) or len(found[1]) > LONGEST:
            raise BadDraw(f"奖项“{line[:LONGEST]}”看不懂。每行写一个奖项和名额，如：三等奖 10。")
        tiers.append(Tier(one_line(found[1]), int(found[2])))
    if not tiers or len({tier.name for tier in tiers}) < len(tiers) or len(tiers) > 12:
        raise BadDraw("至少写一个奖项，最多 12 个，名称不能重复。")
    return tiers


def one_line(text: str) -> str:
    return " ".join(text.split())


def check_list(entries: Sequence[Entry], tiers: Sequence[Tier]) -> None:
    """BadDraw unless there are more people than prizes and not too many tickets."""
    prizes = sum(tier.count for tier in tiers)
    if len(entries) < prizes or not entries:
        raise BadDraw(f"名单只有 {len(entries)} 人，奖品有 {prizes} 份。请减少名额，或者放宽条件。")
    if sum(entry.tickets for entry in entries) > MOST_TICKETS:
        raise BadDraw(f"签数超过 {MOST_TICKETS}。请改为每人一签，或者分场抽。")


def read_numbers(text: str) -> list[int]:
    """What one guest said: 385, or several numbers with spaces between. BadDraw otherwise."""
    words = re.split(r"[\s,，、.]+", text.strip())
    if not all(re.fullmatch(r"[0-9]{1,12}", word) for word in words):
        raise BadDraw(f"“{text[:LONGEST]}”不是数字。每位嘉宾报一组数字，如 385。")
    return [int(word) for word in words]


def check_numbers(texts: Sequence[str]) -> None:
    digits = sum(character.isdigit() for text in texts for character in text)
    if digits < FEWEST_DIGITS:
        raise BadDraw(f"几组数字合起来至少 {FEWEST_DIGITS} 位，现在是 {digits} 位。可以再请一位嘉宾报数。")


def canonical_numbers(texts: Sequence[str]) -> str:
    """RFC 3797 §4: numbers of a source ascending, each with a full stop; each source with a slash.

    >>> canonical_numbers(["9319", "2 5 12 8 10", "9 18 26 34 41 45"])
    '9319./2.5.8.10.12./9.18.26.34.41.45./'
    """
    return "".join("".join(f"{n}." for n in sorted(read_numbers(text))) + "/" for text in texts)


def canonical_list(document: dict[str, Any]) -> str:
    """The text whose SHA-256 is the fingerprint: everything the result depends on but the numbers."""
    head = [
        FORMAT,
        "彩排" if document["rehearsal"] else "正式",
        document["title"],
        document["rule"],
        document["source"],
        *(f"{tier['name']}\t{tier['count']}" for tier in document["tiers"]),
        f"递补\t{document['alternates']}",
    ]
    lines = [
        f"{place}\t{one['name']}\t{one['unit']}\t{one['tail']}\t{one['tickets']}\t{one['mark']}"
        for place, one in enumerate(document["list"], 1)
    ]
    return "".join(f"{line}\n" for line in [*head, *lines])


def fingerprint(document: dict[str, Any]) -> str:
    return _sha(canonical_list(document))


def seed(list_fingerprint: str, numbers: Sequence[str]) -> str:
    return _sha(f"{list_fingerprint}\n{canonical_numbers(numbers)}")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def select(key: str, pool: int, *, digest: Callable[[bytes], bytes] = _sha256) -> Iterator[int]:
    """RFC 3797 §4 with ``digest`` (MD5 in the RFC): all of 1…``pool``, in the order selected.

    The i-th is at the place ``digest(i, key, i) mod remaining`` of those remaining; i is two bytes,
    high byte first.
    """
    remaining = list(range(1, pool + 1))
    for number in range(pool):
        index = number.to_bytes(2, "big")
        place = int.from_bytes(digest(index + key.encode() + index), "big") % len(remaining)
        yield remaining.pop(place)


def winners(document: dict[str, Any], seed_text: str) -> list[int]:
    """Places on the list, prizes first in the order of the tiers, then alternates; nobody twice.

    A second ticket of somebody already selected is passed over.
    """
    holders = [place for place, one in enumerate(document["list"], 1) for _ in range(one["tickets"])]
    wanted = sum(tier["count"] for tier in document["tiers"]) + document["alternates"]
    wanted = min(wanted, len(document["list"]))
    chosen: dict[int, None] = {}
    for ticket in select(seed_text, len(holders)) if wanted else ():
        chosen.setdefault(holders[ticket - 1])
        if len(chosen) == wanted:
            break
    return list(chosen)


def tier_names(tiers: Sequence[Tier]) -> list[str]:
    """The prize of each winner in the order selected; whoever comes after is an alternate."""
    return [tier.name for tier in tiers for _ in range(tier.count)]


def published(
    *,
    title: str,
    rehearsal: bool,
    rule: str,
    source: str,
    tiers: Sequence[Tier],
    alternates: int,
    entries: Iterable[Entry],
) -> dict[str, Any]:
    """The document everybody may have, list in the order of marks whatever order it came in."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "title": title,
        "rehearsal": rehearsal,
        "rule": rule,
        "source": source,
        "tiers": [asdict(tier) for tier in tiers],
        "alternates": alternates,
        "list": [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.mark)],
    }
    return document | {"fingerprint": fingerprint(document)}


class NotADraw(RuleBroken):
    code = "not-a-draw"
    message = "这不是抽奖公布的文件，或者文件不完整。请从公示页重新下载。"
    status = 422


def verify(document: Any) -> list[str]:
    """What does not agree, in words; empty when everything can be recomputed. NotADraw if unreadable."""
    try:
        _check_shape(document)
        return _disagreements(document)
    except (KeyError, TypeError, AttributeError, OverflowError):
        raise NotADraw from None


def _check_shape(document: dict[str, Any]) -> None:
    counts = [document["alternates"], *(tier["count"] for tier in document["tiers"])]
    counts += [one["tickets"] for one in document["list"]]
    texts = [document[name] for name in ("title", "rule", "source", "fingerprint")]
    texts += [one[name] for one in document["list"] for name in ("name", "unit", "tail", "mark")]
    whole = all(type(count) is int and 0 <= count <= MOST_TICKETS for count in counts)
    if document["format"] != FORMAT or not whole or not all(isinstance(text, str) for text in texts):
        raise NotADraw


def _disagreements(document: dict[str, Any]) -> list[str]:
    marks = [one["mark"] for one in document["list"]]
    found = []
    if marks != sorted(set(marks)):
        found.append("名单的顺序不对，或者有人重复。")
    made = fingerprint(document)
    if made != document["fingerprint"]:
        found.append("名单或规则和公布的指纹不符。")
    if "numbers" not in document:
        return found
    made_seed = seed(made, [one["number"] for one in document["numbers"]])
    if made_seed != document["seed"]:
        found.append("抽奖种子和名单指纹、现场数不符。")
    if "winners" in document and winners(document, made_seed) != document["winners"]:
        found.append("中奖名单和按种子算出的不符。")
    return found
