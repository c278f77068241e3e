"""What may be saved, when a sitting is over, and which of several counts. Plain values and a time.

The save rule in words: an answer is kept when the sitting is this person's, not submitted, the request
arrived no later than ``accept_until`` (which moves with the clock while it is paused), and its revision is
newer than the stored one.
``saving.SAVE`` says the same to the database; tests/quiz/sittings/test_save_rule.py holds the two together.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from question_bank.question import FALSE, LABELS, TRUE
from quiz.errors import BadRequest, NotFound, RuleBroken

#: After the last accepted instant, the time within which a save that arrived in time may still be under way.
SETTLE = timedelta(seconds=1)
LONGEST_FILL = 500
LONGEST_SHORT = 5000
LARGEST_REVISION = 2**31 - 1

_SHAPES = {"single": "s", "multiple": "m", "true_false": "t", "fill": "f", "short": "q"}


class SittingClosed(RuleBroken):
    code = "sitting-closed"
    message = "已经交卷，不能再改。此前保存的答案都有效。"


class TimeOver(RuleBroken):
    code = "time-over"
    message = "时间已到，这一处改动没有计入。此前保存的答案都有效。"


class RevisionTaken(RuleBroken):
    code = "revision-taken"
    message = "这道题在别处刚改过，请刷新页面后再改。"


class TooLateToExtend(RuleBroken):
    code = "too-late-to-extend"
    message = "没有正在作答的人，不用延长。已经交卷的不能再延长。"


class ChangedMeanwhile(RuleBroken):
    """Somebody else changed the same time since the page was shown."""

    code = "changed-meanwhile"


class NotPaused(RuleBroken):
    code = "not-paused"
    message = "这一场没有暂停。"


class CannotPause(RuleBroken):
    code = "cannot-pause"
    message = "只有正在进行、没有暂停的考试才能暂停。"


class AlreadyBegun(RuleBroken):
    code = "already-begun"
    message = "已经开始答题，请用“延长时间”。"


class NotVoidable(RuleBroken):
    code = "not-voidable"
    message = "这一次已经是成绩无效。"


class NotVoided(RuleBroken):
    code = "not-voided"
    message = "这一次没有作废，不用恢复。"


class BadChange(RuleBroken):
    code = "bad-change"
    status = 422


#: What a voided sitting makes of a person: neither 实考 nor 缺考.
VOIDED = "违纪"
LONGEST_REASON = 100
LONGEST_EXTENSION = 600
PERCENTS = (100, 125, 150, 200)


def clean_reason(reason: str | None) -> str:
    """BadChange without a reason: whatever changes somebody's time or score is answered for."""
    found = (reason or "").strip()
    if not 2 <= len(found) <= LONGEST_REASON or not all(map(str.isprintable, found)):
        raise BadChange(f"请写明原因，2 至 {LONGEST_REASON} 个字。")
    return found


def check_extension(minutes: int | None) -> int:
    """Whole minutes; nothing shortens."""
    if minutes is None or not 1 <= minutes <= LONGEST_EXTENSION:
        raise BadChange(f"延长的时间应当是 1 至 {LONGEST_EXTENSION} 分钟。")
    return minutes


def check_extra(*, percent: int | None, minutes: int | None) -> None:
    if percent not in PERCENTS or minutes is None or not 0 <= minutes <= LONGEST_EXTENSION:
        raise BadChange(f"加时应当是 0 至 {LONGEST_EXTENSION} 分钟，或 1.25、1.5、2 倍。")


def in_minutes(span: timedelta) -> str:
    """12 分 30 秒, 12 分钟 or 30 秒."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    if not minutes:
        return f"{seconds} 秒"
    return f"{minutes} 分 {seconds} 秒" if seconds else f"{minutes} 分钟"


def shifted(instant: datetime, *, paused_at: datetime | None, at: datetime) -> datetime:
    """``instant`` of a sitting as it is at ``at``: during a pause it stays as far off as it was."""
    return instant if paused_at is None else instant + (at - paused_at)


class Verdict(StrEnum):
    """What became of a save that the guarded statement did not take."""

    KEPT = "kept"
    OLDER = "older"


@dataclass(frozen=True)
class Run:
    """One submitted sitting as the rule on what counts sees it."""

    score: Decimal
    millis: int
    submitted_at: datetime
    #: The day here on which it was begun.
    day: date


def shape(items: Iterable[tuple[str, int]]) -> str:
    """Two characters an item: the kind and how many options or blanks it has, in base 36.

    Small enough to remember for every open sitting, so a save need not load the paper.
    """
    return "".join(_SHAPES[kind] + _base36(count) for kind, count in items)


def _base36(count: int) -> str:
    return "0123456789abcdefghijklmnopqrstuvwxyz"[min(count, 35)]


def clean_answer(answer: object, *, shape: str, position: int) -> list[str]:
    """The answer in the form it is stored and marked, or BadRequest; NotFound beyond the paper.

    Labels come back in label order; texts trimmed. An empty list takes an answer back.
    """
    if not 1 <= position <= len(shape) // 2:
        raise NotFound
    if not isinstance(answer, list) or not all(isinstance(entry, str) for entry in answer):
        raise BadRequest
    kind, count = shape[2 * position - 2], int(shape[2 * position - 1], 36)
    if kind in "fq":
        return _clean_texts(
            answer, blanks=count if kind == "f" else 1, longest=LONGEST_FILL if kind == "f" else LONGEST_SHORT
        )
    allowed = (TRUE, FALSE) if kind == "t" else LABELS[:count]
    if any(entry not in allowed or len(entry) != 1 for entry in answer) or len(set(answer)) != len(answer):
        raise BadRequest
    if kind != "m" and len(answer) > 1:
        raise BadRequest
    return sorted(answer)


def _clean_texts(answer: Sequence[str], *, blanks: int, longest: int) -> list[str]:
    if len(answer) > blanks:
        raise BadRequest
    cleaned = ["".join(c for c in entry if _storable(c)).strip() for entry in answer]
    if any(len(entry) > longest for entry in cleaned):
        raise BadRequest(f"一处答案最多 {longest} 个字。")
    return cleaned if any(cleaned) else []


def _storable(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")


def clean_revision(revision: object) -> int:
    if not isinstance(revision, int) or isinstance(revision, bool) or not 1 <= revision <= LARGEST_REVISION:
        raise BadRequest
    return revision


def may_save(*, owner: bool, submitted: bool, accept_until: datetime, at: datetime) -> None:
    """NotFound, SittingClosed or TimeOver; the moment ``accept_until`` itself is still in time."""
    if not owner:
        raise NotFound
    if at > accept_until:
        raise TimeOver
    if submitted:
        raise SittingClosed


def weigh(*, stored: tuple[int, str] | None, revision: int, answer: str) -> Verdict | None:
    """Against what is stored (revision, answer): KEPT for a repeat, OLDER for a late one, None for news.

    A repeat is harmless even after the end: the answer was acknowledged, only the acknowledgement was lost.
    """
    if stored is None or stored[0] < revision:
        return None
    if stored[0] > revision:
        return Verdict.OLDER
    if stored[1] != answer:
        raise RevisionTaken
    return Verdict.KEPT


#: A longer answer is in the history by its length alone: a text is saved after every pause in typing.
LONGEST_IN_HISTORY = 60


def history_entry(*, revision: int, millis: int, answer: str, left: int | None) -> str:
    """What is added to a response's history: revision, moment, and the answer's JSON or how long it is.

    ``left``: milliseconds that were left when an answer was given that could not be sent at once.
    """
    said = answer if len(answer) <= LONGEST_IN_HISTORY else len(answer)
    return f"[{revision},{millis},{said}]," if left is None else f"[{revision},{millis},{said},{left}],"


def clean_left(left: object) -> int | None:
    """Seconds left, as a phone says, in milliseconds; None when it says nothing that can be."""
    if left is None or not isinstance(left, int | float) or isinstance(left, bool) or not 0 <= left < 1e7:
        return None
    return int(left * 1000)


def is_elsewhere(holder: str | None, phone: str) -> bool:
    """Whether the sitting goes on on another phone than this one; without a holder it is free."""
    return holder is not None and holder != phone


def is_due(*, accept_until: datetime, at: datetime) -> bool:
    """Whether an open sitting may be finalised by anybody."""
    return at > accept_until + SETTLE


def seconds_left(*, deadline: datetime, at: datetime) -> float:
    """Until the shown end, to a tenth; never below 0."""
    return max(0.0, round((deadline - at) / timedelta(seconds=1), 1))


def counted(runs: Sequence[Run], *, counts: str, full: Decimal) -> Run:
    """What counts of ``runs`` in order of submission, as one run; ``mean`` averages scores and times.

    ``sum`` adds all up, ``daily`` the best of each day, ``days`` counts the days whose best run is all
    correct; time used is that of the runs that count. Of equal best scores the faster one, then the earlier:
    the ranking's own keys (domain.md WEB-3).
    """
    if counts == "first":
        return runs[0]
    if counts == "last":
        return runs[-1]
    if counts == "best":
        return _best(runs)
    if counts == "mean":
        mean = sum((run.score for run in runs), Decimal(0)) / len(runs)
        millis = sum(run.millis for run in runs) // len(runs)
        return replace(runs[-1], score=mean.quantize(Decimal("0.01"), ROUND_HALF_UP), millis=millis)
    if counts != "sum":
        runs = [_best([run for run in runs if run.day == day]) for day in sorted({run.day for run in runs})]
    kept = [run for run in runs if run.score >= full] if counts == "days" else runs
    score = Decimal(len(kept)) if counts == "days" else sum((run.score for run in kept), Decimal(0))
    latest = max(kept or runs, key=lambda run: run.submitted_at)
    return replace(latest, score=score, millis=sum(run.millis for run in kept))


def _best(runs: Sequence[Run]) -> Run:
    return min(runs, key=lambda run: (-run.score, run.millis, run.submitted_at))


def graded(runs: Sequence[Run], *, counts: str, full: Decimal) -> Decimal:
    """The score that passes or fails: what counts, or, where sittings are added up, the best of them."""
    if counts in ("sum", "daily", "days"):
        return _best(runs).score
    return counted(runs, counts=counts, full=full).score
