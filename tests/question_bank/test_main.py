"""``python -m question_bank``: documents, exit codes and sentences of INTERFACE."""

import json
from pathlib import Path

import pytest

from question_bank.__main__ import main

GOOD = "题型,题干,A,B,答案\n单选题,甲？,红,绿,A\n判断题,水往低处流。,,,√\n"
BAD = GOOD + "单选题,乙？,红,绿,AB\n"
SPEC = {
    "lines": [{"kind": "single", "count": 1, "points": 2}, {"kind": "true_false", "count": 1, "points": 1}]
}


def put(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_check_prints_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", put(tmp_path, "题库.csv", BAD)]) == 1
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["file", "questions", "by_kind", "problems", "changed", "duplicates", "left_out"]
    assert (document["file"], document["questions"]) == ("题库.csv", 2)
    assert document["by_kind"] == {"single": 1, "multiple": 0, "true_false": 1, "fill": 0, "short": 0}
    assert document["problems"] == [
        {
            "sheet": "题库",
            "row": 4,
            "column": "答案",
            "code": "many-keys-for-single",
            "severity": "error",
            "message": "题型写的是单选，答案有 2 个",
            "value": "AB",
        }
    ]
    assert document["changed"] == [{"sheet": "题库", "row": 3, "column": "答案", "from": "√", "to": "正确"}]


def test_check_prints_a_list_for_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        put(tmp_path, "甲.csv", GOOD),
        put(tmp_path, "乙.csv", BAD),
        put(tmp_path, "丙.csv", "没有表格。"),
    ]
    assert main(["check", *files[:1], "--json"]) == 0
    capsys.readouterr()
    assert main(["check", *files[:2], "--json"]) == 1
    assert [document["file"] for document in json.loads(capsys.readouterr().out)] == ["甲.csv", "乙.csv"]
    assert main(["check", *files, "--json"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)[2]["error"]["code"] == "plain-text"
    assert shown.err.count("\n") == 1


def test_check_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"单选题,第{n}题？,红,绿,\n" for n in range(30))
    assert main(["check", put(tmp_path, "题库.csv", GOOD + rows)]) == 1
    text = capsys.readouterr().out
    assert "可用 2 题" in text
    assert "有错误 30 处" in text
    assert "题库!4  答案  没有答案" in text
    assert "另有 10 处" in text


def test_a_file_that_cannot_be_read_gets_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "没有.xlsx")]) == 2
    assert capsys.readouterr().err == "没有.xlsx：找不到这个文件。\n"
    assert main(["check", str(tmp_path)]) == 2
    assert "打不开" in capsys.readouterr().err


def test_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["check"])
    assert stopped.value.code == 2


def test_draw_gives_the_same_paper_for_the_same_seed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, spec = put(tmp_path, "题库.csv", GOOD), put(tmp_path, "spec.json", json.dumps(SPEC))
    papers = []
    for _ in range(2):
        assert main(["draw", file, "--spec", spec, "--seed", "明试", "--json"]) == 0
        papers.append(json.loads(capsys.readouterr().out))
    assert papers[0] == papers[1]
    assert [item["kind"] for item in papers[0]["items"]] == ["single", "true_false"]
    assert main(["draw", file, "--spec", spec, "--seed", "明试"]) == 0
    assert "答案：正确" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (json.dumps({"lines": [{"kind": "single", "count": 9, "points": 2}]}), "单选题"),
        ("{", "JSON"),
        ("[]", "抽题规则"),
        (json.dumps({"lines": [{"kind": "riddle", "count": 1, "points": 1}]}), "题型"),
    ],
)
def test_draw_refuses_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spec: str, sentence: str
) -> None:
    file = put(tmp_path, "题库.csv", GOOD)
    assert main(["draw", file, "--spec", put(tmp_path, "spec.json", spec), "--seed", "x"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert sentence in shown.err


def test_draw_from_an_unreadable_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = put(tmp_path, "spec.json", json.dumps(SPEC))
    assert main(["draw", put(tmp_path, "题.txt", "没有表格。"), "--spec", spec, "--seed", "x"]) == 2
    assert main(["draw", spec, "--spec", str(tmp_path / "没有"), "--seed", "x"]) == 1
    assert "打不开抽题规则文件" in capsys.readouterr().err
