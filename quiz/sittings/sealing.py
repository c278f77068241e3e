"""Answers that reach the server after the end: what can be known of them, and what may be done. Plain values.

What the server can prove: whose sitting they belong to, which phone sent them, when they arrived, and when
that phone was last heard of. What it cannot: when they were given. The phone says how much time was left, and
a phone says what it is told to say. So nothing late is ever counted by itself. All of it is kept and shown;
where the organiser has allowed it for the exam, they may accept what nothing speaks against, with a reason,
on record.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from quiz.errors import BadRequest, RuleBroken

#: In one request; more than any paper has.
MOST = 200
#: How long after the end what was sealed is still taken down.
LATEST = timedelta(days=7)
#: A phone heard of this long after an answer was given would have sent it then.
CONTACT = timedelta(seconds=30)


#: How a phone writes what somebody else brings: base64 of JSON, and who signed it.
CODE = re.compile(r"MS1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{32})")


class BadCode(RuleBroken):
    code = "bad-answer-code"
    message = "没有找到完整的答案码。请让本人重新复制，整段粘贴，不要删改。"
    status = 422


class CannotAccept(RuleBroken):
    code = "cannot-accept"
    message = "没有可以认定的答案。"


@dataclass(frozen=True)
class Sealed:
    """One late answer as a phone sends it. ``left``: the time it says was left when it was given."""

    position: int
    answer: object
    revision: object
    left: timedelta | None


def clean(told: object) -> list[Sealed]:
    """A list of {"position", "answer", "revision", "left"}, or BadRequest; answers are cleaned by rules."""
    if not isinstance(told, list) or not 1 <= len(told) <= MOST:
        raise BadRequest
    return [_clean(entry) for entry in told]


def _clean(entry: object) -> Sealed:
    if not isinstance(entry, Mapping):
        raise BadRequest
    position, left = entry.get("position"), entry.get("left")
    if not isinstance(position, int) or isinstance(position, bool):
        raise BadRequest
    if left is not None and (
        not isinstance(left, int | float) or isinstance(left, bool) or not 0 <= left < 1e7
    ):
        raise BadRequest
    given = None if left is None else timedelta(seconds=left)
    return Sealed(position, entry.get("answer"), entry.get("revision"), given)


@dataclass(frozen=True)
class Brought:
    """A code as it was pasted; nothing in it is believed before ``mac`` is found to be the phone's."""

    sitting: int
    phone: str
    answers: list[Sealed]
    body: str
    mac: str


def read_code(text: str) -> Brought:
    """The code in a text from a chat, whatever stands around it. BadCode."""
    found = CODE.search("".join(text.split()))
    if found is None:
        raise BadCode
    body, mac = found.groups()
    try:
        told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        rows = [
            dict(zip(("position", "answer", "revision", "left"), row, strict=True)) for row in told["answers"]
        ]
        return Brought(int(told["sitting"]), str(told["phone"]), clean(rows), body, mac)
    except (ValueError, TypeError, KeyError, RecursionError, BadRequest):
        raise BadCode from None


def check_brought(
    *, own: bool, genuine: bool, voided: bool, over: bool, deadline: datetime, at: datetime
) -> None:
    """``own``: the code names the sitting it is brought for. BadCode or CannotAccept."""
    if not own:
        raise BadCode("这是另一份答卷的答案码，请到本人那份答卷的页面上收。")
    if not genuine:
        raise BadCode("这份答案码不是本人答题的手机生成的，或者被改过，没有登记。")
    if voided:
        raise CannotAccept("这份答卷已作无效处理，不再收答案。")
    if not over:
        raise CannotAccept("这份答卷还没有到时间，联网后手机会自动上传。截止以后仍没有送到的，再来登记。")
    if not is_taken(over=over, deadline=deadline, at=at):
        raise CannotAccept(f"截止已经超过 {LATEST.days} 天，不再收答案。")


def is_taken(*, over: bool, deadline: datetime, at: datetime) -> bool:
    """Whether what arrives now is late and still taken down; before the end it is simply saved."""
    return over and at <= deadline + LATEST


def against(
    *,
    by_hand: bool,
    closed_by: str | None,
    same_phone: bool,
    left: timedelta | None,
    deadline: datetime,
    last_heard: datetime | None,
) -> str:
    """What speaks against a late answer having been given in time, in a sentence; empty if nothing does.

    ``by_hand``: people mark it, and have begun. ``last_heard``: the last thing this phone sent in time.
    """
    if by_hand:
        return "简答题由人阅卷，截止后送到的不能再交给阅卷人"
    if closed_by != "deadline":
        return "交卷之后才送到"
    if left is None or left <= timedelta(0):
        return "手机没有说明是截止前作答的"
    if not same_phone:
        return "不是最后作答的那台手机送来的"
    if last_heard is not None and last_heard > deadline - left + CONTACT:
        return "所称作答时间之后，这台手机还与服务器联系过，当时没有送这个答案"
    return ""


def check_accept(*, allowed: bool, acceptable: int) -> None:
    if not allowed:
        raise CannotAccept("这一场没有打开“断网补交”，截止后送到的答案只登记，不能计入。")
    if not acceptable:
        raise CannotAccept


def sentence(*, pending: int, accepted: int, rejected: int, allowed: bool) -> str:
    """For the person's result page; empty when nothing was late."""
    parts = [f"{accepted} 题经考务认定已经计入成绩"] if accepted else []
    if pending:
        what = "已登记，由考务认定是否计入" if allowed else "没有计入，已登记备查"
        parts.append(f"{pending} 题{what}")
    if rejected:
        parts.append(f"{rejected} 题经考务核对没有计入")
    return f"有答案在截止以后才送到：{'，'.join(parts)}。" if parts else ""
