"""Reading in a child process: the same report, and whatever happens there becomes one sentence."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from question_bank.columns import ColumnMapping
from question_bank.errors import CannotRead
from question_bank.question import Kind
from question_bank.reading import child, read

ROWS = [["题型", "题干", "A", "B", "答案"], ["7", "甲？", "红", "绿", "AB"], ["7", "乙？", "红", "绿", "A"]]


def test_the_child_gives_the_same_report(bank: Any, tmp_path: Path) -> None:
    mapping = ColumnMapping(codes={"7": Kind.MULTIPLE})
    report = bank(ROWS, mapping=mapping)
    assert len(report.questions) == 2
    found = child.read_limited(tmp_path / "题库.xlsx", name="别名.xlsx", mapping=mapping)
    report.file = "别名.xlsx"
    assert found == report


def test_a_refusal_comes_through(tmp_path: Path) -> None:
    path = tmp_path / "题库.xlsx"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CannotRead) as refused:
        child.read_limited(path)
    assert (refused.value.code, refused.value.message) == (
        "not-a-table",
        "这是PDF 文档，不是题库。请传表格、Word 文档或文本文件。",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on this platform")
def test_too_little_memory_and_a_missing_file_are_one_sentence(bank: Any, tmp_path: Path) -> None:
    bank(ROWS)
    with pytest.raises(CannotRead) as refused:
        child.read_limited(tmp_path / "题库.xlsx", megabytes=8)
    assert refused.value.code == "reader-stopped"
    with pytest.raises(CannotRead, match="出错"):
        child.read_limited(tmp_path / "没有.xlsx")


def test_too_much_time_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    waits, timer = [], threading.Timer

    def at_once(seconds: float, end: Any) -> threading.Timer:
        waits.append(seconds)
        return timer(0, end)

    monkeypatch.setattr(child.threading, "Timer", at_once)
    with pytest.raises(CannotRead) as refused:
        child.read_limited(tmp_path / "题库.xlsx", seconds=1)
    assert (refused.value.code, waits) == ("too-slow", [3])


def test_what_goes_wrong_behind_the_questions_is_one_sentence(bank: Any, tmp_path: Path) -> None:
    """They are on their way before the rest is worked out: without it they count for nothing."""
    bank(ROWS)
    with pytest.raises(CannotRead) as refused:
        child.read_limited(tmp_path / "题库.xlsx", bank=[(7, "no kind", "", "[]", "[]")])
    assert refused.value.code == "reader-stopped"


def test_a_child_started_ahead_is_taken_once(bank: Any, tmp_path: Path) -> None:
    bank(ROWS)
    child.prepare()
    ready = child._spare._child
    child.prepare()
    assert child._spare._child is ready
    assert child.read_limited(tmp_path / "题库.xlsx").file == "题库.xlsx"
    assert child._spare._child is None
    assert ready is not None
    assert ready.returncode == 0
    child.read_limited(tmp_path / "题库.xlsx")


def test_a_child_that_ended_while_it_waited_is_replaced(bank: Any, tmp_path: Path) -> None:
    bank(ROWS)
    for end in (lambda idle: idle.kill(), lambda idle: idle.stdin.close()):
        child.prepare()
        idle = child._spare._child
        assert idle is not None
        end(idle)
        idle.wait()
        assert child.read_limited(tmp_path / "题库.xlsx").file == "题库.xlsx"
        idle.stdout.close()
        idle.stdin.close()


def test_a_child_ends_with_its_parent(bank: Any, tmp_path: Path) -> None:
    """The pipe closes and it is idle no longer: nothing is left behind after kill -9 of a server."""
    idle = child._start()
    assert idle.stdin is not None
    with idle:
        idle.stdin.close()
        assert idle.wait(timeout=20) == child._IDLE


def test_the_child_compares_with_a_bank(bank: Any, tmp_path: Path) -> None:
    rows = [["题型", "题干", "A", "B", "答案"], ["单选题", "信访事项应当在多久以内办结？", "红", "绿", "A"]]
    bank(rows)
    held = [(7, "single", "信访事项应该在多久以内办结？", '["红", "绿"]', '["B"]')]
    [found] = child.read_limited(tmp_path / "题库.xlsx", bank=held).near
    assert (found.row, found.of_question, found.same_key) == (2, 7, False)
    assert child.read_limited(tmp_path / "题库.xlsx", bank=[]).near == []


def test_the_child_writes_nothing_but_its_document(bank: Any, tmp_path: Path) -> None:
    bank(ROWS)
    assert read(tmp_path / "题库.xlsx") == child.read_limited(tmp_path / "题库.xlsx")
