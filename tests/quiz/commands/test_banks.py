"""mingshi bank import."""

from pathlib import Path

import pytest

from quiz.extensions import db
from quiz.questions import queries

GOOD = "题型,题干,选项A,选项B,答案\n单选题,甲？,对,错,A\n判断题,乙。,,,正确\n"
ONE_BAD = GOOD + "单选题,丙？,对,错,AB\n"


@pytest.fixture
def file(tmp_path):
    def make(text: str) -> Path:
        path = tmp_path / "题库.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return make


def stored(name="条例"):
    db.session.rollback()
    bank = queries.bank_by_name(name)
    return 0 if bank is None else len(queries.approved(bank.id))


def test_a_good_file_is_imported_once(mingshi, file):
    path = file(GOOD)
    done = mingshi("bank", "import", path, "--bank", "条例")
    assert (done.exit_code, done.stderr, stored()) == (0, "", 2)
    assert done.stdout == "读到 2 题，新入库 2 题。\n"
    assert mingshi("bank", "import", path, "--bank", "条例").stdout == "读到 2 题，新入库 0 题。\n"
    assert stored() == 2


def test_an_error_row_keeps_everything_out(mingshi, file):
    done = mingshi("bank", "import", file(ONE_BAD), "--bank", "条例")
    assert (done.exit_code, stored()) == (1, 0)
    assert "第 4 行" in done.stderr
    assert "--accept-good" in done.stderr
    assert queries.bank_by_name("条例") is None


def test_accept_good_takes_the_rest_and_still_says_so(mingshi, file):
    done = mingshi("bank", "import", file(ONE_BAD), "--bank", "条例", "--accept-good")
    assert (done.exit_code, stored()) == (1, 2)


def test_json_is_the_document_of_check(mingshi, document, file):
    path = file(ONE_BAD)
    found = document("bank", "import", path, "--bank", "条例", "--accept-good")
    assert (found["imported"], found["questions"], found["by_kind"]["single"]) == (2, 2, 1)
    assert [problem["row"] for problem in found["problems"] if problem["severity"] == "error"] == [4]


def test_what_cannot_be_read_exits_with_2(mingshi, file, tmp_path):
    done = mingshi("bank", "import", file("今天天气很好\n"), "--bank", "条例")
    assert (done.exit_code, done.stdout, stored()) == (2, "", 0)
    assert done.stderr.endswith("。\n")
    assert mingshi("bank", "import", tmp_path / "没有.xlsx", "--bank", "条例").exit_code == 2


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_what_is_exported_is_imported_again(mingshi, document, file, tmp_path, extension):
    mingshi("bank", "import", file(GOOD), "--bank", "条例")
    out = tmp_path / f"条例.{extension}"
    done = mingshi("bank", "export", "--bank", "条例", out)
    assert (done.exit_code, done.stderr) == (0, "")
    assert document("bank", "import", out, "--bank", "条例")["imported"] == 0
    assert document("bank", "import", out, "--bank", "另一个")["imported"] == 2


def test_what_cannot_be_exported_is_refused(mingshi, file, tmp_path):
    mingshi("bank", "import", file(GOOD), "--bank", "条例")
    for name, words in (("条例.png", "条例"), ("条例.csv", "没有的")):
        done = mingshi("bank", "export", "--bank", words, tmp_path / name)
        assert (done.exit_code, done.stdout, (tmp_path / name).exists()) == (1, "", False)
        assert done.stderr.endswith("。\n")
