"""An import, and undoing it, is whole or nothing whenever the process is killed (promise A9)."""

import pytest
from faults import imports
from faults.imports import ALL, NOTHING, ROWS, UNDONE, killed, left

#: Browser tests before may have left a thread, which the forked process does not need.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def test_an_import_killed_anywhere_left_nothing_and_can_be_pressed_again() -> None:
    with imports.prepared() as number:
        for point in ("staged", 1, ROWS // 2, ROWS, "end"):
            assert killed(imports.press, number, point) == NOTHING, point
        assert killed(imports.press, number, "after") == ALL
        imports.press(number)
        assert left(number) == ALL


def test_an_undo_killed_anywhere_undid_nothing() -> None:
    with imports.prepared() as number:
        imports.press(number)
        for point in (1, ROWS // 2, ROWS, "end"):
            assert killed(imports.undo, number, point) == ALL, point
        assert killed(imports.undo, number, "after") == UNDONE


def test_control_rows_committed_as_they_come_are_left_behind() -> None:
    with imports.prepared() as number:
        state = killed(imports.press, number, ROWS // 2, careless=True)
        assert 0 < state.questions < ROWS
