"""The workbooks an organiser can download: the template, a bank, the rows that need a hand.

Every cell is written as text or number by its own type, never as what it looks like: a stem that begins
with = stays a stem (promises F1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from question_bank import Difficulty, Kind, Question
from question_bank.report import Original
from question_bank.writing import table, workbook
from quiz.questions.outcome import Line
from quiz.questions.settling import Place

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = 8
#: Rows of the template that offer the drop-downs.
_ROWS = 2000

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
    ("标签", "可以不填。几个标签用顿号“、”隔开，每个最多 20 个字。"),
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
    file, book = workbook.new()
    sheet = workbook.question_sheet(book, "题目", [], options=_OPTIONS)
    headings = table.headings([], options=_OPTIONS)
    for heading, words in (("题型", Kind), ("难度", Difficulty)):
        column = headings.index(heading)
        choice = {"validate": "list", "source": [one.chinese for one in words]}
        sheet.data_validation(1, column, _ROWS, column, choice)
    workbook.question_sheet(book, "示例", EXAMPLES, options=_OPTIONS)
    workbook.plain_sheet(book, "填写说明", [("栏目", 20), ("怎么填", 90)], _GUIDE)
    return workbook.closed(file, book)


#: What a sheet of a workbook may not be called, and how long its name may be.
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\")
_LONGEST_NAME = 31
REASON = "原因"


def problem_rows(lines: Sequence[Line], originals: Mapping[Place, Original]) -> bytes:
    """The rows as the file has them, sheet by sheet under their own headings, with 原因 as the last column.

    A row whose cells were not kept is written in the columns of the template.
    """
    file, book = workbook.new()
    sheets: dict[tuple[str, tuple[str, ...]], list[list[Any]]] = {}
    for line in lines:
        headings, cells = _original(line, originals.get(line.place))
        why = "；".join(finding.message for finding in line.findings)
        rows = sheets.setdefault((line.sheet, headings), [])
        # Only the first line of a question says why: the others are its options.
        rows += [[*map(_fitting, texts), "" if number else why] for number, texts in enumerate(cells)]
    taken: set[str] = set()
    for (name, headings), rows in sheets.items():
        columns = [*((heading, workbook.width_of(heading)) for heading in headings), (REASON, 50)]
        workbook.plain_sheet(book, _sheet_name(name, taken), columns, rows)
    if not sheets:
        workbook.plain_sheet(book, "问题行", [(REASON, 50)], [])
    return workbook.closed(file, book)


def _original(line: Line, kept: Original | None) -> tuple[tuple[str, ...], Sequence[Sequence[Any]]]:
    if kept is not None:
        width = len(kept.headings)
        return kept.headings, [[*cells[:width], *[""] * (width - len(cells))] for cells in kept.lines]
    headings = tuple(table.headings([], options=_OPTIONS))
    if line.question is None:
        return headings, [[""] * len(headings)]
    question = replace(line.question, options=line.question.options[:_OPTIONS])
    return headings, [table.row(question, len(headings))]


def _fitting(cell: Any) -> Any:
    """The cell, cut where a workbook could not hold it: these rows need a hand, and a CSV knows no limit."""
    if not isinstance(cell, str):
        return cell
    return cell.encode("utf-16-le")[: 2 * workbook.LONGEST_CELL].decode("utf-16-le", "ignore")


def _sheet_name(name: str, taken: set[str]) -> str:
    """The name as far as a workbook allows it, and not twice: case does not tell names apart."""
    plain = name.translate(_FORBIDDEN).strip("' ")[:_LONGEST_NAME] or "问题行"
    found, number = plain, 1
    while found.casefold() in taken or found.casefold() == "history":
        number += 1
        found = f"{plain[: _LONGEST_NAME - 5]} ({number})"
    taken.add(found.casefold())
    return found
