"""The workbooks an organiser can download: the template, a bank, the rows that need a hand.

Every cell is written as text or number by its own type, never as what it looks like: a stem that begins
with = stays a stem (promises F1).
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from question_bank import Difficulty, Kind, Question, blanks
from question_bank.question import LABELS, TRUE
from question_bank.report import Original
from quiz.questions.outcome import Line, Place

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = 8
#: Rows of the template that offer the drop-downs.
_ROWS = 2000
_WIDTHS = {"题型": 9, "题干": 56, "答案": 14, "解析": 40, "依据": 24, "章节": 18, "难度": 7, "分值": 7}
#: Between the texts of several blanks: the first that the reader takes apart again as it was.
_BETWEEN = ("；", "\n", "\\", "|", "#", "&&")

_GUIDE = (
    ("题型", "单选题、多选题、判断题、填空题、简答题。点单元格右边的箭头选。"),
    ("题干", "必填。填空题用四个下划线 ____ 表示一个空。"),
    ("选项", "单选题、多选题至少填两个，从选项A起不要跳格。判断题不填。"),
    ("答案", "单选题写一个字母，多选题写几个字母，如 ACD。判断题写“正确”或“错误”。"),
    (
        "填空题答案",
        "几个空就写几段，用中文分号“；”隔开。一个空有几种写法时用 ||| 隔开，如 9 时|||九时。",
    ),
    ("简答题答案", "写参考答案，评卷时对照用。"),
    ("解析、依据、章节", "可以不填。依据写到条，如《信访工作条例》第一条。"),
    ("难度", "易、中、难。不填按“中”。"),
    ("分值", "可以不填。组卷时以抽题规则为准。"),
    ("不要做的", "不要合并单元格，不要改表头，不要设打开密码。“示例”表不会入库。"),
)


def _example(kind: Kind, stem: str, options: str, key: str, explanation: str, hard: int = 1) -> Question:
    texts = tuple(options.split("，")) if options else ()
    keys = tuple(key) if kind.has_options else tuple(key.split("；"))
    basis, chapter = "《云上镇图书馆借阅规则》（示例）", "示例"
    return Question(kind, stem, texts, keys, explanation, basis, chapter, Difficulty(hard), 2.0)


_S, _M, _T, _F, _Q = Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE, Kind.FILL, Kind.SHORT
EXAMPLES: tuple[Question, ...] = (
    _example(_S, "云上镇图书馆星期几闭馆？", "星期一，星期三，星期五，星期日", "A", "规则写明星期一闭馆。"),
    _example(_S, "一张借书证最多借几本书？", "2 本，5 本，8 本，10 本", "B", "每证限借 5 本。", 2),
    _example(_S, "图书逾期不还，每天收多少钱？", "不收费，1 角，5 角，1 元", "A", "云上镇不收逾期费。", 3),
    _example(_M, "办借书证要带什么？", "身份证，一寸照片，户口簿，押金", "AB", "不收押金。"),
    _example(_M, "阅览室里可以做什么？", "看书，抄写，吃饭，打电话，查资料", "ABE", "保持安静和清洁。", 2),
    _example(_M, "哪些图书不外借？", "工具书，小说，地方志，当天的报纸", "ACD", "这三类只在馆内看。", 3),
    _example(_T, "云上镇图书馆对外地读者开放。", "", "T", "不分本地外地。"),
    _example(_T, "借书证可以转借给别人用。", "", "F", "借书证只供本人使用。", 2),
    _example(_T, "续借可以打电话办理。", "", "T", "可以打电话续借一次。", 3),
    _example(_F, "图书借期是 ____ 天。", "", "30|||三十", "借期三十天。"),
    _example(_F, "图书馆上午 ____ 时开门，下午 ____ 时关门。", "", "9；6", "上午 9 时到下午 6 时。", 2),
    _example(_F, "遗失图书，按原价的 ____ 倍赔偿。", "", "1|||一", "照原价赔偿。", 3),
    _example(_Q, "简述办理借书证的步骤。", "", "填表，交照片，核对身份，领证。", "四步写全即可。"),
    _example(_Q, "读者发现图书缺页怎么办？", "", "告诉值班员，登记，换一本。", "三点各占三分之一。", 2),
    _example(_Q, "说说为什么要保持阅览室安静。", "", "方便大家看书。", "言之成理即可。", 3),
)


def template() -> bytes:
    """The workbook to fill in: 题目 with drop-downs, 示例 and 填写说明, which the reader leaves out."""
    file, book = _new()
    sheet = _question_sheet(book, "题目", [])
    lists = {
        0: [kind.chinese for kind in Kind],
        len(_headings(_OPTIONS)) - 2: [d.chinese for d in Difficulty],
    }
    for column, words in lists.items():
        sheet.data_validation(1, column, _ROWS, column, {"validate": "list", "source": words})
    _question_sheet(book, "示例", EXAMPLES)
    rows = [list(row) for row in _GUIDE]
    _plain_sheet(book, "填写说明", [("栏目", 20), ("怎么填", 90)], rows)
    return _closed(file, book)


def bank(questions: Sequence[Question]) -> bytes:
    """The questions in the columns of the template; read again they are the same questions."""
    file, book = _new()
    _question_sheet(book, "题目", questions)
    return _closed(file, book)


#: What a sheet of a workbook may not be called, and how long its name may be.
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\")
_LONGEST_NAME, _LONGEST_CELL = 31, 32_767
REASON = "原因"


def problem_rows(lines: Sequence[Line], originals: Mapping[Place, Original]) -> bytes:
    """The rows as the file has them, sheet by sheet under their own headings, with 原因 as the last column.

    A row whose cells were not kept is written in the columns of the template.
    """
    file, book = _new()
    sheets: dict[tuple[str, tuple[str, ...]], list[list[Any]]] = {}
    for line in lines:
        headings, cells = _original(line, originals.get(line.place))
        why = "；".join(finding.message for finding in line.findings)
        rows = sheets.setdefault((line.sheet, headings), [])
        # Only the first line of a question says why: the others are its options.
        rows += [[*texts, "" if number else why] for number, texts in enumerate(cells)]
    taken: set[str] = set()
    for (name, headings), rows in sheets.items():
        widths = [_WIDTHS.get(heading, 20) for heading in headings]
        _plain_sheet(
            book, _sheet_name(name, taken), [*zip(headings, widths, strict=True), (REASON, 50)], rows
        )
    if not sheets:
        _plain_sheet(book, "问题行", [(REASON, 50)], [])
    return _closed(file, book)


def _original(line: Line, kept: Original | None) -> tuple[tuple[str, ...], Sequence[Sequence[Any]]]:
    if kept is not None:
        width = len(kept.headings)
        return kept.headings, [[*cells[:width], *[""] * (width - len(cells))] for cells in kept.lines]
    headings = tuple(_headings(_OPTIONS))
    if line.question is None:
        return headings, [[""] * len(headings)]
    question = replace(line.question, options=line.question.options[:_OPTIONS])
    return headings, [_cells(question, _OPTIONS)]


def _sheet_name(name: str, taken: set[str]) -> str:
    """The name as far as a workbook allows it, and not twice: case does not tell names apart."""
    plain = name.translate(_FORBIDDEN).strip("' ")[:_LONGEST_NAME] or "问题行"
    found, number = plain, 1
    while found.casefold() in taken or found.casefold() == "history":
        number += 1
        found = f"{plain[: _LONGEST_NAME - 5]} ({number})"
    taken.add(found.casefold())
    return found


def _new() -> tuple[io.BytesIO, Workbook]:
    file = io.BytesIO()
    literal = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return file, Workbook(file, {"in_memory": True, **literal})


def _closed(file: io.BytesIO, book: Workbook) -> bytes:
    book.close()
    return file.getvalue()


def _headings(options: int) -> list[str]:
    letters = [f"选项{LABELS[place]}" for place in range(options)]
    return ["题型", "题干", *letters, "答案", "解析", "依据", "章节", "难度", "分值"]


def _question_sheet(book: Workbook, name: str, questions: Sequence[Question]) -> Worksheet:
    most = max((len(question.options) for question in questions), default=0)
    headings = _headings(max(most, _OPTIONS))
    rows = [_cells(question, len(headings) - 8) for question in questions]
    return _plain_sheet(book, name, [(heading, _WIDTHS.get(heading, 20)) for heading in headings], rows)


def _cells(question: Question, options: int) -> list[Any]:
    padded = [*question.options, *[""] * (options - len(question.options))]
    return [
        question.kind.chinese,
        question.stem,
        *padded,
        key_text(question),
        question.explanation,
        question.basis,
        question.chapter,
        question.difficulty.chinese,
        question.points,
    ]


def key_text(question: Question) -> str:
    """The answer as it is written in a cell: ACD, 正确, or the texts of the blanks."""
    if question.kind is Kind.TRUE_FALSE:
        return "正确" if question.key == (TRUE,) else "错误"
    if question.kind.has_options:
        return "".join(question.key)
    joined = (mark.join(question.key) for mark in _BETWEEN)
    whole = (text for text in joined if blanks.pieces(text, len(question.key)) == question.key)
    return next(whole, "；".join(question.key))


def _plain_sheet(
    book: Workbook, name: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]]
) -> Worksheet:
    sheet: Worksheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#F3EDE1", "bottom": 1, "valign": "vcenter"})
    # Text format keeps what is typed into the template: 1/2 must not become a date.
    body = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width, body)
        sheet.write_string(0, column, heading, head)
    for number, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            if isinstance(value, str) and value:
                sheet.write_string(number, column, value[:_LONGEST_CELL], body)
            elif value not in (None, ""):
                sheet.write_number(number, column, value)
    return sheet
