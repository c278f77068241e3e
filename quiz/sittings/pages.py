"""What the phone's pages show, read and put into words. A read model: changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from question_bank import Kind
from question_bank.marking import MultiplePolicy
from quiz.errors import RuleBroken
from quiz.exams import admission, terms, wording
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.admission import Window
from quiz.exams.counting import Counts
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people import queries as people
from quiz.people.models import Person, Unit
from quiz.questions import verdicts
from quiz.sittings import appeals, late, noting, queries, releasing, rooms, rules
from quiz.sittings.appealing import Decision
from quiz.sittings.correcting import Deed
from quiz.sittings.models import Sitting
from quiz.tokens import Candidate

#: How far ahead the home page announces an exam.
SOON = timedelta(days=7)
_MOST_CARDS = 12


def current_exams(*, at: datetime) -> Sequence[Exam]:
    """Exams that are open or open within a week, those that close first on top."""
    wanted = select(Exam).where(
        Exam.opens_at <= at + SOON,
        or_(Exam.closes_at > at, Exam.paused_at.is_not(None)),
        or_(Exam.ended_at.is_(None), Exam.ended_at > at),
    )
    found = db.session.scalars(wanted.order_by(Exam.closes_at, Exam.id).limit(_MOST_CARDS)).all()
    return sorted(found, key=lambda exam: exam.opens_at > at)


def card(exam: Exam, *, at: datetime, unit_id: int | None = None) -> dict[str, Any]:
    """An exam as a card: title, state, the state in a sentence, the window, seconds to the opening.

    For somebody of a unit its own time where the exam is held in batches.
    """
    window = exams.whole(exam) if unit_id is None else exams.window_for(exam, unit_id)
    part = exams.stretch(exam, window, at=at)
    state = exams.state_in(exam, part, at=at)
    hours = f"{exam.hours.words}，" if exam.hours else ""
    sentence = {
        exam_rules.State.SCHEDULED: lambda: exams.opening_sentence(exam, part, at=at),
        exam_rules.State.OPEN: lambda: f"正在进行，{hours}{_when(window.closes_at, at=at)} 结束。",
        exam_rules.State.CLOSED: lambda: exams.closing_sentence(part),
    }[state]()
    return {
        "exam": exam,
        "code": exam.code,
        "title": exam.title,
        "state": state.value,
        "sentence": sentence,
        "window": _window(window, at=at),
        "hours": exam.hours.words if exam.hours else "",
        "opens_in": rules.seconds_left(deadline=part.opens_at, at=at),
    }


def _closing(exam: Exam) -> datetime:
    return exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)


def _when(instant: datetime, *, at: datetime) -> str:
    """11:30 today, 11 月 26 日 11:30 on another day."""
    local = instant.astimezone(exams.zone())
    same_day = local.date() == at.astimezone(exams.zone()).date()
    return f"{local.hour}:{local.minute:02}" if same_day else exam_rules.moment(local)


def _window(window: Window, *, at: datetime) -> str:
    """The window without the year, if that is this one."""
    return exams.window_words(window).removeprefix(f"{at.astimezone(exams.zone()).year} 年 ")


def known_person(exam: Exam, candidate: Candidate | None) -> Person | None:
    """Who this phone identified as for ``exam``, if still on the roster."""
    if candidate is None or candidate.exam != exam.id:
        return None
    person = db.session.get(Person, candidate.person)
    return person if person is not None and person.active else None


def units_offered(exam: Exam) -> list[Unit]:
    """The units that may take part, as the form of an open contest offers them."""
    return [unit for unit in people.units() if exam.unit_ids is None or unit.id in exam.unit_ids]


def under_way(candidate: Candidate | None, *, at: datetime) -> Sitting | None:
    """The open sitting of whoever this phone remembers."""
    if candidate is None:
        return None
    return _open(queries.sittings_of(candidate.exam, candidate.person), at=at)


def _open(sittings: Sequence[Sitting], *, at: datetime) -> Sitting | None:
    return next((s for s in sittings if s.accepts(at)), None)


def notice_facts(exam: Exam, person: Person, *, phone: str, at: datetime) -> dict[str, Any]:
    """Everything the notice says and offers: INTERFACE's exam document and this person's own state."""
    sittings = queries.sittings_of(exam.id, person.id)
    under_way = _open(sittings, at=at)
    submitted = [sitting for sitting in sittings if sitting.submitted_at is not None]
    window = exams.stretch(exam, exams.window_for(exam, person.unit_id), at=at)
    left = rules.seconds_left(deadline=window.closes_at, at=max(at, window.opens_at))
    extra = int(queries.extra_of(exam, person.id).total_seconds() // 60)
    return {
        "exam": exam,
        "person": person,
        "card": _own_card(exam, person, sat=len(sittings), at=at),
        "rules": [*exams.rule_sentences(exam, person.rank), *_conduct_sentences(exam)],
        "items": exams.spec_for(exam, person.rank).items,
        "full": exam_rules.plain(exam.full),
        "pass_mark": exam_rules.plain(exam.pass_mark),
        "chances_left": admission.chances_left(
            sat=len(sittings),
            chances=exam.chances,
            today=queries.begun_today(sittings, at=at),
            daily=exam.daily,
        ),
        "all_used": exam.chances and len(sittings) >= exam.chances,
        # Who comes late has less than the full time.
        "minutes": min(exam.minutes, int(left // 60)) + extra,
        "allowed": exam.minutes + extra,
        "under_way": under_way,
        "elsewhere": under_way is not None and rules.is_elsewhere(under_way.phone, phone),
        "seconds_left": rules.seconds_left(deadline=under_way.deadline_at(at), at=at) if under_way else 0,
        "score_shown": releasing.score_shown(exam, at=at),
        "seat": _seat_words(exam, person),
        "submitted": [_line(sitting) for sitting in submitted],
        # Pupils said nothing that could be put right.
        "enrolled": (found := terms.enrolment(exam.id, person.id)) is not None and found.consent is not None,
    }


def _seat_words(exam: Exam, person: Person) -> str:
    """第 2 考场（三楼会议室），5 号座位; empty without a seat."""
    seat = rooms.seat_of(exam.id, person.id)
    return f"{rooms.where(seat)}，{seat.number} 号座位" if seat else ""


def _own_card(exam: Exam, person: Person, *, sat: int, at: datetime) -> dict[str, Any]:
    """The card as it is for this person: with their unit's time, and closed to who comes too late."""
    window, found = exams.window_for(exam, person.unit_id), card(exam, at=at, unit_id=person.unit_id)
    late = admission.is_late(window=window, late_minutes=exam.late_minutes, sat=sat, at=at)
    if found["state"] == exam_rules.State.OPEN and late:
        sentence = f"开考 {exam.late_minutes} 分钟后不能再入场。"
        return found | {"state": exam_rules.State.CLOSED.value, "sentence": sentence}
    return found


def _left_now(exam: Exam, sat: Sequence[Sitting], *, at: datetime) -> int | None:
    """How many more may begin now: none outside the hours, nor when those of today are used up."""
    if card(exam, at=at)["state"] != exam_rules.State.OPEN:
        return 0
    today = queries.begun_today(sat, at=at)
    return admission.chances_left(sat=len(sat), chances=exam.chances, today=today, daily=exam.daily)


def _counts_apart(exam: Exam, sat: int) -> bool:
    """Whether what counts is something else than the score of the one sitting."""
    return sat > 1 or exam.counts == Counts.DAYS


def _chances_left(exam: Exam, sat: int) -> int | None:
    return max(0, exam.chances - sat) if exam.chances else None


def _line(sitting: Sitting) -> dict[str, Any]:
    return {
        "id": sitting.id,
        "number": sitting.number,
        "score": "待阅卷" if sitting.score is None else f"{exam_rules.plain(sitting.score)} 分",
        "voided": sitting.voided_at is not None,
    }


def _conduct_sentences(exam: Exam) -> list[str]:
    """What else is worth knowing before the start."""
    days = appeals.days(exam)
    said = [noting.WATCHED] if is_watched(exam) else []
    return [*said, *([f"对成绩有异议，考试结束后 {days} 个工作日内可以申请复核。"] if days else [])]


def is_watched(exam: Exam) -> bool:
    """Whether leaving the page is noted: never in practice, which nobody reviews."""
    return exam.watch_leaving and exam.mode != exam_rules.Mode.PRACTICE


def sitting_facts(sitting: Sitting) -> dict[str, Any]:
    """Words the sitting page needs beside the paper."""
    exam = sitting.exam
    left = _chances_left(exam, sitting.number)
    chances = "次数不限，可以再答" if left is None else f"还有 {left} 次机会" if left else ""
    if exam.chances == 1:
        chances = "本场只有 1 次机会"
    policy = MultiplePolicy(exam.multiple_policy).sentence
    return {"policy": f"可选多项。{policy}。", "chances": chances, "watched": is_watched(exam)}


def result_facts(sitting: Sitting, *, at: datetime) -> dict[str, Any]:
    """The result page: score, grade, times, chapters as far as released, what comes next."""
    exam, score = sitting.exam, sitting.score or Decimal(0)
    released, shown = releasing.may_review(sitting, at=at), releasing.score_shown(exam, at=at)
    review = releasing.review_documents(sitting, at=at) if released else []
    sat = queries.sittings_of(exam.id, sitting.person_id)
    ended = sitting.submitted_at or sitting.deadline
    return {
        "exam": exam,
        "at": at,
        # Short answers are marked by people; until then there is no score to show.
        "waiting": sitting.score is None,
        "items": len(sitting.paper.items),
        "score": exam_rules.plain(score),
        "full": exam_rules.plain(exam.full),
        "pass_mark": exam_rules.plain(exam.pass_mark),
        "grade": "优秀" if score >= exam.excellent_mark else "合格" if sitting.passed else "未达",
        "used": _duration(ended - sitting.started_at - timedelta(milliseconds=sitting.paused_millis)),
        "ended": _when(ended, at=at),
        "answered": sum(bool(answer) for answer, _ in queries.responses_of(sitting.id).values()),
        "chapters": chapter_scores(review),
        "wrong": len([item for item in review if not is_right(item)]),
        # Voided 按比例折算: no longer part of the paper.
        "left_out": sum(map(is_left_out, review)),
        "corrected": _corrected(sitting) if shown else "",
        "released": released,
        "score_shown": shown,
        "key_shown": releasing.key_shown(sitting, at=at),
        "next": _next_sentence(exam, at=at),
        "chances_left": _left_now(exam, sat, at=at),
        "counts": _counted(exam, sitting.person_id) if shown and _counts_apart(exam, len(sat)) else "",
        # Nobody disputes a score nobody has seen.
        "appeal": appeal_facts(sitting, at=at) if shown else {"open": False, "row": None},
        "late": late.sentence(sitting),
    }


def appeal_facts(sitting: Sitting, *, at: datetime) -> dict[str, Any]:
    """How a review of this sitting stands: ``open`` while it may be asked for, ``row`` once it was."""
    row, until = appeals.of_sitting(sitting), appeals.until(sitting.exam)
    try:
        appeals.check(sitting, at=at)
    except RuleBroken:
        return {"open": False, "row": row, "decision": row and row.decision and Decision(row.decision)}
    last = until - timedelta(minutes=1)
    return {"open": True, "row": None, "until": f"{last.month} 月 {last.day} 日"}


def _duration(used: timedelta) -> str:
    """38 分 12 秒"""
    minutes, seconds = divmod(int(used.total_seconds()), 60)
    return f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒"


def _next_sentence(exam: Exam, *, at: datetime) -> str:
    return wording.next_sentence(
        score=exam.score_release,
        answers=exam.answers_release,
        key=exam.review,
        over=exams.state(exam, at=at) is exam_rules.State.CLOSED and not releasing.is_under_way(exam),
        when=_when(_closing(exam), at=at),
    )


def _corrected(sitting: Sitting) -> str:
    """Both scores of a sitting whose score a correction has changed."""
    first, now = queries.score_at_submit(sitting), sitting.score or Decimal(0)
    if first is None or first == now:
        return ""
    return f"有试题更正，成绩重新计算：原来 {exam_rules.plain(first)} 分，现在 {exam_rules.plain(now)} 分。"


def _counted(exam: Exam, person_id: int) -> str:
    kept = queries.result_of(exam.id, person_id)
    if kept is None:
        return ""
    counts = Counts(exam.counts)
    return f"{counts.chinese}：{exam_rules.plain(kept.score)} {counts.unit}"


def is_right(item: Mapping[str, Any]) -> bool:
    return bool(item["mark"] >= item["points"]) or is_left_out(item)


def is_left_out(item: Mapping[str, Any]) -> bool:
    """Voided 按比例折算: neither right nor wrong, it counts for nothing."""
    return item.get("deed") == Deed.SCALED


def chapter_scores(review: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Right items of each chapter, in the order of the regulation as far as its chapters are numbered."""
    chapters: dict[str, list[bool]] = {}
    for item in review:
        if is_left_out(item):
            continue
        chapters.setdefault(item["chapter"] or "其他", []).append(is_right(item))
    rows = [{"name": name, "right": sum(marks), "of": len(marks)} for name, marks in chapters.items()]
    return sorted(rows, key=lambda row: exam_rules.chapter_place(row["name"]))


def review_page(sitting: Sitting, *, at: datetime, position: int | None) -> dict[str, Any]:
    """One item of the review: wrong items first. An unknown ``position`` shows the first."""
    items = releasing.review_documents(sitting, at=at)
    wrong = [item for item in items if not is_right(item)]
    right = [item for item in items if is_right(item)]
    ordered = wrong + right
    place = next((n for n, item in enumerate(ordered) if item["position"] == position), 0)
    item = ordered[place]
    return {
        "item": item,
        "kind": Kind(item["kind"]).chinese,
        "options": _review_options(item),
        "blanks": _review_blanks(item),
        "right": is_right(item),
        "group": [entry["position"] for entry in (right if is_right(item) else wrong)],
        "wrong": [entry["position"] for entry in wrong],
        "before": ordered[place - 1]["position"] if place else None,
        "after": ordered[place + 1]["position"] if place + 1 < len(ordered) else None,
    }


def _review_options(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Options with the person's answer and the key in words; true_false has its two."""
    options = verdicts.TRUTH if item["kind"] == Kind.TRUE_FALSE else item.get("options", [])
    if "key" not in item:
        # Of a multiple that is wrong, which part of it is would tell the key.
        given = {"tone": "good" if is_right(item) else "", "words": "你的答案"}
        nothing = {"tone": "", "words": ""}
        return [option | (given if option["label"] in item["answer"] else nothing) for option in options]
    told = {"key": item["key"], "answer": item["answer"], "several": item["kind"] == Kind.MULTIPLE}
    return [option | verdicts.option(option["label"], **told) for option in options]


def _review_blanks(item: Mapping[str, Any]) -> list[dict[str, str]]:
    """For fill and short: what was given and what is right, blank by blank."""
    texts = item["kind"] in (Kind.FILL, Kind.SHORT)
    return verdicts.blanks(item.get("key", ()), item["answer"]) if texts else []
