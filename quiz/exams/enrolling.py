"""How people come to a contest: who may, what they are asked, what they agree to. Plain values only."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from quiz.errors import RuleBroken

#: What people answer when asked for 五进类别 and 身份类别, unless the organiser writes other lists.
CATEGORIES = ("进机关", "进乡村", "进社区", "进学校", "进企业")
IDENTITIES = ("领导干部", "专职信访干部", "兼职信访干部", "网格员", "群众", "学生")
CONSENT = (
    "主办方收集你的姓名、手机号码、单位和所选类别，只用于本次竞赛的参加、统计和评奖。"
    "手机号码只有主办方的工作人员看得到，不会公开。信息存在主办单位的服务器上，不交给别人。"
    "你可以随时向主办方要求查看、更正或者删除自己的信息。"
)
LONGEST_CONSENT = 2000
LONGEST_CHOICE, MOST_CHOICES = 20, 30
#: Of a pupil: the class, and the seat if there is one. No letters a name could be written in.
CLASS = re.compile(r"[0-9A-Za-z\-]{1,8}")
SEAT = re.compile(r"[0-9]{0,3}")


class Access(StrEnum):
    """Who may take part in a contest."""

    OPEN = "open"
    ROSTER = "roster"

    @property
    def chinese(self) -> str:
        return {"open": "公开参加", "roster": "名单内参加"}[self]


class Asked(StrEnum):
    """Whether something is asked of who joins."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"

    @property
    def chinese(self) -> str:
        return {"off": "不问", "optional": "可以不选", "required": "必须选"}[self]


class BadTerms(RuleBroken):
    code = "bad-terms"
    status = 422


class ChoiceNeeded(RuleBroken):
    code = "choice-needed"
    status = 422


class BadClass(RuleBroken):
    code = "bad-class"
    message = "班级只写数字或字母，如 0502，最多 8 位。"
    status = 422


class BadSeat(RuleBroken):
    code = "bad-seat"
    message = "座号是 1 至 3 位数字，也可以不填。"
    status = 422


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the organiser decided about joining; the defaults are those of a contest nobody has set up."""

    access: Access = Access.OPEN
    #: 学生模式: a number instead of name and phone.
    pupils: bool = False
    #: Whether somebody whose unit is not listed may write it.
    other: bool = True
    category: Asked = Asked.OPTIONAL
    categories: tuple[str, ...] = CATEGORIES
    identity: Asked = Asked.OPTIONAL
    identities: tuple[str, ...] = IDENTITIES
    consent: str = CONSENT

    @property
    def version(self) -> str:
        """Of the words people agree to: other words, another version."""
        return hashlib.sha256(self.consent.encode()).hexdigest()[:8]

    def document(self) -> dict[str, Any]:
        return asdict(self)


def from_document(doc: Mapping[str, Any]) -> Terms:
    """Terms.document() read again."""
    return Terms(
        access=Access(doc["access"]),
        pupils=doc["pupils"],
        other=doc["other"],
        category=Asked(doc["category"]),
        categories=tuple(doc["categories"]),
        identity=Asked(doc["identity"]),
        identities=tuple(doc["identities"]),
        consent=doc["consent"],
    )


def read_choices(text: str) -> tuple[str, ...]:
    """One choice a line, without repeats."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def check(terms: Terms) -> None:
    """BadTerms with what to correct."""
    for asked, choices, words in (
        (terms.category, terms.categories, "五进类别"),
        (terms.identity, terms.identities, "身份类别"),
    ):
        if asked is not Asked.OFF and not choices:
            raise BadTerms(f"{words}至少写一项，一行一项；不需要就选“不问”。")
        if len(choices) > MOST_CHOICES or any(len(choice) > LONGEST_CHOICE for choice in choices):
            raise BadTerms(f"{words}最多 {MOST_CHOICES} 项，每项最多 {LONGEST_CHOICE} 个字。")
    if not 20 <= len(terms.consent) <= LONGEST_CONSENT:
        raise BadTerms(f"个人信息使用说明要写清收集什么、做什么用，20 至 {LONGEST_CONSENT} 个字。")


def chosen(asked: Asked, choices: Sequence[str], given: str, *, words: str) -> str:
    """What was chosen of a list; empty when it is not asked. ChoiceNeeded."""
    if asked is Asked.OFF:
        return ""
    if given and given not in choices:
        raise ChoiceNeeded(f"没有这个{words}，请从列表里选。")
    if asked is Asked.REQUIRED and not given:
        raise ChoiceNeeded(f"请选{words}。")
    return given


def check_class(class_code: str, seat: str) -> None:
    """BadClass or BadSeat: what a pupil may be told apart by holds no name."""
    if not CLASS.fullmatch(class_code):
        raise BadClass
    if not SEAT.fullmatch(seat):
        raise BadSeat
