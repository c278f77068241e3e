"""What decides about practising: when it pauses, what comes next, when a question leaves the book.

Publishing a bank before the exam is usual (domain.md WEB-6: 80 % of it in one county), so practice is open
until the exam opens. While an exam of mode ``exam`` runs, every question of its pool pauses: a phone that
practises would show the key to whoever sits beside it. An organiser may let practising go on during an exam
that is open for days and whose questions are published.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from question_bank import Kind
from question_bank.marking import mark
from quiz.errors import RuleBroken
from quiz.exams.rules import GRACE, Mode

#: A question leaves the wrong-question book by itself after so many right answers in a row.
ENOUGH = 2
#: Saves that were under way at the end have arrived by then.
_SETTLE = GRACE + timedelta(seconds=8)
_WHOLE = 100


class Paused(RuleBroken):
    code = "practice-paused"
    message = "考试进行期间暂停练习。请在考试结束后再来。"


class Way(StrEnum):
    """What somebody practises through."""

    CHAPTER = "chapter"
    RANDOM = "random"
    BOOK = "book"


class Series(NamedTuple):
    """Some questions of one bank in a fixed order: a chapter, all of them shuffled, or one's own book."""

    way: Way
    chapter: str = ""
    #: Shuffles; a series that is gone on with keeps it.
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Of one person with one question. ``right`` counts right answers since the last wrong one."""

    right: int = 0
    wrong: int = 0
    in_book: bool = False


def paused_until(
    *,
    mode: str,
    opens_at: datetime,
    closes_at: datetime,
    ended_at: datetime | None,
    minutes: int,
    at: datetime,
    longest: datetime | None = None,
    stopped: bool = False,
) -> datetime | None:
    """When practice of this exam's questions goes on, or None if it does not pause at ``at``.

    An exam ended early pauses on until the last sitting that began in time is over, and every exam until
    ``longest``, when the last open sitting ends: some have more time. ``stopped`` is an exam whose clock
    stands still: it pauses on whatever the hour.
    """
    last = closes_at if ended_at is None else min(closes_at, ended_at + timedelta(minutes=minutes))
    last = last if longest is None else max(last, longest)
    if mode != Mode.EXAM or at < opens_at:
        return None
    return last if stopped or at <= last + _SETTLE else None


def is_right(kind: Kind, key: Sequence[str], answer: Sequence[str]) -> bool:
    """Strictly: a multiple choice counts only when complete, a fill only with every blank."""
    return mark(kind, key, answer, points=_WHOLE) == _WHOLE


def after(record: Record, *, right: bool) -> Record:
    """After one more answer: a wrong one puts it into the book, the second right in a row takes it out."""
    if not right:
        return Record(right=0, wrong=record.wrong + 1, in_book=True)
    again = record.right + 1
    return Record(right=again, wrong=record.wrong, in_book=record.in_book and again < ENOUGH)


def in_order(ids: Iterable[int], *, seed: str) -> list[int]:
    """By number, or shuffled by ``seed`` so that the rest keeps its order when a question is taken away."""
    return sorted(ids, key=lambda number: _place(number, seed))


def following(ids: Iterable[int], current: int, *, seed: str) -> int | None:
    """What comes after ``current``, which need not be among ``ids`` any more."""
    later = [number for number in ids if _place(number, seed) > _place(current, seed)]
    return min(later, key=lambda number: _place(number, seed), default=None)


def _place(number: int, seed: str) -> tuple[str, int]:
    return hashlib.sha256(f"{seed}.{number}".encode()).hexdigest() if seed else "", number


def told(record: Record, *, right: bool, was_in_book: bool) -> str:
    """What the answer did to the wrong-question book, in a sentence; empty when nothing."""
    if not right:
        return "还在错题本里。" if was_in_book else "已放进错题本。"
    if not was_in_book:
        return ""
    if record.in_book:
        return f"再答对 {ENOUGH - record.right} 次，就移出错题本。"
    return f"连续答对 {ENOUGH} 次，已移出错题本。"
