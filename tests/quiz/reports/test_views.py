"""The downloads: figures as on the screen, no formulas, a Chinese name, and a line in the ledger."""

import hashlib
import io
from urllib.parse import unquote

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.standings import queries as standings

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
    return load_workbook(io.BytesIO(desk.get(f"/admin/exams/{exam.code}/{name}.xlsx").data))


def rows(workbook: Workbook, sheet: str) -> list[tuple[object, ...]]:
    return list(workbook[sheet].iter_rows(min_row=4, values_only=True))


def test_scores_hold_everybody_expected_once(desk: FlaskClient, exam: Exam) -> None:
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


def test_the_sheet_says_what_the_screen_says(desk: FlaskClient, exam: Exam, time) -> None:
    for name in ("scores", "standings"):
        sheet = rows(book(desk, exam, name), "单位排名")
        document = standings.units_document(exam, at=time.at)
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
    assert made["缺考"]["B4"].quotePrefix is True
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
    assert book(desk, practice, "scores").sheetnames == ["成绩", "缺考"]
    assert desk.get(f"/admin/exams/{practice.code}/standings.xlsx").status_code == 404
