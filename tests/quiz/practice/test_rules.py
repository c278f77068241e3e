"""When practice pauses, what comes next, when a question leaves the book."""

from datetime import UTC, datetime, timedelta

import pytest

from question_bank import Kind
from quiz.practice import rules
from quiz.practice.rules import Record

OPENS = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=2)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("mode", "at", "ended_at", "until"),
    [
        ("exam", OPENS - minutes(0.01), None, None),
        ("exam", OPENS, None, CLOSES),
        ("exam", CLOSES - minutes(0.01), None, CLOSES),
        ("exam", CLOSES, None, CLOSES),  # saves under way
        ("exam", CLOSES + minutes(1), None, None),
        # Ended early: who began in the last minute may go on for the 30 minutes allowed.
        ("exam", OPENS + minutes(40), OPENS + minutes(20), OPENS + minutes(50)),
        ("exam", OPENS + minutes(51), OPENS + minutes(20), None),
        ("exam", CLOSES - minutes(1), CLOSES - minutes(2), CLOSES),
        ("contest", OPENS, None, None),
        ("practice", OPENS, None, None),
    ],
)
def test_an_exam_pauses_its_questions_while_it_runs(
    mode: str, at: datetime, ended_at: datetime | None, until: datetime | None
) -> None:
    found = rules.paused_until(
        mode=mode, opens_at=OPENS, closes_at=CLOSES, ended_at=ended_at, minutes=30, at=at
    )
    assert found == until


@pytest.mark.parametrize(
    ("before", "right", "now"),
    [
        (Record(), True, Record(1, 0, False)),
        (Record(), False, Record(0, 1, True)),
        (Record(3, 1, False), False, Record(0, 2, True)),
        (Record(0, 1, True), True, Record(1, 1, True)),
        (Record(1, 1, True), True, Record(2, 1, False)),
        (Record(1, 1, True), False, Record(0, 2, True)),
    ],
)
def test_a_wrong_answer_goes_into_the_book_and_two_right_in_a_row_take_it_out(
    before: Record, right: bool, now: Record
) -> None:
    assert rules.after(before, right=right) == now


@pytest.mark.parametrize(
    ("was_in_book", "answers", "words"),
    [
        (False, [True], ""),
        (False, [False], "已放进错题本。"),
        (True, [False], "还在错题本里。"),
        (True, [True], "再答对 1 次，就移出错题本。"),
        (True, [True, True], "连续答对 2 次，已移出错题本。"),
    ],
)
def test_the_person_is_told_what_the_book_did(was_in_book: bool, answers: list[bool], words: str) -> None:
    record = Record(in_book=was_in_book)
    for right in answers:
        record = rules.after(record, right=right)
    assert rules.told(record, right=answers[-1], was_in_book=was_in_book) == words


@pytest.mark.parametrize(
    ("kind", "key", "answer", "right"),
    [
        (Kind.SINGLE, ["A"], ["A"], True),
        (Kind.SINGLE, ["A"], ["A", "B"], False),
        (Kind.MULTIPLE, ["A", "C"], ["C", "A"], True),
        (Kind.MULTIPLE, ["A", "C"], ["A"], False),
        (Kind.TRUE_FALSE, ["F"], ["F"], True),
        (Kind.FILL, ["县级|||县", "三"], [" 县 ", "三"], True),
        (Kind.FILL, ["县级|||县", "三"], ["县", ""], False),
        (Kind.FILL, ["一", "二", "三"], ["一", "二", "三"], True),
        (Kind.SINGLE, ["A"], [], False),
        (Kind.SHORT, ["模范答案"], ["模范答案"], False),
    ],
)
def test_marking_is_strict(kind: Kind, key: list[str], answer: list[str], right: bool) -> None:
    assert rules.is_right(kind, key, answer) is right


def test_a_series_by_number_goes_on_after_a_question_that_is_gone() -> None:
    assert rules.in_order([9, 3, 5], seed="") == [3, 5, 9]
    assert rules.following([3, 9], 5, seed="") == 9
    assert rules.following([3, 5], 5, seed="") is None


def test_a_shuffled_series_visits_everything_once_and_keeps_its_order() -> None:
    numbers = list(range(1, 200))
    shuffled = rules.in_order(numbers, seed="ab12")
    assert sorted(shuffled) == numbers
    assert shuffled not in (numbers, rules.in_order(numbers, seed="cd34"))
    seen = [shuffled[0]]
    while (following := rules.following(numbers, seen[-1], seed="ab12")) is not None:
        seen.append(following)
    assert seen == shuffled
    assert rules.in_order(set(numbers) - {7}, seed="ab12") == [one for one in shuffled if one != 7]
