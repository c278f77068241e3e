"""One version of a question as plain values: what may be in it, and how two versions differ."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from question_bank import Difficulty, Kind
from question_bank.duplicates import differing
from question_bank.question import (
    FALSE,
    LABELS,
    TRUE,
    Fault,
    Question,
    faults,
    tags_of,
)
from quiz.errors import RuleBroken

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
#: Fields of a version in the order they are shown, with their names.
FIELDS = {
    "kind": "题型",
    "stem": "题干",
    "options": "选项",
    "key": "答案",
    "explanation": "解析",
    "basis": "依据",
    "chapter": "章节",
    "difficulty": "难度",
    "points": "分值",
    "tags": "标签",
    "practisable": "练习",
    "state": "状态",
}
STATES = {"draft": "草稿", "approved": "已审定", "retired": "已停用"}
DEEDS = {
    "import": "导入",
    "create": "新建",
    "edit": "修改",
    "approve": "审定",
    "retire": "停用",
    "restore": "恢复为草稿",
    "bulk": "批量修改",
    "merge": "合并",
    "replace": "导入替换",
    "again": "再次导入",
    "undo": "撤销导入",
}
#: From which states a deed leads to which.
MOVES = {
    "approve": (("draft",), "approved"),
    "retire": (("draft", "approved"), "retired"),
    "restore": (("retired",), "draft"),
}


class Stale(RuleBroken):
    """Somebody else saved in between: nothing of this one was stored."""

    code = "question-changed"
    message = "这道题刚才已经被改过。请先看看有什么不同。"


class OwnWork(RuleBroken):
    code = "own-question"
    message = "这个题库要求另一个人审定。最后改这道题的是你，请同事来审定。"
    status = 403


class SameQuestion(RuleBroken):
    code = "same-question"
    message = "题库里已有完全相同的题，没有保存。"


class NotNow(RuleBroken):
    code = "not-in-this-state"
    message = "这道题现在的状态不能这样处理。请刷新后再看。"


class Unfit(RuleBroken):
    """The question cannot be used as it is; ``faults`` say what to put right and where."""

    code = "unfit-question"
    message = "有几处要先改好，还没有保存。"
    status = 422

    def __init__(self, found: list[Fault]) -> None:
        super().__init__()
        self.faults = found


class NothingChosen(RuleBroken):
    code = "nothing-chosen"
    message = "还没有选题，也没有说要改什么。请先勾选题目，再选要做的事。"
    status = 422


@dataclass(frozen=True, slots=True)
class Wording:
    """A question with what the library does not know of."""

    question: Question
    tags: tuple[str, ...] = ()
    practisable: bool = True

    def check(self) -> None:
        """Unfit when the question could not be scored or marked."""
        found = [fault for fault in faults(self.question) if fault.severity == "error"]
        if found:
            raise Unfit(found)


def clean(text: str, *, longest: int) -> str:
    """The text without control and invisible characters, its lines kept; cut at ``longest``."""
    lines = _CONTROL.sub("", text.replace("\r\n", "\n")).strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)[:longest]


def clean_tags(text: str) -> tuple[str, ...]:
    """Tags written with commas or spaces between them; at most MOST_TAGS of LONGEST_TAG characters."""
    return tags_of(clean(text, longest=1000))


def place_words(file: str, sheet: str, row: int) -> str:
    """来自“题库.xlsx”工作表“单选”第 5 行; a text file has one sheet, called as itself."""
    return (
        f"来自“{file}”" + (f"工作表“{sheet}”" if sheet and f"{sheet}." not in file else "") + f"第 {row} 行"
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, in pieces: each text with whether the other version has something else."""

    name: str
    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields in which two versions differ, as they are shown to people."""
    found = []
    for name, chinese in FIELDS.items():
        old, new = shown(name, before), shown(name, after)
        if old != new:
            found.append(Difference(chinese, differing(old, new), differing(new, old)))
    return found


def shown(name: str, document: Mapping[str, Any]) -> str:
    """A field of a version in words."""
    value = document.get(name)
    if name == "kind":
        return Kind(value).chinese if value else ""
    if name == "state":
        return STATES.get(str(value), "")
    if name == "difficulty":
        return Difficulty(value).chinese if value else ""
    if name == "practisable":
        return "可以练习" if value else "不供练习"
    if name == "options":
        return "\n".join(f"{label}. {text}" for label, text in zip(LABELS, value or (), strict=False))
    if name == "key":
        return _key(str(document.get("kind", "")), value or [])
    if name == "tags":
        return "、".join(value or ())
    return "" if value is None else str(value)


def _key(kind: str, key: list[str]) -> str:
    if kind == Kind.TRUE_FALSE:
        return {TRUE: "正确", FALSE: "错误"}.get("".join(key), "")
    if kind in (Kind.SINGLE, Kind.MULTIPLE):
        return "".join(key)
    return "；".join(key).replace("|||", " 或 ")
