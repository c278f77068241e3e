"""Deeds on who may sit and when: batches of units, each with its own window, and lists from a file."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from question_bank.report import ERROR, Problem
from quiz.audit.services import record
from quiz.exams import admission, freezing, queries, rules
from quiz.exams.admission import Window
from quiz.exams.models import Exam, ExamPerson, ExamWindow
from quiz.extensions import db
from quiz.people import queries as people
from quiz.people.roster import Entry, RosterReading, problem_of


def set_batch(
    exam: Exam, *, unit_ids: Sequence[int], window: Window | None, reason: str, at: datetime, who: str
) -> None:
    """Give these units a window of their own, or with None the exam's again.

    A window that has opened stays; after the opening of the exam a reason is needed. Raises BadSettings.
    """
    queries.lock(exam)
    opened = queries.state(exam, at=at) is not rules.State.SCHEDULED
    if opened and not 2 <= len(reason.strip()) <= rules.LONGEST_REASON:
        raise rules.BadSettings(f"已经开考，改动要写明原因，2 至 {rules.LONGEST_REASON} 个字。")
    if not unit_ids:
        raise rules.BadSettings("请至少选一个单位。")
    if window is not None:
        admission.check_window(window, whole=Window(exam.opens_at, exam.closes_at))
    known = queries.windows(exam)
    before = [known.get(unit, Window(exam.opens_at, exam.closes_at)) for unit in unit_ids]
    after = window or Window(exam.opens_at, exam.closes_at)
    if opened and any(one.opens_at <= at for one in (*before, after)):
        raise rules.SettingFrozen("这一批已经开考，时间不能再改。可以在参考情况里延长时间。")
    chosen = ExamWindow.exam_id == exam.id, ExamWindow.unit_id.in_(unit_ids)
    db.session.execute(delete(ExamWindow).where(*chosen))
    if window is not None:
        rows = [ExamWindow(exam_id=exam.id, unit_id=unit, **window._asdict()) for unit in sorted(unit_ids)]
        db.session.add_all(rows)
    said = {"units": sorted(unit_ids), "window": [one.isoformat() for one in window] if window else None}
    record(who=who, what="exam.batch", subject=f"exam:{exam.code}", at=at, reason=reason.strip(), **said)


def name_persons(exam: Exam, reading: RosterReading, *, at: datetime, who: str) -> tuple[int, list[Problem]]:
    """Let only those of the file sit who are on the roster; how many, and every row that is not, with why.

    Raises SettingFrozen after the opening, or BadSettings when nobody of the file is on the roster.
    """
    queries.lock(exam)
    _check_scheduled(exam, at=at)
    matching, missing = matched(reading.persons)
    found = set(matching.values())
    if not found:
        raise rules.BadSettings("文件里没有一个人在名册里，名单没有改动。请先导入名册。")
    replace_list(exam, found)
    said = {"persons": len(found), "file": reading.file, "left_out": len(missing) + len(reading.errors)}
    record(who=who, what="exam.list", subject=f"exam:{exam.code}", at=at, **said)
    return len(found), [*reading.problems, *missing]


def drop_list(exam: Exam, *, at: datetime, who: str) -> None:
    """Let everybody sit again whom the other settings allow. Raises SettingFrozen after the opening."""
    queries.lock(exam)
    _check_scheduled(exam, at=at)
    replace_list(exam, set())
    record(who=who, what="exam.list", subject=f"exam:{exam.code}", at=at, persons=None)


def shift(exam: Exam, *, by: timedelta, after: datetime) -> None:
    """Move the end of every window that was not over ``after``, as the exam's own was moved."""
    later = ExamWindow.exam_id == exam.id, ExamWindow.closes_at > after
    for row in db.session.scalars(select(ExamWindow).where(*later)):
        row.closes_at += by


def replace_list(exam: Exam, persons: set[int]) -> None:
    """Let only these sit, everybody when there are none; papers made ready are drawn anew."""
    db.session.execute(delete(ExamPerson).where(ExamPerson.exam_id == exam.id))
    db.session.add_all(ExamPerson(exam_id=exam.id, person_id=number) for number in sorted(persons))
    exam.named = bool(persons)
    freezing.discard_papers(exam)


def matched(entries: Iterable[Entry]) -> tuple[dict[tuple[str, int], int], list[Problem]]:
    """(sheet, row) → person: by 工号, else by name and phone, else by name and unit where only one is
    called so."""
    known = people.by_identity()
    found: dict[tuple[str, int], int] = {}
    missing: list[Problem] = []
    for entry in entries:
        person = next((known[key] for key in _keys(entry) if known.get(key)), None)
        if person is None:
            why = f"名册里没有“{entry.name}”（{entry.unit}），没有加入名单"
            missing.append(problem_of(entry, "姓名", "not-on-roster", ERROR, why, entry.name))
        else:
            found[entry.sheet, entry.row] = person
    return found, missing


def _keys(entry: Entry) -> list[tuple[str, str]]:
    who = entry.name_key
    keys = [("number", entry.number or ""), (who, entry.phone or ""), (who, entry.unit_key)]
    return [key for key in keys if key[1]]


def _check_scheduled(exam: Exam, *, at: datetime) -> None:
    if queries.state(exam, at=at) is not rules.State.SCHEDULED:
        raise rules.SettingFrozen("已经开考，名单不能再改。")
