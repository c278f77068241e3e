"""What two or three markers of a short answer come to."""

import pytest

from question_bank import Kind, Question
from question_bank.paper import Item
from quiz.sittings import blind
from quiz.sittings.correcting import Amendment, Deed

CASES = [
    # markers, marks given, what counts, marks wanted
    (1, [], None, 1),
    (1, [700], 700, 1),
    (2, [], None, 2),
    (2, [700], None, 2),
    (2, [700, 700], 700, 2),
    (2, [700, 800], 750, 2),
    (2, [600, 800], 700, 2),  # exactly a fifth apart
    (2, [550, 800], None, 3),
    (2, [800, 550], None, 3),
    (2, [500, 800, 750], 775, 3),
    (2, [800, 500, 550], 525, 3),
    (2, [500, 800, 650], 725, 3),  # as near to both: the higher
    (2, [0, 1000, 1000], 1000, 3),
]


@pytest.mark.parametrize(("markers", "given", "settled", "wanted"), CASES)
def test_marks_of_ten_points(markers, given, settled, wanted):
    assert blind.settle(given, points=1000, markers=markers) == settled
    assert blind.wanted(given, points=1000, markers=markers) == wanted


def test_a_mean_is_rounded_half_up_to_a_hundredth():
    assert blind.settle([333, 334], points=1000, markers=2) == 334


@pytest.mark.parametrize("mark", [0, 50, 750, 1000])
def test_half_points_up_to_the_items_points(mark):
    blind.check_mark(mark, points=1000)


@pytest.mark.parametrize("mark", [-50, 1050, 725, 1])
def test_any_other_mark_is_refused(mark):
    with pytest.raises(blind.BadMark, match="0 至 10 分"):
        blind.check_mark(mark, points=1000)


def item(position: int, kind: Kind) -> Item:
    return Item(position, 100 + position, Question(kind, "题干", (), ("参考",)), (), 1000)


def test_only_answered_short_items_wait_for_people():
    items = [item(1, Kind.SHORT), item(2, Kind.SHORT), item(3, Kind.FILL), item(4, Kind.SHORT)]
    answers = {1: ["答了"], 2: ["  \n"], 3: ["空"]}
    assert [one.position for one in blind.waiting(items, answers)] == [1]


@pytest.mark.parametrize(
    ("deed", "waits"), [(Deed.ALL_POINTS, False), (Deed.SCALED, False), (Deed.REKEY, True)]
)
def test_a_voided_question_needs_no_marker(deed, waits):
    amendments = [Amendment(101, deed, ("新",))]
    assert bool(blind.waiting([item(1, Kind.SHORT)], {1: ["答了"]}, amendments)) is waits
