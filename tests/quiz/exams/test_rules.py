"""What decides about an exam, around each boundary."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quiz.exams import rules
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
def test_who_may_see_the_key(review: str, submitted: bool, state: State, allowed: bool) -> None:
    assert rules.may_review(review=review, submitted=submitted, state=state) is allowed


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
