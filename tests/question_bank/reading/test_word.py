"""Word documents, built here from the least markup that Word itself would accept."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.conversion import convert
from question_bank.errors import CannotRead
from question_bank.reading import read
from question_bank.report import Report

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
NAMES = f'xmlns:w="{W}" xmlns:m="{M}" xmlns:r="{R}" xmlns:mc="{MC}"'

Write = Callable[..., Report]


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(text: str = "", *, inside: str = "", number: tuple[int, int] | None = None, style: str = "") -> str:
    """A paragraph; ``number`` is its list and level, ``inside`` stands after the text."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number:
        properties += f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text) if text else ''}{inside}</w:p>"


def table(*rows: list[str]) -> str:
    cells = [
        "<w:tr>"
        + "".join(f"<w:tc>{cell if cell.startswith('<') else p(cell)}</w:tc>" for cell in row)
        + "</w:tr>"
        for row in rows
    ]
    return f"<w:tbl>{''.join(cells)}</w:tbl>"


def level(depth: int, shape: str, text: str) -> str:
    inside = f'<w:start w:val="1"/><w:numFmt w:val="{shape}"/><w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{depth}">{inside}</w:lvl>'


def lists(abstract: dict[int, str], nums: dict[int, tuple[int, str]]) -> str:
    shared = "".join(
        f'<w:abstractNum w:abstractNumId="{n}">{body}</w:abstractNum>' for n, body in abstract.items()
    )
    used = "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{to}"/>{body}</w:num>'
        for n, (to, body) in nums.items()
    )
    return f"<w:numbering {NAMES}>{shared}{used}</w:numbering>"


def packed(body: str, *, numbering: str = "", styles: str = "", **parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        if numbering:
            archive.writestr("word/numbering.xml", numbering)
        if styles:
            archive.writestr("word/styles.xml", f"<w:styles {NAMES}>{styles}</w:styles>")
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def document(tmp_path: Path) -> Write:
    def made(body: str, *, numbering: str = "", styles: str = "") -> Report:
        path = tmp_path / "题库.docx"
        path.write_bytes(packed(body, numbering=numbering, styles=styles))
        return read(path)

    return made


def codes(report: Report) -> list[tuple[int, str]]:
    return [(problem.row, problem.code) for problem in report.problems]


QUESTION = p("1.封皮是？") + p("A.红") + p("B.绿")


def test_paragraphs(document: Write) -> None:
    report = document(
        p("信访知识题库")
        + p()
        + p("一、单选题（每题2分）")
        + QUESTION
        + p("参考答案：B")
        + p("解析：见第二条。")
    )
    (placed,) = report.questions
    assert (placed.sheet, placed.row) == ("正文", 4)
    assert placed.question.options == ("红", "绿")
    assert (placed.question.key, placed.question.points, placed.question.explanation) == (
        ("B",),
        2,
        "见第二条。",
    )
    assert report.problems == []


def test_breaks_and_tabs_inside_a_paragraph(document: Write) -> None:
    body = (
        f"<w:p>{run('1.封皮是？')}<w:r><w:br/></w:r>{run('A.红')}<w:r><w:tab/></w:r>{run('B.绿')}</w:p>"
        + p("答案：A")
    )
    assert document(body).questions[0].question.options == ("红", "绿")


LISTS = lists(
    {1: level(0, "decimal", "%1.") + level(1, "upperLetter", "%2."), 2: level(0, "chineseCounting", "%1、")},
    {
        1: (1, ""),
        2: (1, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'),
        3: (2, ""),
    },
)


def test_numbers_and_letters_that_word_adds(document: Write) -> None:
    def asked(number: int, stem: str, answer: str) -> str:
        options = "".join(p(text, number=(number, 1)) for text in ("红", "绿", "蓝"))
        return p(stem, number=(number, 0)) + options + p(f"答案：{answer}")

    body = p("单选题", number=(3, 0)) + asked(1, "封皮是？", "A") + asked(1, "封底是？", "C")
    body += p("多选题", number=(3, 0)) + asked(2, "首页有？", "AB") + asked(2, "末页有？", "BC")
    report = document(body, numbering=LISTS)
    assert report.problems == []
    assert [(placed.question.kind.value, placed.question.key) for placed in report.questions] == [
        ("single", ("A",)),
        ("single", ("C",)),
        ("multiple", ("A", "B")),
        ("multiple", ("B", "C")),
    ]
    assert [placed.question.stem for placed in report.questions] == [
        "封皮是？",
        "封底是？",
        "首页有？",
        "末页有？",
    ]


def test_numbers_of_word_meet_a_key_at_the_end(document: Write) -> None:
    def asked(number: int, stem: str) -> str:
        return p(stem, number=(number, 0)) + p("红", number=(number, 1)) + p("绿", number=(number, 1))

    body = p("单选题", number=(3, 0)) + asked(1, "封皮是？") + asked(1, "封底是？")
    body += p("多选题", number=(3, 0)) + asked(2, "首页有？") + asked(2, "末页有？")
    body += p("参考答案") + p("一、单选题") + p("1-2 BA") + p("二、多选题") + p("1-2 AB A")
    report = document(body, numbering=LISTS)
    assert [placed.question.key for placed in report.questions] == [("B",), ("A",), ("A", "B"), ("A",)]
    assert codes(report) == [(12, "one-key-for-multiple")]


def test_numbers_through_a_style(document: Write) -> None:
    styles = (
        '<w:style w:styleId="Base"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="Asked"><w:basedOn w:val="Base"/></w:style>'
    )
    body = "".join(
        p(f"第{n}件事？", style="Asked") + p("红", number=(1, 1)) + p("绿", number=(1, 1))
        for n in range(1, 4)
    )
    report = document(body + p("答案") + p("1-3 ABA"), numbering=LISTS, styles=styles)
    assert [placed.question.key[0] for placed in report.questions] == ["A", "B", "A"]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("decimal", "%1"),
        ("decimal", "第%1题"),
        ("decimal", "（%1）"),
        ("chineseCountingThousand", "%1、"),
        ("decimal", "%1)"),
    ],
)
def test_shapes_of_numbers(document: Write, shape: str, text: str) -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbering = lists(
        {1: level(0, shape, text), 2: level(0, "upperLetter", "%1")},
        {1: (1, "")} | {10 + n: (2, restart) for n in range(13)},
    )
    body = "".join(
        p(f"第几件事{n}？", number=(1, 0)) + p("红", number=(10 + n, 0)) + p("绿", number=(10 + n, 0))
        for n in range(13)
    )
    report = document(body + p("答案") + p("1-13 ABABA BABAB ABA"), numbering=numbering)
    assert "".join(placed.question.key[0] for placed in report.questions) == "ABABABABABABA"
    assert report.problems == []


def test_tracked_changes_are_accepted(document: Write) -> None:
    changed = "<w:del><w:r><w:delText>红</w:delText></w:r></w:del>" + f"<w:ins>{run('哪种颜色？')}</w:ins>"
    changed = f"<w:p>{run('1.封皮是')}{changed}</w:p>"
    deleted = "<w:del><w:r><w:delText>C.蓝</w:delText></w:r></w:del>"
    deleted = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{deleted}</w:p>"
    report = document(changed + p("A.红") + p("B.绿") + deleted + p("答案：A"))
    (placed,) = report.questions
    assert (placed.question.stem, placed.question.options) == ("封皮是哪种颜色？", ("红", "绿"))


def test_a_deleted_paragraph_mark_joins_two(document: Write) -> None:
    first = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('1.封皮是')}</w:p>"
    report = document(first + p("哪种颜色？") + p("A.红") + p("B.绿") + p("答案：A"))
    assert report.questions[0].question.stem == "封皮是哪种颜色？"


def test_tables_with_headings_are_tables(document: Write) -> None:
    body = p("题库") + table(
        ["题干", "选项A", "选项B", "答案"], ["封皮是？", "红", "绿", "B"], ["封底是？", "红", "绿", "C"]
    )
    report = document(body)
    (placed,) = report.questions
    assert (placed.sheet, placed.row, placed.question.key) == ("表格 1", 2, ("B",))
    assert codes(report) == [(3, "key-beyond-options")]


def test_tables_for_layout_are_read_through(document: Write) -> None:
    body = (
        p("1.封皮是？")
        + table(["A.红", "B.绿"], ["C.蓝", "D.黄"])
        + p("2.封底是？")
        + table(["A.红", "B.绿"])
    )
    body += table(["题号", "1", "2"], ["答案", "C", "B"])
    report = document(body)
    assert [placed.question.key for placed in report.questions] == [("C",), ("B",)]
    assert report.questions[0].question.options == ("红", "绿", "蓝", "黄")
    whole = table([QUESTION + p("答案：A") + p("2.封底是？") + p("A.红") + p("B.绿") + p("答案：B")])
    assert [placed.question.key for placed in document(whole).questions] == [("A",), ("B",)]


def test_content_controls_and_text_boxes(document: Write) -> None:
    wrapped = f"<w:sdt><w:sdtPr/><w:sdtContent>{QUESTION}</w:sdtContent></w:sdt>"
    box = f"<w:r><w:pict><w:txbxContent>{p('答案：B')}</w:txbxContent></w:pict></w:r>"
    both = f"<mc:AlternateContent><mc:Choice/><mc:Fallback>{run('旧')}</mc:Fallback></mc:AlternateContent>"
    report = document(wrapped + p(inside=box + both))
    assert report.questions[0].question.key == ("B",)


def test_symbols_that_mean_right_or_wrong(document: Write) -> None:
    right = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    wrong = '<w:r><w:sym w:font="Wingdings 2" w:char="F04F"/></w:r>'
    odd = '<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>'
    body = (
        p("判断题")
        + p("1.来信要登记。（", inside=right + run("）"))
        + p("2.来访不登记。（", inside=wrong + run("）"))
    )
    report = document(body + p("3.角", inside=odd + run("是直角。（√）")))
    assert [placed.question.key for placed in report.questions] == [("T",), ("F",)]
    assert codes(report) == [(4, "symbol-left-out")]


def test_formulas_and_pictures_are_said(document: Write) -> None:
    formula = "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"
    body = p("1.面积是", inside=formula + run("吗？")) + p("A.是") + p("B.否") + p("答案：A")
    body += p("2.图中是？", inside="<w:r><w:drawing/></w:r>") + p("A.红") + p("B.绿") + p("答案：A")
    report = document(body)
    assert [placed.row for placed in report.questions] == [5]
    assert codes(report) == [(1, "formula-left-out"), (5, "picture-left-out")]
    assert {left.reason for left in report.left_out} == {"formulas", "pictures"}


def test_embedded_content_is_said(document: Write) -> None:
    report = document(QUESTION + p("答案：A") + '<w:altChunk r:id="x"/>')
    assert [left.reason for left in report.left_out] == ["embedded"]
    with pytest.raises(CannotRead) as refused:
        document('<w:altChunk r:id="x"/>')
    assert refused.value.code == "embedded-content"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le")
DEEP = "<w:sdt><w:sdtContent>" * 300 + p("1.甲") + "</w:sdtContent></w:sdt>" * 300


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (OLE, "old-word"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument>', "old-word"),
        (b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">', "old-word"),
        (packed(""), "empty-file"),
        (packed("<w:p>")[:-30], "damaged"),
        (packed("<w:p>"), "damaged"),
        (packed(DEEP), "odd-parts"),
        (packed(p("x"), **{"word/../../x": ""}), "odd-parts"),
        (packed("").replace(b"word/document.xml", b"word/documenx.xml"), "damaged"),
        (packed(p("关于报送材料的通知")), "plain-text"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "题库.docx"
    path.write_bytes(data)
    with pytest.raises(CannotRead) as refused:
        read(path)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("word/styles.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "dtd"),
        ("word/media/image1.bmp", "0" * 101 * 1024 * 1024, "unpacks-too-large"),
        ("word/numbering.xml", " " * 65 * 1024 * 1024, "unpacks-too-large"),
    ],
)
def test_bombs_are_refused(tmp_path: Path, name: str, content: str, code: str) -> None:
    path = tmp_path / "题库.docx"
    path.write_bytes(packed(QUESTION, **{name: content}))
    with pytest.raises(CannotRead) as refused:
        read(path)
    assert refused.value.code == code
    assert "工作簿" not in refused.value.message


BOOK = """
一、单选题
1.封皮是？
A.红
B.绿
C.蓝
答案：B
2.封底是？
A.A类纸
B.B类纸
答案：A
解析：见第二条。
二、多选题
1.首页有？
A.红
B.绿
C.蓝
答案：AC
三、判断题
1.来信要登记。（√）
2.来访不登记。（×）
四、填空题
1.信访的形式有____和____。
答案：书信、走访
五、简答题
1.什么是初信？
答案：第一次来信。
要点：没有来过。
"""


def test_an_exercise_book_is_read_back(tmp_path: Path) -> None:
    source, target = tmp_path / "题库.txt", tmp_path / "练习册.docx"
    source.write_text(BOOK.strip(), encoding="utf-8")
    convert(source, target, reader=read)
    first, again = read(source), read(target)
    assert again.problems == []
    assert len(again.questions) == 7
    assert sorted(placed.question.fingerprint for placed in first.questions) == sorted(
        placed.question.fingerprint for placed in again.questions
    )
