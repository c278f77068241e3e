"""A reading beside the roster: who is new, who changes, what waits."""

from dataclasses import replace

import pytest

from quiz.people.merging import Known, Plan, plan, similar_unit
from quiz.people.roster import Entry

UNITS = {"青石镇": 1, "县水利局": 2}
ANN = Known(7, "王一", "王一", 1, "13800000001", "A01", None, "科员", "", "", "", active=True)
ROW = Entry("名册", 2, "王一", "青石镇", phone="13800000001", number="A01", post="科员")


def planned(*entries: Entry, known: tuple[Known, ...] = (ANN,), **more: object) -> Plan:
    return plan(entries, known=known, units=UNITS, **{"create_units": False, **more})


def test_nothing_new_is_nothing_changed() -> None:
    found = planned(ROW)
    assert (found.new, found.changed, found.unchanged, found.problems) == ([], [], [ROW], [])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"unit": "县水利局"}, {"unit_id": 2}),
        ({"post": "主任"}, {"post": "主任"}),
        ({"post": ""}, {}),
        ({"number": None}, {}),
        ({"phone": None}, {}),
        ({"phone": "13800000002"}, {"phone": "13800000002"}),
        ({"passcode": "hash"}, {"passcode_hash": "hash"}),
        ({"name": "王 一"}, {}),
    ],
)
def test_what_the_file_says_is_taken_and_what_it_leaves_open_stays(
    change: dict[str, str], expected: dict[str, object]
) -> None:
    found = planned(replace(ROW, **change))
    assert [changes for _, _, changes in found.changed] == ([expected] if expected else [])
    assert len(found.changed) + len(found.unchanged) == 1


def test_somebody_who_had_left_is_back() -> None:
    gone = replace(ANN, active=False)
    assert [changes for _, _, changes in planned(ROW, known=(gone,)).changed] == [{"active": True}]


BO = replace(ANN, id=8, phone="13800000002", number="B02")


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (replace(ROW, name="李二"), "number-of-another"),
        (replace(ROW, number="B02"), "two-persons"),
        (replace(ROW, number="C03"), "other-number"),
    ],
)
def test_a_number_is_never_handed_to_another(entry: Entry, code: str) -> None:
    found = planned(entry, known=(ANN, BO))
    assert [(one.code, one.severity) for one in found.problems] == [(code, "error")]
    assert (found.new, found.changed, found.unchanged) == ([], [], [])


def test_two_rows_for_one_stored_person() -> None:
    found = planned(replace(ROW, phone=None), replace(ROW, row=3, number=None))
    assert [(one.row, one.code) for one in found.problems] == [(3, "same-person")]
    assert found.unchanged == [replace(ROW, phone=None)]


def test_a_phone_of_somebody_else_is_listed() -> None:
    found = planned(Entry("名册", 2, "李二", "青石镇", phone="13800000001"))
    assert [(one.code, one.severity, one.value) for one in found.problems] == [
        ("phone-of-another", "warning", "138****0001")
    ]
    assert len(found.new) == 1


def test_a_namesake_of_the_unit_is_a_new_person_unless_said_to_have_moved() -> None:
    entry = Entry("名册", 2, "王一", "青石镇", phone="13900000001")
    found = planned(entry)
    assert (found.new, found.namesakes) == ([entry], [(entry, ANN)])
    moved = planned(entry, moved=frozenset({("名册", 2)}))
    assert (moved.new, [changes for _, _, changes in moved.changed]) == ([], [{"phone": "13900000001"}])


def test_unknown_units_wait_are_made_or_are_another() -> None:
    entry = Entry("名册", 2, "李二", "水利局", phone="13800000003")
    waiting = planned(entry)
    assert (waiting.waiting, waiting.new) == ([entry], [])
    assert [(one.name, one.persons, one.similar) for one in waiting.new_units] == [("水利局", 1, "县水利局")]
    made = planned(entry, create_units=True)
    assert (made.new, made.units["水利局"]) == ([entry], None)
    assert planned(entry, create_units={"别的局"}).waiting == [entry]
    assert planned(entry, same_as={"水利局": "县水利局"}).units["水利局"] == 2


def test_an_answer_given_before_is_remembered() -> None:
    there = replace(ANN, unit_id=2)
    entry = replace(ROW, unit="水利局")
    assert [one.settled for one in planned(entry, known=(there,)).new_units] == [True]
    assert [one.settled for one in planned(entry).new_units] == [False]


def test_unit_names_are_compared_without_spaces_and_width() -> None:
    found = planned(replace(ROW, unit="青 石镇"))
    assert (found.new_units, len(found.unchanged)) == ([], 1)


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("水利局", "县水利局"),
        ("安澜县水利局", "县水利局"),
        ("县住建局", "县住房和城乡建设局"),
        ("青石镇人民政府", "青石镇"),
        ("青石镇中心小学", ""),
        ("县林业局", ""),
        ("局", ""),
        ("县水利局", ""),
    ],
)
def test_units_that_may_be_meant(name: str, similar: str) -> None:
    assert similar_unit(name, ["青石镇", "县水利局", "县住房和城乡建设局"]) == similar
