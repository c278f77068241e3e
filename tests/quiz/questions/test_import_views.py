"""The page about a file that was read: rows put right through its forms, as without any script."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from bank_files import BAD, GOOD, HEADINGS, sign_in, upload, xlsx
from factories import make_account, make_bank, make_exam, make_questions
from flask.testing import FlaskClient
from openpyxl import load_workbook

from quiz.audit.models import Deed
from quiz.extensions import db
from quiz.questions import services
from quiz.questions.models import BankImport, Question

ROW = {"sheet": "题目", "row": "2", "tab": "problems"}


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    """Olga the organiser, signed in."""
    make_account(at=time.now())
    return sign_in(client, "olga")


@pytest.fixture
def messy(desk: FlaskClient) -> str:
    """Address of an import: row 2 is a single with the answer ABD, row 3 one with E, then four good ones."""
    return upload(desk, xlsx(BAD + GOOD)).location


def stems() -> set[str]:
    return {row.stem for row in db.session.query(Question)}


def test_the_rows_with_errors_show_their_question_and_the_ways_out(desk: FlaskClient, messy: str) -> None:
    shown = desk.get(messy).text
    for words in (
        "两个字母的单选",
        "答案在选项之外",
        "改为多选题",
        "保留单选，重选答案",
        "这一行不入库",
        'value="丁"',
    ):
        assert words in shown
    assert "改答案" in desk.get(messy + "?at=1").text


def test_a_named_fix_makes_the_row_good(desk: FlaskClient, messy: str) -> None:
    back = desk.post(messy + "/row/fix", data={**ROW, "fix": "to-multiple"}, follow_redirects=True).text
    assert "第 2 行已改好。" in back
    assert "入库 5 题" in back
    desk.post(messy + "/import")
    [made] = db.session.query(Question).filter_by(stem="两个字母的单选")
    assert (made.kind, made.key, made.source_row) == ("multiple", ["A", "B", "D"], 2)
    assert db.session.query(Deed).filter_by(what="bank.import.fix").one().detail["rows"] == ["题目!2"]


def test_a_row_is_edited_in_place_and_judged_again(desk: FlaskClient, messy: str) -> None:
    form = {
        **ROW,
        "kind": "single",
        "difficulty": "3",
        "stem": "改过的题干\x00",
        "option": ["甲", "甲", "丙", "", ""],
        "key": ["B"],
    }
    shown = desk.post(messy + "/row", data=form, follow_redirects=True).text
    assert "选项 A 与 B 文字相同" in shown
    assert "改过的题干" in shown
    shown = desk.post(messy + "/row", data={**form, "option": ["甲", "乙", "丙"]}, follow_redirects=True).text
    assert "第 2 行已改好。" in shown
    desk.post(messy + "/import")
    [made] = db.session.query(Question).filter_by(stem="改过的题干")
    assert (made.options, made.key, made.difficulty) == (["甲", "乙", "丙"], ["B"], 3)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"kind": "true_false", "truth": "F"}, ["F"]),
        ({"kind": "fill", "blanks": "甲\n乙"}, ["甲", "乙"]),
        ({"kind": "short", "blanks": "两行\n参考"}, ["两行\n参考"]),
    ],
)
def test_another_kind_may_be_chosen(
    desk: FlaskClient, messy: str, more: dict[str, str], key: list[str]
) -> None:
    desk.post(messy + "/row", data={**ROW, "stem": "换了题型", "option": ["甲", "乙"], **more})
    desk.post(messy + "/import")
    [made] = db.session.query(Question).filter_by(stem="换了题型")
    assert (made.kind, made.key, made.options) == (more["kind"], key, [])


def test_a_row_may_be_left_out_and_taken_back(desk: FlaskClient, messy: str) -> None:
    assert "第 2 行不入库。" in desk.post(messy + "/row/leave", data=ROW, follow_redirects=True).text
    assert "两个字母的单选" in desk.get(messy + "?tab=skipped").text
    desk.post(messy + "/row/restore", data=ROW)
    assert "两个字母的单选" in desk.get(messy + "?tab=problems").text


def test_rows_alike_are_put_right_at_once(desk: FlaskClient) -> None:
    rows = [
        ["单选题", f"有几个答案的题 {n}", "甲", "乙", "丙", "丁", "AB", "", "", "", ""] for n in range(12)
    ]
    where = upload(desk, xlsx(rows + GOOD)).location
    shown = desk.get(where).text
    assert "这 12 行都改为多选题" in shown
    form = {"problem": "many-keys-for-single", "fix": "to-multiple"}
    assert "12 行一起改好了。" in desk.post(where + "/alike", data=form, follow_redirects=True).text
    desk.post(where + "/import")
    assert db.session.query(Question).filter_by(kind="multiple").count() == 13


def test_good_rows_first_then_the_rest(desk: FlaskClient, messy: str) -> None:
    shown = desk.post(messy + "/import", follow_redirects=True).text
    assert "入库 <b>4</b> 题，<b>2</b> 行待处理，不会丢失" in shown
    assert "已入库 4 题，待处理 2 行" in desk.get("/admin/questions/").text
    desk.post(messy + "/row/fix", data={**ROW, "fix": "to-multiple"})
    assert "再入库 1 题" in desk.get(messy).text
    assert "入库 <b>5</b> 题" in desk.post(messy + "/import", follow_redirects=True).text
    assert len(stems()) == 5


def test_problem_rows_come_as_the_rows_of_the_file(desk: FlaskClient, tmp_path: Path) -> None:
    formula = ["单选题", "公式", "甲", "乙", "丙", "丁", "=2+3", "", "", "", ""]
    lines = [",".join(HEADINGS), *(",".join(row) for row in [formula, *GOOD, *BAD])]
    where = upload(desk, "\n".join(lines).encode("gbk"), name="题库.csv").location
    file = desk.get(where + "/problems.xlsx")
    assert "attachment" in file.headers["Content-Disposition"]
    rows = list(load_workbook(io.BytesIO(file.data)).active.iter_rows())
    assert [cell.value for cell in rows[0]] == [*HEADINGS, "原因"]
    assert [row[6].value for row in rows[1:]] == ["=2+3", "ABD", "E"]
    assert rows[2][-1].value == "题型写的是单选，答案有 3 个"
    assert all(cell.data_type != "f" for row in rows for cell in row)

    (tmp_path / "back.xlsx").write_bytes(file.data)
    assert len(services.read_file(tmp_path / "back.xlsx").errors) == 3


def test_undoing_says_what_became_of_the_questions(desk: FlaskClient, messy: str, time: Any) -> None:
    desk.post(messy + "/import")
    for _ in range(2):
        shown = desk.post(messy + "/undo", follow_redirects=True).text
    assert "从题库去掉 4 题" in shown
    assert stems() == set()
    assert desk.post(messy + "/import").status_code == 409
    assert messy not in desk.get("/admin/questions/").text


def test_every_file_is_listed_with_what_became_of_it(desk: FlaskClient, messy: str) -> None:
    asked = "/admin/questions/imports/"
    for words in ("草稿", "丢弃", "待处理 6 行", "olga", "还没有"):
        assert words in desk.get(asked).text
    desk.post(messy + "/import")
    shown = desk.get(asked + "?bank=1").text
    assert messy in shown
    for words in ("已入库", "<b>4</b>", "待处理 2 行", "看题"):
        assert words in shown
    desk.post(messy + "/undo")
    assert "已撤销" in desk.get(asked).text
    assert desk.get(asked + "?bank=99").status_code == 404
    assert "导入记录" in desk.get("/admin/questions/banks/1").text


def test_questions_in_an_exam_are_kept_retired(desk: FlaskClient, time: Any) -> None:
    make_bank(make_questions(), name="条例", at=time.now())
    where = upload(desk, xlsx(GOOD)).location
    desk.post(where + "/import")
    bank = db.session.get(BankImport, int(where.rsplit("/", 1)[1])).bank_id
    make_exam(services.queries.bank(bank), at=time.now())
    shown = desk.post(where + "/undo", follow_redirects=True).text
    assert re.search(r"从题库去掉 \d 题，\d 题已用在考试或练习里，改为停用", shown)
    assert db.session.query(Question).filter_by(state="retired").count() > 0


def test_the_same_file_again_is_told(desk: FlaskClient, messy: str) -> None:
    again = upload(desk, xlsx(BAD + GOOD))
    content = xlsx(GOOD)
    first = upload(desk, content).location
    desk.post(first + "/import")
    shown = desk.get(upload(desk, content).location).text
    assert "已于 11 月 24 日 12:00 入库 4 题" in shown
    assert "相同的题不会重复入库" in shown
    assert again.status_code == 303


def test_a_question_like_one_in_the_bank_is_compared(desk: FlaskClient, time: Any) -> None:
    asked = ["单选题", "信访事项应当在多久以内办结呢？", "六个月", "两个月", "一年", "", "B", "", "", "", ""]
    other = [asked[0], "信访事项应该在多久以内办结呢？", "六个月", "两个月", "一年", "", "A", "", "", "", ""]
    desk.post(upload(desk, xlsx([asked])).location + "/import")
    where = upload(desk, xlsx([other])).location
    shown = desk.get(where).text
    for words in (
        "与题库里的一题近似",
        "答案不同",
        "题库里的题",
        "应<mark>当</mark>在多久",
        "应<mark>该</mark>在多久",
        "跳过这一行",
        "都保留",
    ):
        assert words in shown
    desk.post(where + "/near", data={"sheet": "题目", "row": "2", "choice": "replace"})
    desk.post(where + "/import")
    assert db.session.query(Question).filter_by(state="approved").one().stem == other[1]


def test_equal_rows_are_offered_all_three_ways_and_counted_before_and_after(
    desk: FlaskClient, time: Any
) -> None:
    bare = ["单选题", "几日内书面告知？", "七日", "十日", "十五日", "", "C", "", "", "", ""]
    told = [*bare[:8], "《信访工作条例》第二十三条", "", ""]
    desk.post(upload(desk, xlsx([bare])).location + "/import")
    where = upload(desk, xlsx([told])).location
    shown = desk.get(where).text
    for words in (
        "题库里已有完全相同的题",
        "全部替换",
        "全部都保留",
        "<td>依据</td>",
        "第二十三条",
        "没有新的题可以入库",
    ):
        assert words in shown
    desk.post(where + "/near", data={"choice": "replace", "equal": "yes"})
    assert "（替换 1）" in desk.get(where).text
    desk.post(where + "/import")
    assert "入库 <b>1</b> 题（替换 1）" in desk.get(where).text
    [row] = db.session.query(Question)
    assert row.basis == "《信访工作条例》第二十三条"
    page = desk.get(f"/admin/questions/{row.id}").text
    assert "导入替换" in page
    assert "工作表“题目”第 2 行" in page


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/row/fix", {**ROW, "fix": "key-true"}, 409),
        ("/row/fix", {**ROW, "row": "999", "fix": "to-multiple"}, 409),
        ("/row/fix", {"fix": "to-multiple"}, 404),
        ("/row", {**ROW, "kind": "essay"}, 400),
        ("/row", {**ROW, "kind": "single", "difficulty": "9"}, 400),
        ("/row", {**ROW, "kind": "single", "stem": "长" * 20_000}, 400),
        ("/row/leave", {**ROW, "row": "x"}, 404),
        ("/near", {"choice": "maybe"}, 409),
    ],
)
def test_forms_made_up_by_hand_are_refused(
    desk: FlaskClient, messy: str, path: str, data: dict[str, str], status: int
) -> None:
    assert desk.post(messy + path, data=data).status_code == status
    assert db.session.query(BankImport).one().fixes["rows"] == {}


BARE = "\n".join(
    f"关于信访事项办理的第 {n} 个说法正确的是,甲方案{n},乙方案{n},丙方案{n},{'ABC'[n % 3]}" for n in range(12)
).encode()


def test_a_file_without_headings_is_asked_about_once(desk: FlaskClient) -> None:
    where = upload(desk, BARE, name="题库.csv").location
    asked = desk.get(where, follow_redirects=True).text
    assert "每一列是什么" in asked
    assert "甲方案3" in asked
    assert "要先说明每一列是什么" in desk.get("/admin/questions/").text

    fields = ["stem", "option1", "option2", "option3", ""]
    refused = desk.post(where + "/columns", data={"field": ["", *fields[1:]], "first_row": "1"})
    assert (refused.status_code, "请指明哪一列是题干。" in refused.text) == (422, True)
    said = {"field": [*fields[:4], "answer"], "first_row": "1"}
    shown = desk.post(where + "/columns", data=said, follow_redirects=True).text
    assert "入库 12 题" in shown
    assert "已照说明的对应关系读入" in shown
    desk.post(where + "/import")
    assert desk.get(where + "/columns").status_code == 404

    other = BARE.replace("信访".encode(), "来访".encode())
    again = desk.get(upload(desk, other, name="另一份.csv", bank="另一个").location)
    assert "这样的表以前说明过" in again.text
    assert "入库 12 题" in again.text


@pytest.mark.parametrize("first_row", ["1", "2"])
def test_a_heading_nobody_knows_over_the_answers_is_asked_about(desk: FlaskClient, first_row: str) -> None:
    lines = [
        "题型,题干,选项A,选项B,结果",
        "单选题,第一条讲什么？,登记,受理,A",
        "单选题,第二条讲什么？,登记,受理,B",
    ]
    where = upload(desk, "\n".join(lines).encode(), name="题库.csv").location
    assert "每一列是什么" in desk.get(where, follow_redirects=True).text
    said = {"field": ["kind", "stem", "option1", "option2", "answer"], "first_row": first_row}
    assert "入库 2 题" in desk.post(where + "/columns", data=said, follow_redirects=True).text


def test_codes_of_kinds_are_asked_about_once(desk: FlaskClient) -> None:
    rows = [["7", "这是什么题型的题目呢？", "甲", "乙", "丙", "丁", "B", "", "", "", ""]]
    where = upload(desk, xlsx(rows)).location
    shown = desk.get(where).text
    assert "题型一列写的是代码 7" in shown
    assert "题型写 <b>7</b> 的是" in desk.get(where + "/columns").text
    assert desk.post(where + "/columns", data={"code-7": ""}).status_code == 422
    shown = desk.post(where + "/columns", data={"code-7": "single"}, follow_redirects=True).text
    assert "入库 1 题" in shown
    rows[0][1] = "又来一道这样的题目，题型还是代码"
    assert "入库 1 题" in desk.get(upload(desk, xlsx(rows)).location).text


def test_a_file_that_is_gone_is_said_to_be(desk: FlaskClient, app: Any) -> None:
    where = upload(desk, BARE, name="题库.csv").location
    for path in (Path(app.config["DATA"]) / "uploads" / "waiting").iterdir():
        path.unlink()
    refused = desk.post(where + "/columns", data={"field": ["stem", "option1"], "first_row": "1"})
    assert (refused.status_code, "请重新上传" in refused.text) == (422, True)
