import io
import zipfile
from pathlib import Path

import pytest

from question_bank.errors import CannotRead
from question_bank.question import Difficulty, Kind, Question
from question_bank.reading import read
from question_bank.report import Report

RIGHT = "<correctResponse><value>c1</value></correctResponse>"


def item(
    body: str, *, cardinality: str = "single", right: str = RIGHT, base: str = "identifier", more: str = ""
) -> str:
    return (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i" title="题名">'
        f'<responseDeclaration identifier="R" cardinality="{cardinality}" baseType="{base}">{right}'
        f"</responseDeclaration><itemBody>{body}</itemBody>{more}</assessmentItem>"
    )


def choices(*texts: str) -> str:
    inner = "".join(
        f'<simpleChoice identifier="c{n}">{text}</simpleChoice>' for n, text in enumerate(texts, start=1)
    )
    facts = 'responseIdentifier="R" maxChoices="1"'
    return f"<choiceInteraction {facts}><prompt>提示？</prompt>{inner}</choiceInteraction>"


def package(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def manifest(*hrefs: str, about: str = "") -> str:
    inner = "".join(
        f'<resource identifier="r{n}" type="imsqti_item_xmlv2p1" href="{href}">{about}</resource>'
        for n, href in enumerate(hrefs)
    )
    return (
        f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{inner}</resources></manifest>'
    )


def take(folder: Path, data: str | bytes) -> Report:
    path = folder / "题库.bin"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path)


def test_a_choice_item(tmp_path: Path) -> None:
    report = take(tmp_path, item(f"<p>先看\n   这里</p>{choices('甲 &lt;b&gt;', '<b>乙</b>', '丙')}"))
    assert report.problems == []
    assert report.questions[0].question == Question(
        Kind.SINGLE, "先看 这里\n提示？", ("甲 <b>", "乙", "丙"), ("A",)
    )


def test_several_right_answers(tmp_path: Path) -> None:
    right = "<correctResponse><value>c3</value><value>c1</value></correctResponse>"
    report = take(tmp_path, item(choices("甲", "乙", "丙"), cardinality="multiple", right=right))
    assert report.questions[0].question == Question(Kind.MULTIPLE, "提示？", ("甲", "乙", "丙"), ("A", "C"))


def test_text_entries_are_blanks(tmp_path: Path) -> None:
    entry = '<textEntryInteraction responseIdentifier="R"/>'
    right = (
        "<correctResponse><value>北京</value></correctResponse>"
        '<mapping><mapEntry mapKey="北京" mappedValue="1"/><mapEntry mapKey="京" mappedValue="1"/>'
        '<mapEntry mapKey="北平" mappedValue="0.5"/></mapping>'
    )
    report = take(tmp_path, item(f"<p>首都是{entry}。</p>", base="string", right=right))
    assert report.questions[0].question == Question(Kind.FILL, "首都是____。", (), ("北京|||京",))
    none = take(tmp_path, item(f"<p>首都是{entry}。</p>", base="string", right=""))
    assert [problem.code for problem in none.errors] == ["no-key"]


def test_extended_text_is_a_short_answer(tmp_path: Path) -> None:
    body = '<p>简述。</p><extendedTextInteraction responseIdentifier="R"/>'
    report = take(
        tmp_path, item(body, base="string", right="<correctResponse><value>要点</value></correctResponse>")
    )
    assert report.questions[0].question == Question(Kind.SHORT, "简述。", (), ("要点",))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<p>说明</p>", "description"),
        ('<matchInteraction responseIdentifier="R"/>', "matching"),
        ('<orderInteraction responseIdentifier="R"/>', "ordering"),
        ('<hotspotInteraction responseIdentifier="R"/>', "interactive"),
        (choices("甲", "乙") * 2, "mixed"),
    ],
)
def test_other_interactions_are_left_out_by_name(tmp_path: Path, body: str, reason: str) -> None:
    report = take(tmp_path, item(body))
    assert report.questions == []
    assert [left.reason for left in report.left_out] == [reason]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"right": ""}, "no-key"),
        ({"right": "<correctResponse><value>zz</value></correctResponse>"}, "unknown-key"),
        ({"cardinality": "ordered"}, "unknown-kind"),
    ],
)
def test_a_key_is_never_guessed(tmp_path: Path, facts: dict[str, str], code: str) -> None:
    report = take(tmp_path, item(choices("甲", "乙"), **facts))
    assert [problem.code for problem in report.errors] == [code]


def test_a_package_in_the_order_of_its_manifest(tmp_path: Path) -> None:
    about = (
        '<metadata xmlns:l="http://ltsc.ieee.org/xsd/LOM"><l:lom><l:educational><l:difficulty>'
        "<l:source>LOMv1.0</l:source><l:value>difficult</l:value></l:difficulty></l:educational></l:lom></metadata>"
    )
    parts = {
        "包/imsmanifest.xml": manifest("b%20b.xml", "a.xml", "没有.xml", "坏.xml", about=about),
        "包/a.xml": item(f"<p>甲</p>{choices('红', '绿')}"),
        "包/b b.xml": item(
            f"<p>乙</p>{choices('红', '绿')}", more="<modalFeedback><p>因为</p></modalFeedback>"
        ),
        "包/坏.xml": "<assessmentItem>",
        "包/unlisted.xml": item(choices("红", "绿")),
    }
    report = take(tmp_path, package(parts))
    assert [placed.question.stem for placed in report.questions] == ["乙\n提示？", "甲\n提示？"]
    assert report.questions[0].question.explanation == "因为"
    assert report.questions[0].question.difficulty is Difficulty.HARD
    assert [(problem.row, problem.code) for problem in report.errors] == [(3, "missing-part"), (4, "damaged")]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"imsmanifest.xml": manifest()}, "no-questions"),
        ({"imsmanifest.xml": "<manifest"}, "damaged"),
        ({"imsmanifest.xml": '<!DOCTYPE m [<!ENTITY a "b">]><m/>'}, "dtd"),
        ({"imsmanifest.xml": manifest(), "../out.xml": ""}, "odd-parts"),
    ],
)
def test_packages_that_are_refused(tmp_path: Path, parts: dict[str, str], code: str) -> None:
    with pytest.raises(CannotRead) as refusal:
        take(tmp_path, package(parts))
    assert refusal.value.code == code


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", manifest("a.xml"))
        archive.writestr("a.xml", b" " * (101 * 1024 * 1024))
    with pytest.raises(CannotRead) as refusal:
        take(tmp_path, out.getvalue())
    assert refusal.value.code == "unpacks-too-large"


def test_version_1_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=r"QTI 1\.2"):
        take(tmp_path, "<questestinterop/>")


def test_real_items(shared: Path) -> None:
    water = read(shared / "banks" / "1EdTech_qti-examples__QTI3multiplechoice2.xml").questions[0].question
    assert (water.kind, water.key, water.options[3]) == (Kind.MULTIPLE, ("A", "D"), "Oxygen")
    assert water.stem == "Which of the following elements are used to form water?"
    first = read(shared / "banks" / "1EdTech_qti-examples__firstexample.xml").questions[0].question
    assert (first.kind, first.key, len(first.options)) == (Kind.SINGLE, ("A",), 4)
