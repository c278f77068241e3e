"""The downloads: figures as on the screen, no formulas, a Chinese name, and a line in the ledger."""

import hashlib
import io
from urllib.parse import unquote

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.sittings import running
from quiz.standings import documents
from quiz.standings import queries as standings
from quiz.standings.tables import Board, Table

ODD = '=HYPERLINK("http://x","欧阳")'


@pytest.fixture
def exam(app: Flask, time) -> Exam:
    exam = make_exam(make_bank(at=time.at), at=time.at)
    qing, wang = make_unit("青石镇"), make_unit("+望河镇\x0b")
    make_result(exam, make_person(ODD, unit=qing, phone="13812345678", number="0012"), "92.25", at=time.at)
    make_result(exam, make_person("王一", unit=wang, phone="13812345679"), "60", at=time.at, minutes=32.1)
    make_person("＠李二", unit=qing, phone="13812345670")
    return exam


@pytest.fixture
def desk(app: Flask, client: FlaskClient, time) -> FlaskClient:
    make_account(at=time.at)
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def book(desk: FlaskClient, exam: Exam, name: str) -> Workbook:
    # Hours may have passed: whoever was away for long signs in anew.
    desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return load_workbook(io.BytesIO(desk.get(f"/admin/exams/{exam.code}/{name}.xlsx").data))


def rows(workbook: Workbook, sheet: str) -> list[tuple[object, ...]]:
    return list(workbook[sheet].iter_rows(min_row=4, values_only=True))


def test_scores_hold_everybody_expected_once(desk: FlaskClient, exam: Exam, time) -> None:
    time.move(hours=3)
    made = book(desk, exam, "scores")
    assert made.sheetnames == ["单位排名", "成绩", "缺考"]
    sat, absent = rows(made, "成绩"), rows(made, "缺考")
    assert sat[0] == (
        "青石镇",
        ODD,
        "0012",
        "138****5678",
        92.25,
        "30 分 00 秒",
        "合格",
        1,
        "2026-11-24 12:00:00",
        "实考",
    )
    assert sat[1][:7] == ("+望河镇", "王一", None, "138****5679", 60, "32 分 06 秒", "不合格")
    assert absent == [("青石镇", "＠李二", None, "138****5670", "缺考")]
    total = rows(made, "单位排名")[-1]
    assert total[1:6] == ("合计", 3, 2, 1, "2/3")
    assert len(sat) + len(absent) == total[2] == standings.summed(standings.unit_rows(exam)).expected


def test_who_is_still_answering_is_not_absent(desk: FlaskClient, exam: Exam, time) -> None:
    late = make_person("方才", unit=make_unit("甲乡"), phone="13812345600")
    Phone(desk.application.test_client(), exam, late).start()
    made = book(desk, exam, "scores")
    assert [(row[1], row[4]) for row in rows(made, "未交卷")] == [("方才", "答题中"), ("＠李二", "未参加")]
    assert made["未交卷"]["A2"].value.endswith("答题中 1 人，未参加 1 人。")
    heads = [cell.value for cell in made["单位排名"][3]]
    assert heads[2:6] == ["应考", "实考", "答题中", "未参加"]
    assert rows(made, "单位排名")[-1][2:6] == (4, 2, 1, 1)


def test_a_voided_person_is_neither_ranked_nor_absent(desk: FlaskClient, exam: Exam, time) -> None:
    person = make_person("涂改", unit=make_unit("甲乡"), phone="13812345600")
    sitting = make_result(exam, person, "100", at=time.at)
    with transaction():
        running.void(sitting, reason="带资料进考场", at=time.at, who="何静安")
    time.move(hours=3)
    made = book(desk, exam, "scores")
    assert [row[1] for row in rows(made, "缺考")] == ["＠李二"]
    last = rows(made, "成绩")[-1]
    assert last[:2] + last[4:8] == ("甲乡", "涂改", "—", "—", "—", 1)
    assert last[9] == "违纪，成绩无效：带资料进考场（何静安，2026-11-24 12:00）"
    assert "另有违纪 1 人，成绩无效，不排名" in made["成绩"]["A2"].value
    assert [cell.value for cell in made["单位排名"][3]][2:6] == ["应考", "实考", "违纪", "缺考"]
    assert rows(made, "单位排名")[-1][2:6] == (4, 2, 1, 1)
    assert "100" not in str(rows(made, "成绩")), "the score counts for nothing and is not shown"
    lists = book(desk, exam, "make-up")
    assert "违纪 1 人不安排补考，不在内。" in lists["补考名单"]["A2"].value
    assert "涂改" not in str([rows(lists, name) for name in lists.sheetnames])


def test_the_sheet_says_what_the_screen_says(desk: FlaskClient, exam: Exam, time) -> None:
    for name in ("scores", "standings"):
        sheet = rows(book(desk, exam, name), "单位排名")
        document = documents.units_document(Board(exam, table=Table.JURY, at=time.at))
        assert [(row[0], row[9]) for row in sheet[:-1]] == [
            (row["rank"], row["score"]) for row in document["rows"]
        ]
        assert sheet[0][1:9] == ("+望河镇", 1, 1, 0, "1/1", 60, "0/1", "0/1")
        assert sheet[1][1:9] == ("青石镇", 2, 1, 1, "1/2", 92.25, "1/1", "1/1")


def test_no_cell_is_a_formula_or_a_link(desk: FlaskClient, exam: Exam) -> None:
    made = book(desk, exam, "scores")
    for sheet in made:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    odd = made["成绩"]["B4"]
    assert (odd.value, odd.data_type, odd.quotePrefix) == (ODD, "s", True)
    assert made["未交卷"]["B4"].quotePrefix is True
    assert made["单位排名"]["B5"].quotePrefix is False


def test_the_sheets_are_set_for_reading_and_print(desk: FlaskClient, exam: Exam) -> None:
    sheet = book(desk, exam, "standings")["单位排名"]
    assert sheet.freeze_panes == "A4"
    assert sheet["A1"].value == f"{exam.title}单位排名"
    assert "综合分：参与率和平均分各占 50 分。" in sheet["A2"].value
    assert "考试还没有结束" in sheet["A2"].value
    assert sheet.column_dimensions["B"].width > 25
    assert sheet.page_setup.orientation == "landscape"


def test_the_file_has_a_chinese_name_and_is_not_kept(desk: FlaskClient, exam: Exam) -> None:
    response = desk.get(f"/admin/exams/{exam.code}/scores.xlsx")
    disposition = response.headers["Content-Disposition"]
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == f"{exam.title}成绩_202611241200.xlsx"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.mimetype.endswith("spreadsheetml.sheet")


def test_each_export_is_in_the_ledger_without_names(desk: FlaskClient, exam: Exam, time) -> None:
    content = desk.get(f"/admin/exams/{exam.code}/scores.xlsx").data
    desk.get(f"/admin/exams/{exam.code}/standings.xlsx")
    deeds = db.session.scalars(select(Deed).where(Deed.what.like("export.%")).order_by(Deed.id)).all()
    assert [(deed.who, deed.what, deed.subject, deed.at) for deed in deeds] == [
        ("olga", "export.scores", f"exam:{exam.code}", time.at),
        ("olga", "export.standings", f"exam:{exam.code}", time.at),
    ]
    assert deeds[0].detail == {"rows": 6, "sha256": hashlib.sha256(content).hexdigest()}


def test_an_exam_nobody_sat_and_a_practice_can_be_exported(desk: FlaskClient, app: Flask, time) -> None:
    bank = make_bank(at=time.at)
    empty = make_exam(bank, at=time.at)
    assert rows(book(desk, empty, "scores"), "单位排名")[-1] == (
        None,
        "合计",
        0,
        0,
        0,
        "—",
        "—",
        "—",
        "—",
        None,
    )
    practice = make_exam(bank, at=time.at, mode=Mode.PRACTICE)
    assert book(desk, practice, "scores").sheetnames == ["成绩", "未交卷"]
    assert desk.get(f"/admin/exams/{practice.code}/standings.xlsx").status_code == 404
