"""Which column means what: headings of real question banks to fields (bank_formats §1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from question_bank.cells import bare
from question_bank.question import Kind

#: Row-wide fields with the headings seen for them, best first: when two columns compete, the earlier wins.
_WORDS: dict[str, str] = {
    "stem": (
        "题干 题目内容 试题内容 问题内容 题干内容 试题正文 题干正文 题目正文 试题题干 题目题干 题面 "
        "题目 试题 考题 问题 questioncontent questiontext question qstem stem 题目名称 试题名称 "
        "题目描述 问题描述 试题题目 问题题目 topic_titile topic_title questiontitle content 内容 "
        "title 标题"
    ),
    "answer": (
        "正确答案 标准答案 参考答案 试题答案 题目答案 正确选项 正确项 答案 correctanswer "
        "correct_answer rightanswer right_answer questionanswer topic_answer correctop correct "
        "qtrue answer answers 标答 答案内容 参考答案内容 正确答案选项"
    ),
    "kind": (
        "题型 题目类型 试题类型 试题题型 题目题型 题型名称 题目种类 题类 questiontype question_type "
        "qtype answertype finaltypecn 单选还是多选 题型id 题型编号 题型代码 类型 type kind"
    ),
    "options": (
        "选项内容 试题选项 题目选项 选项 备选项 备选答案 候选项 选择项 题目所有答案 options "
        "optioncontent choices option"
    ),
    "flag": ("是否正确项 是否正确选项 是否正确答案 是否正确 是否为正确答案 是否答案 iscorrect is_correct"),
    "explanation": (
        "答案解析 题目解析 试题解析 整体解析 解析 解析说明 答案说明 详解 答案详解 题解 解题思路 "
        "解释 analysis questionexplain explanation explain note 备注"
    ),
    "points": ("分值 分数 单空分数 题目分值 试题分值 题目分数 试题分数 默认分值 score points 分"),
    "difficulty": (
        "难度 难易度 题目难度 试题难度 难度等级 难易程度 难度级别 难度系数 题目难易度 试题难易度 "
        "difficulty level"
    ),
    "chapter": (
        "知识点 章节 归属章 归属节 章 节 所属章节 知识点(项目) 知识点(任务) 知识点分类 知识点名称 "
        "知识模块 模块 板块 目录 科目 课程 课程名称 分类 题目分类 试题分类 类别 所属题库 "
        "来源题库 题库 题库名称 coursename category chapter"
    ),
    "tags": "标签 题目标签 试题标签 tags tag",
    "basis": (
        "依据 法律依据 政策依据 文件依据 出题依据 命题依据 参考依据 依据条款 法条 条款 条文 来源 "
        "题目来源 试题来源 出处 页码 source"
    ),
    "number": ("序号 题号 编号 题目编号 试题编号 题目序号 试题序号 id xuhao qnumber no no. number num"),
}
_SINGLE: dict[str, tuple[str, int]] = {
    word: (field, rank) for field, words in _WORDS.items() for rank, word in enumerate(words.split())
}
_NUMERALS = {numeral: place for place, numeral in enumerate("一二三四五六七八九十")}

_PLACE = "([a-z]|[0-9]{1,2}|[一二三四五六七八九十])"
_OPTION = re.compile(
    rf"(?:选项|备选项|备选答案|候选项|选择项|答案选项|options?|opt|op|choices?)[_\-]?{_PLACE}"
    r"(?:\([a-z]\))?(?:内容|文本)?|q_?([a-j])|([a-z])(?:选项|项|项目|答案)?"
)
_LETTERED_ANSWER = re.compile(rf"(?:答案|备选答案|answer)_?{_PLACE}")
_FLAG = re.compile(rf"(?:选项)?{_PLACE}是否(?:为)?(?:正确|答案)(?:项|答案)?|是否正确{_PLACE}")
_BLANK = re.compile(rf"(?:空|填空|第){_PLACE}(?:空|个空)?(?:答案)?")
_BRACKETS = re.compile(r"[(\[【{<][^)\]】}>]*[)\]】}>]?")
_REMARK = re.compile("[-–—:,;([]")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field of a table stands; every index counts from 0, ``None`` where a field is absent.

    ``options``, ``flags`` and ``blanks`` are in label order; an option letter without a column (A, B, D)
    is None, so that letters never shift.
    """

    headings: tuple[str, ...]
    stem: int
    answer: int | None = None
    kind: int | None = None
    options: tuple[int | None, ...] = ()
    options_cell: int | None = None
    flags: tuple[int | None, ...] = ()
    flag: int | None = None
    blanks: tuple[int | None, ...] = ()
    explanation: int | None = None
    points: int | None = None
    difficulty: int | None = None
    number: int | None = None
    tags: int | None = None
    chapters: tuple[int, ...] = ()
    basis: tuple[int, ...] = ()

    def heading(self, column: int | None) -> str:
        """The heading as the file writes it; empty where there is no such column."""
        return self.headings[column] if column is not None and column < len(self.headings) else ""

    @property
    def answers(self) -> list[int]:
        """The columns that say what is right, whichever way."""
        places = (self.answer, self.flag, *self.flags, *self.blanks)
        return [column for column in places if column is not None]

    @property
    def used(self) -> list[int]:
        """Every column that is read, from left to right."""
        asked = (self.stem, self.answer, self.kind, self.options_cell, self.flag, self.number)
        beside = (self.explanation, self.points, self.difficulty, self.tags, *self.chapters, *self.basis)
        listed = self.options + self.flags + self.blanks
        return sorted({column for column in (*asked, *beside, *listed) if column is not None})

    @property
    def verbatim(self) -> bool:
        """Whether the file says that its texts are to be taken as they stand."""
        return VERBATIM in self.heading(self.stem)

    @property
    def per_option(self) -> bool:
        """Whether each row holds one option with its own flag (云帆 template)."""
        return self.flag is not None and self.options_cell is not None and not self.options


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What the organiser says about tables whose headings cannot be read.

    ``fields`` maps ``stem answer kind options_cell explanation points difficulty number chapter basis`` and
    ``option1``, ``option2`` … to column indexes from 0; ``first_row`` is the row, from 1, where data begins.
    ``codes`` says what a kind code of the file means, headings or not: ``{"0": Kind.SINGLE}``.
    """

    fields: Mapping[str, int] = field(default_factory=dict)
    first_row: int = 1
    codes: Mapping[str, Kind] = field(default_factory=dict)

    def columns(self, width: int) -> Columns:
        """ValueError when no stem is named or a column does not exist."""
        if "stem" not in self.fields or not all(0 <= index < width for index in self.fields.values()):
            raise ValueError("the mapping needs a stem and columns of the table")
        options = sorted(
            (int(name[6:]), index) for name, index in self.fields.items() if _OPTION_N.match(name)
        )
        return Columns(
            headings=tuple(f"第 {index + 1} 列" for index in range(width)),
            stem=self.fields["stem"],
            answer=self.fields.get("answer"),
            kind=self.fields.get("kind"),
            options=tuple(index for _, index in options),
            options_cell=self.fields.get("options_cell"),
            explanation=self.fields.get("explanation"),
            points=self.fields.get("points"),
            difficulty=self.fields.get("difficulty"),
            number=self.fields.get("number"),
            chapters=(self.fields["chapter"],) if "chapter" in self.fields else (),
            basis=(self.fields["basis"],) if "basis" in self.fields else (),
        )


def letters(column: int) -> str:
    """What a spreadsheet calls this column: A for 0, AA for 26."""
    name = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        name, column = chr(ord("A") + rest) + name, column - 1
    return name


_OPTION_N = re.compile(r"option([1-9][0-9]?)$")
#: Needed beside a stem before a row counts as headings.
_COMPANIONS = ("answer", "kind", "options", "explanation", "flag")
_MAYBE_STEM = re.compile("题|试|问|内容|stem|question|content|title", re.IGNORECASE)
_NUMBERED = (("option", _OPTION), ("flags", _FLAG), ("blank", _BLANK), ("lettered", _LETTERED_ANSWER))


def recognise(row: Sequence[str]) -> Columns | None:
    """The columns when this row is a row of headings, else None.

    It is one when a stem-like heading stands beside an answer, a kind, options, blanks or an
    explanation: letters alone (A, B, C) may just as well be somebody's options.
    """
    if not _has_stem_heading(row):
        return None
    singles, numbered = _sorted_headings(row)
    if "stem" not in singles or not (numbered["option"] or numbered["blank"] or singles.keys() & _COMPANIONS):
        return None
    return _columns(row, singles, numbered)


def _has_stem_heading(row: Sequence[str]) -> bool:
    for cell in row:
        if cell and len(cell) <= _LONGEST and _MAYBE_STEM.search(cell):
            found = field_of(cell)
            if found and found[0] == "stem":
                return True
    return False


def option_places(row: Sequence[str]) -> dict[int, int]:
    """Column index to option place for every cell that names an option (second line of a header)."""
    named = ((index, field_of(cell)) for index, cell in enumerate(row) if cell and len(cell) <= _LONGEST)
    return {index: found[1] for index, found in named if found and found[0] == "option"}


@lru_cache(maxsize=4096)
def field_of(heading: str) -> tuple[str, int] | None:
    """``("stem", rank)``, ``("option", place)`` and the like for one heading, None when it means nothing.

    Looked up as written, then without bracketed remarks: 答案（多选用英文逗号分隔）.
    """
    plain = bare(heading).strip(_EDGES)
    # Kahoot: “Answer 1 - max 75 characters”.
    names = (plain, _BRACKETS.sub("", plain).strip(_EDGES), _REMARK.split(plain)[0].strip(_EDGES))
    for name in dict.fromkeys(names):
        if name in _SINGLE:
            return _SINGLE[name]
        for numbered, pattern in _NUMBERED:
            match = pattern.fullmatch(name)
            if match:
                return numbered, _place(next(group for group in match.groups() if group))
    return None


_EDGES = "*:#★·_-.、"
#: In the heading of the stem, 题干（原样）: numbers and letters at the start of a text belong to it.
VERBATIM = "原样"


def _place(mark: str) -> int:
    if mark.isdecimal():
        return int(mark) - 1
    return _NUMERALS[mark] if mark in _NUMERALS else ord(mark) - ord("a")


def _sorted_headings(
    row: Sequence[str],
) -> tuple[dict[str, list[tuple[int, int]]], dict[str, dict[int, int]]]:
    """Fields to ``(rank, column)`` pairs, and numbered fields to place → column, first column winning."""
    singles: dict[str, list[tuple[int, int]]] = {}
    numbered: dict[str, dict[int, int]] = {name: {} for name, _ in _NUMBERED}
    for column, cell in enumerate(row):
        found = field_of(cell) if cell and len(cell) <= _LONGEST else None
        if found and found[0] in numbered:
            numbered[found[0]].setdefault(found[1], column)
        elif found:
            singles.setdefault(found[0], []).append((found[1], column))
    # 答案1, 答案2 … are the options where another column holds the answer, else one answer per blank.
    lettered = numbered.pop("lettered")
    if len(lettered) > 1 and not numbered["option"]:
        numbered["option" if "answer" in singles else "blank"].update(lettered)
    return singles, numbered


def _columns(
    row: Sequence[str], singles: dict[str, list[tuple[int, int]]], numbered: dict[str, dict[int, int]]
) -> Columns:
    def best(name: str) -> int | None:
        return min(singles[name])[1] if name in singles else None

    options = _in_order(numbered["option"])
    stem = best("stem")
    assert stem is not None
    return Columns(
        headings=tuple(row),
        stem=stem,
        answer=best("answer"),
        kind=best("kind"),
        options=options,
        options_cell=None if options else best("options"),
        flags=_in_order(numbered["flags"]),
        flag=best("flag"),
        blanks=_in_order(numbered["blank"]),
        explanation=best("explanation"),
        points=best("points"),
        difficulty=best("difficulty"),
        number=best("number"),
        tags=best("tags"),
        chapters=tuple(sorted(column for _, column in singles.get("chapter", ()))),
        basis=tuple(sorted(column for _, column in singles.get("basis", ()))),
    )


def _in_order(places: dict[int, int]) -> tuple[int | None, ...]:
    """Columns by place. Counting may start at 0 (选项0); without a first place they are no series."""
    shift = 1 if -1 in places else 0
    shifted = {place + shift: column for place, column in places.items()}
    if 0 not in shifted:
        return ()
    return tuple(shifted.get(place) for place in range(max(shifted) + 1))
