"""``python -m question_bank convert``: files, sentences and exit codes."""

from pathlib import Path

import pytest

from question_bank.__main__ import main
from question_bank.question import Question
from question_bank.reading import read

TABLE = "题型,题干,A,B,答案,解析\n单选题,甲？,红,绿,A,因为\n判断题,水往低处流。,,,√,\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "题库.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def questions(path: Path) -> list[Question]:
    return [placed.question for placed in read(path).questions]


@pytest.mark.parametrize("extension", ["xlsx", "csv", "gift", "xml", "zip", "XLSX"])
def test_convert_keeps_everything(source: Path, capsys: pytest.CaptureFixture[str], extension: str) -> None:
    target = source.with_name(f"新.{extension}")
    assert main(["convert", str(source), str(target)]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{target.name}  写出 2 题\n"
    assert shown.err == ""
    assert questions(target) == questions(source)


def test_what_cannot_be_carried_is_named(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = source.with_name("新.txt")
    assert main(["convert", str(source), str(target)]) == 1
    shown = capsys.readouterr()
    assert shown.out == "新.txt  写出 1 题\n"
    assert shown.err.splitlines() == [
        "第 1 题  没有写出解析",
        "第 2 题  没有写出：这种格式只写单选题，这是判断题",
    ]


def test_rows_with_errors_are_named(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source.write_text(TABLE + "单选题,乙？,红,绿,,\n", encoding="utf-8")
    assert main(["convert", str(source), str(source.with_name("新.gift"))]) == 1
    assert capsys.readouterr().err == "题库!4  没有读入：没有答案\n"


def test_an_exercise_book_with_and_without_keys(source: Path) -> None:
    one, two = source.with_name("甲.docx"), source.with_name("乙.docx")
    assert main(["convert", str(source), str(one)]) == 0
    assert main(["convert", str(source), str(two), "--without-keys"]) == 0
    assert one.stat().st_size > two.stat().st_size


def test_a_text_bent_on_the_way_is_named(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("question_bank.writing.gift._escaped", lambda text: text.replace("甲", "乙"))
    assert main(["convert", str(source), str(source.with_name("新.gift"))]) == 1
    assert capsys.readouterr().err == "第 1 题  有文字没有原样写出，请核对\n"


def test_refusals(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = source.read_bytes()
    (tmp_path / "link.csv").hardlink_to(source)
    cases = [
        ([source, source], 1, "不能写回原来的文件"),
        ([source, tmp_path / "link.csv"], 1, "不能写回原来的文件"),
        ([source, tmp_path / "新.pdf"], 2, "认不出要写成什么格式"),
        ([tmp_path / "没有.csv", tmp_path / "新.csv"], 2, "找不到这个文件"),
        ([source, tmp_path / "没有" / "新.csv"], 1, "写不了这个文件"),
    ]
    for paths, code, sentence in cases:
        assert main(["convert", *map(str, paths)]) == code
        assert sentence in capsys.readouterr().err
    assert source.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "题库.csv"]


def test_a_bank_without_a_question_writes_nothing(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source.write_text("题型,题干,A,B,答案\n单选题,甲？,红,绿,\n", encoding="utf-8")
    assert main(["convert", str(source), str(source.with_name("新.xlsx"))]) == 1
    assert "没有可以写出的题目" in capsys.readouterr().err
    assert not source.with_name("新.xlsx").exists()
