"""What decides about an exam, around each boundary."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quiz.exams import rules, wording
from quiz.exams.rules import State

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE, TICK = timedelta(minutes=1), timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NINE - TICK, State.SCHEDULED),
        (NINE, State.OPEN),
        (NINE + 120 * MINUTE - TICK, State.OPEN),
        (NINE + 120 * MINUTE, State.CLOSED),
    ],
)
def test_state_at_the_edges_of_the_window(at: datetime, expected: State) -> None:
    assert rules.state(opens_at=NINE, closes_at=NINE + 120 * MINUTE, ended_at=None, at=at) is expected


@pytest.mark.parametrize(("ended", "closes"), [(30, 30), (120, 120), (200, 120)])
def test_an_earlier_end_wins_and_a_later_one_changes_nothing(ended: int, closes: int) -> None:
    found = rules.closing(closes_at=NINE + 120 * MINUTE, ended_at=NINE + ended * MINUTE)
    assert found == NINE + closes * MINUTE


@pytest.mark.parametrize(("started", "expected"), [(0, 60), (60, 120), (61, 120), (119, 120)])
def test_the_deadline_is_start_plus_time_but_never_beyond_the_window(started: int, expected: int) -> None:
    found = rules.deadline(started_at=NINE + started * MINUTE, minutes=60, closes_at=NINE + 120 * MINUTE)
    assert found == NINE + expected * MINUTE


@pytest.mark.parametrize(
    ("sat", "chances", "allowed"), [(0, 1, True), (1, 1, False), (2, 3, True), (99, 0, True)]
)
def test_chances(sat: int, chances: int, allowed: bool) -> None:
    if allowed:
        rules.check_chances(sat=sat, chances=chances, best=None)
        return
    with pytest.raises(rules.NoChancesLeft, match="1 次机会已用完，成绩 92"):
        rules.check_chances(sat=sat, chances=chances, best=Decimal("92.50"))


@pytest.mark.parametrize(
    ("review", "submitted", "state", "allowed"),
    [
        ("never", True, State.CLOSED, False),
        ("close", True, State.OPEN, False),
        ("close", True, State.CLOSED, True),
        ("close", False, State.CLOSED, False),
        ("submit", True, State.OPEN, True),
        ("submit", False, State.OPEN, False),
    ],
)
def test_what_is_released(review: str, submitted: bool, state: State, allowed: bool) -> None:
    assert rules.is_released(review, submitted=submitted, state=state) is allowed


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (timedelta(minutes=12), "9:00 开考，还有 12 分钟。"),
        (timedelta(seconds=1), "9:00 开考，还有 1 分钟。"),
        (timedelta(minutes=61), "11 月 24 日 9:00 开考。"),
    ],
)
def test_when_it_opens_in_words(before: timedelta, sentence: str) -> None:
    assert rules.opening_sentence(NINE, at=NINE - before) == sentence


@pytest.mark.parametrize(
    ("points", "shown"), [("92.00", "92"), ("92.50", "92.5"), ("0.33", "0.33"), ("100", "100"), ("0", "0")]
)
def test_points_without_needless_zeros(points: str, shown: str) -> None:
    assert rules.plain(Decimal(points)) == shown


GOOD = {"title": "考试", "preset": "jining", "opens_at": NINE, "closes_at": NINE + MINUTE, "minutes": 60}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": "  "}, "请填写考试名称"),
        ({"title": "长" * 61}, "最多 60 个字"),
        ({"preset": "none"}, "没有“none”这种预设"),
        ({"closes_at": NINE}, "结束时间应当晚于开考时间"),
        ({"minutes": 0}, "1 至 600 分钟"),
        ({"minutes": 601}, "1 至 600 分钟"),
    ],
)
def test_settings_that_cannot_be(more: dict[str, object], words: str) -> None:
    rules.check_settings(**GOOD)
    with pytest.raises(rules.BadSettings, match=words):
        rules.check_settings(**GOOD | more)


@pytest.mark.parametrize(
    ("score", "answers", "key", "allowed"),
    [
        ("submit", "submit", "submit", True),
        ("submit", "close", "never", True),
        ("close", "close", "close", True),
        ("never", "never", "never", True),
        ("close", "submit", "submit", False),
        ("submit", "close", "submit", False),
        ("never", "close", "close", False),
    ],
)
def test_nothing_is_released_before_what_it_tells(score: str, answers: str, key: str, allowed: bool) -> None:
    if allowed:
        rules.check_releases(score=score, answers=answers, key=key)
        return
    with pytest.raises(rules.BadSettings, match="后一项不能早于前一项"):
        rules.check_releases(score=score, answers=answers, key=key)


@pytest.mark.parametrize(
    ("score", "answers", "key", "rule", "after", "over"),
    [
        ("submit", "submit", "submit", "交卷后可以看成绩、错题、正确答案和解析。", "", ""),
        (
            "submit",
            "close",
            "close",
            "交卷后可以看成绩，考试结束后可以看错题、正确答案和解析。",
            "11:30 考试结束后，可以在这里看错题、正确答案和解析。",
            "",
        ),
        (
            "close",
            "close",
            "never",
            "考试结束后可以看成绩、错题。",
            "11:30 考试结束后，可以在这里看成绩、错题。",
            "本场不公布正确答案和解析。",
        ),
        (
            "submit",
            "never",
            "never",
            "交卷后可以看成绩。",
            "本场只公布成绩，不公布试题。",
            "本场只公布成绩，不公布试题。",
        ),
        (
            "never",
            "never",
            "never",
            "成绩和试题不在手机上公布。",
            "本场成绩不在手机上公布，请等组织者通知。",
            "本场成绩不在手机上公布，请等组织者通知。",
        ),
    ],
)
def test_releases_in_words(score: str, answers: str, key: str, rule: str, after: str, over: str) -> None:
    assert wording._release_sentence(score, answers, key) == rule
    told = {"score": score, "answers": answers, "key": key, "when": "11:30"}
    assert wording.next_sentence(**told, over=False) == after
    assert wording.next_sentence(**told, over=True) == over
