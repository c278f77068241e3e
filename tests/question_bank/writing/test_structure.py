"""Moodle XML and QTI 3 are built as their specifications say, so far as can be told without their schemas."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from question_bank.question import LABELS, Kind, Question
from question_bank.writing import moodle, qti

QTI = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
PACKAGE = "{http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1}"
#: What an item may hold, in this order.
ORDER = [
    "qti-response-declaration",
    "qti-outcome-declaration",
    "qti-item-body",
    "qti-response-processing",
    "qti-modal-feedback",
]
#: question/engine/bank.php: the grades Moodle takes, but for 0.
GRADES = {
    "100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20",
    "16.66667", "14.28571", "12.5", "11.11111", "10", "5",
}  # fmt: skip


def more(bank: list[Question]) -> list[Question]:
    """The bank, and what strains a format: one blank, blanks below the stem, ten right options."""
    ten = tuple(f"选项{label}" for label in LABELS[:10])
    return [
        *bank,
        Question(Kind.FILL, "一个空 ____。", (), ("甲",)),
        Question(Kind.FILL, "一个空 ____，两种写法。", (), ("甲|||乙",)),
        *(Question(Kind.MULTIPLE, f"{n} 个对的", ten, tuple(LABELS[:n])) for n in range(2, 11)),
        replace(bank[0], stem="  行首\t有\n空白", options=("a  b", "c")),
    ]


def items(questions: list[Question]) -> Iterator[tuple[Question, Element]]:
    with zipfile.ZipFile(io.BytesIO(qti.document(questions))) as package:
        manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
        listed = [file.get("href") for file in manifest.iter(f"{PACKAGE}file")]
        assert sorted([*listed, "imsmanifest.xml"]) == sorted(package.namelist())
        assert [part.tag.removeprefix(PACKAGE) for part in manifest] == [
            "metadata",
            "organizations",
            "resources",
        ]
        names = [resource.get("identifier") for resource in manifest.iter(f"{PACKAGE}resource")]
        assert len(set(names)) == len(questions)
        for question, name in zip(questions, listed, strict=True):
            yield question, ElementTree.fromstring(package.read(name))


def test_items_of_qti_have_their_parts_in_order_and_every_name_is_declared(bank: list[Question]) -> None:
    for question, item in items(more(bank)):
        assert item.tag == f"{QTI}qti-assessment-item"
        assert re.fullmatch(r"[A-Za-z_][\w.-]*", item.get("identifier"))
        assert item.get("title")
        assert item.get("time-dependent") == "false"
        parts = [part.tag.removeprefix(QTI) for part in item]
        assert parts == sorted(parts, key=ORDER.index)
        declared = {one.get("identifier") for one in item.iter(f"{QTI}qti-response-declaration")}
        used = [one.get("response-identifier") for one in item.iter() if one.get("response-identifier")]
        assert sorted(used) == sorted(declared)
        outcomes = {one.get("identifier") for one in item.iter(f"{QTI}qti-outcome-declaration")}
        assert "SCORE" in outcomes
        assert {one.get("outcome-identifier") for one in item.iter(f"{QTI}qti-modal-feedback")} <= outcomes
        assert question.kind is Kind.SHORT or len(item.findall(f"{QTI}qti-response-processing")) == 1


def test_items_of_qti_can_be_scored_by_any_program(bank: list[Question]) -> None:
    """The standard's templates know one answer, called RESPONSE; several blanks are reckoned in the item."""
    for _, item in items(more(bank)):
        rules = item.find(f"{QTI}qti-response-processing")
        if rules is None:
            continue
        declared = [one.get("identifier") for one in item.iter(f"{QTI}qti-response-declaration")]
        if rules.get("template"):
            assert declared == ["RESPONSE"]
            mapped = item.find(f".//{QTI}qti-mapping") is not None
            assert rules.get("template").endswith("map_response.xml" if mapped else "match_correct.xml")
        else:
            assert [one.get("identifier") for one in rules.iter(f"{QTI}qti-map-response")] == declared
            assert len(item.findall(f".//{QTI}qti-mapping")) == len(declared)
        for one in item.iter(f"{QTI}qti-response-declaration"):
            right = [value.text for value in one.iter(f"{QTI}qti-value")]
            assert right
            if one.get("base-type") == "identifier":
                choices = [choice.get("identifier") for choice in item.iter(f"{QTI}qti-simple-choice")]
                assert set(right) <= set(choices)
                assert len(right) == 1 or one.get("cardinality") == "multiple"


@pytest.fixture
def quiz(bank: list[Question]) -> Element:
    return ElementTree.fromstring(moodle.document(more(bank)))


def test_questions_of_moodle_have_what_an_import_asks_for(quiz: Element) -> None:
    assert quiz.tag == "quiz"
    for question in quiz:
        kind = question.get("type")
        if kind == "category":
            assert question.findtext("category/text").startswith("$course$/top")
            continue
        assert kind in ("multichoice", "truefalse", "shortanswer", "essay", "cloze")
        assert question.findtext("name/text")
        assert question.findtext("questiontext/text")
        assert question.find("questiontext").get("format") in ("plain_text", "html")
        if kind in ("truefalse", "shortanswer", "multichoice"):
            assert question.findall("answer")


def test_grades_of_moodle_are_among_those_it_takes_and_add_up(quiz: Element) -> None:
    for question in quiz.iterfind("question[@type='multichoice']"):
        grades = [answer.get("fraction") for answer in question.iterfind("answer")]
        right = [grade for grade in grades if not grade.startswith("-") and grade != "0"]
        assert set(right) <= GRADES
        assert round(sum(map(float, right)), 2) == pytest.approx(100, abs=0.01)
        assert set(grades) - set(right) <= {"0", "-100"}
    for question in quiz.iterfind("question[@type='truefalse']"):
        found = {answer.findtext("text"): answer.get("fraction") for answer in question.iterfind("answer")}
        assert sorted(found) == ["false", "true"]
        assert sorted(found.values()) == ["0", "100"]
