"""Deeds on what is asked: the PaperSpec of an exam, and papers of their own for groups of ranks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from question_bank.paper import PaperSpec
from quiz.audit.services import record
from quiz.exams import freezing, queries, rules
from quiz.exams.models import Exam
from quiz.exams.rules import Group


def recompose(
    exam: Exam,
    spec: PaperSpec,
    *,
    group: Group | None = None,
    band: Decimal | None = None,
    at: datetime,
    who: str,
) -> None:
    """Ask by ``spec`` from now on, everybody or the ranks of ``group``, from the bank as it is now.

    Papers made ready are drawn anew; ``band`` is how alike they must be, None as before. Raises
    SettingFrozen after the opening, BankTooSmall or BadSettings.
    """
    _hold(exam, at=at)
    groups = queries.groups_of(exam)
    exam.band = rules.check_band(exam.band if band is None else band)
    if group is None:
        exam.spec, exam.items, exam.full = spec.document(), spec.items, Decimal(spec.full) / 100
    else:
        # A group of the same name is replaced where it stood.
        made = replace(group, spec=spec)
        known = [one.name for one in groups]
        groups = [made if one.name == made.name else one for one in groups]
        groups += [] if made.name in known else [made]
    rules.check_groups(groups, full=exam.full)
    rules.check_marks(pass_mark=exam.pass_mark, excellent_mark=exam.excellent_mark, full=exam.full)
    _ask(exam, groups)
    said: dict[str, Any] = {"items": spec.items, "full": spec.full / 100, "band": rules.plain(exam.band)}
    said |= {"group": group.name, "ranks": list(group.ranks)} if group else {}
    record(who=who, what="exam.spec", subject=f"exam:{exam.code}", at=at, **said)


def drop_group(exam: Exam, name: str, *, at: datetime, who: str) -> None:
    """Let the ranks of a group sit the paper everybody sits. Raises SettingFrozen."""
    _hold(exam, at=at)
    _ask(exam, [one for one in queries.groups_of(exam) if one.name != name])
    record(who=who, what="exam.spec", subject=f"exam:{exam.code}", at=at, dropped=name)


def _hold(exam: Exam, *, at: datetime) -> None:
    """The exam alone, as it is now, if nobody can have begun it."""
    queries.lock(exam)
    if queries.state(exam, at=at) is not rules.State.SCHEDULED:
        raise rules.SettingFrozen("已经开考，抽题规则不能再改。")


def _ask(exam: Exam, groups: Sequence[Group]) -> None:
    exam.groups = [one.document() for one in groups]
    freezing.thaw(exam)
    freezing.freeze(exam, freezing.usable(exam.bank_id), specs=queries.specs_of(exam))
