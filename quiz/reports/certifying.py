"""证书: what one says, its number, and who gets one. Plain values only."""

import re
from collections.abc import Callable
from enum import StrEnum

from quiz.errors import RuleBroken

#: Without 0 O 1 I L, which look alike on paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_NUMBER = re.compile(r"[0-9A-Z]{4,6}-[0-9A-Z]{4}-[0-9A-Z]{4}")
LONGEST_AWARD, LONGEST_ISSUER, LARGEST_RANK = 20, 60, 10_000


class BadCertificate(RuleBroken):
    code = "bad-certificate"
    status = 422


class Kind(StrEnum):
    PASS = "pass"
    HONOUR = "honour"
    PART = "part"

    @property
    def chinese(self) -> str:
        return {"pass": "合格证书", "honour": "荣誉证书", "part": "参与证书"}[self]


class Whom(StrEnum):
    PASSED = "passed"
    SCORE = "score"
    RANKS = "ranks"
    UNITS = "units"
    ALL = "all"

    @property
    def chinese(self) -> str:
        return {
            "passed": "合格的人",
            "score": "成绩达到",
            "ranks": "个人名次",
            "units": "单位名次（分组的每组分别取）",
            "all": "参加了的人",
        }[self]


def number(exam: str, *, random: Callable[[str], str]) -> str:
    """7K3Q-M4XT-9RBD: nobody finds another one by counting. ``random`` picks one character of a text."""
    drawn = "".join(random(ALPHABET) for _ in range(8))
    return f"{exam}-{drawn[:4]}-{drawn[4:]}"


def clean_number(text: str) -> str | None:
    """The number as it is kept; None of what cannot be one."""
    found = text.strip().upper()
    return found if _NUMBER.fullmatch(found) else None


def parts(kind: Kind, *, title: str, award: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it stands out."""
    quoted = title if title.startswith("《") or "《" in title else f"“{title}”"
    if kind is Kind.HONOUR:
        return [(f"在{quoted}中表现优异，荣获", False), (award, True), ("。特发此证，以资鼓励。", False)]
    if kind is Kind.PASS:
        return [(f"参加{quoted}，成绩", False), ("合格", True), ("。特发此证。", False)]
    return [(f"参加{quoted}，特发此证，以资纪念。", False)]


def addressed(name: str, *, unit: str) -> str:
    """青石镇　安　宁: a name of two characters is set wide; a unit itself has no other."""
    spaced = f"{name[0]}　{name[1]}" if len(name) == 2 else name
    return f"{unit}　{spaced}" if unit else name


def clean(text: str, *, what: str, longest: int, needed: bool = True) -> str:
    found = text.strip()
    if (needed and not found) or len(found) > longest or not all(map(str.isprintable, found)):
        raise BadCertificate(f"请填写{what}，最多 {longest} 个字。")
    return found


def check_ranks(first: int, last: int) -> None:
    if not 1 <= first <= last <= LARGEST_RANK:
        raise BadCertificate(f"名次应当是 1 至 {LARGEST_RANK}，前一个不大于后一个。")
