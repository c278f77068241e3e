"""What an organiser says about columns and kind codes: the choices, how it is kept, and what it means."""

from collections.abc import Mapping, Sequence
from typing import Any

from question_bank import Kind
from question_bank.columns import ColumnMapping
from question_bank.question import LABELS
from question_bank.reading.sampling import Sample, heading_signature
from question_bank.report import Report
from quiz.errors import RuleBroken

_OPTIONS = 10
#: What a column may be, as ColumnMapping names it, and in words.
FIELDS: Mapping[str, str] = {
    "stem": "题干",
    "kind": "题型",
    "answer": "答案",
    **{f"option{place + 1}": f"选项{LABELS[place]}" for place in range(_OPTIONS)},
    "options_cell": "选项（都在一格里）",
    "explanation": "解析",
    "basis": "依据",
    "chapter": "章节",
    "difficulty": "难度",
    "points": "分值",
    "number": "序号",
}
_UNKNOWN_CODE = "unknown-kind-code"


class BadMapping(RuleBroken):
    code = "bad-mapping"
    message = "请指明哪一列是题干。"
    status = 422


def unknown_codes(report: Report) -> list[str]:
    """Numeric kind codes nobody has explained, in order: ["1", "2"]."""
    said = {problem.value.removesuffix(".0") for problem in report.problems if problem.code == _UNKNOWN_CODE}
    return sorted(said, key=lambda code: (len(code), code))


def signature(report: Report) -> str:
    """The mark of the table whose codes are unknown, by its headings."""
    rows = {(one.sheet, one.row) for one in report.problems if one.code == _UNKNOWN_CODE}
    kept = next((one for one in report.originals if (one.sheet, one.row) in rows), None)
    return heading_signature(kept.headings if kept else ())


def document(known: Mapping[str, Any], file: str, mark: str, look: Sample | None) -> dict[str, Any]:
    """BankImport.mapping: what is known so far, and what the page shows to ask for more."""
    return {
        "file": file,
        "signature": mark,
        "first_row": known.get("first_row") or (look.first_row if look else 1),
        "fields": dict(known.get("fields", {})),
        "codes": dict(known.get("codes", {})),
        "sheet": look.sheet if look else "",
        "rows": [list(row) for row in look.rows] if look else [],
        "looks": list(look.looks) if look else [],
        # Headings were found when only codes are unknown: the mark of the shape is not the mark used.
        "headed": look is None or look.signature != mark,
    }


def mapping(said: Mapping[str, Any]) -> ColumnMapping:
    codes = {code: Kind(kind) for code, kind in said.get("codes", {}).items()}
    return ColumnMapping(said.get("fields", {}), said.get("first_row", 1), codes)


def guess(looks: Sequence[str]) -> dict[str, int]:
    """What to offer first for columns without headings; nothing is read by it before somebody agrees."""
    found: dict[str, int] = {}
    for column, look in enumerate(looks):
        name = {"long": "stem", "kind": "kind", "letters": "answer", "truth": "answer"}.get(look)
        if name:
            found.setdefault(name, column)
    rest = range(found.get("stem", len(looks)) + 1, found.get("answer", len(looks)))
    options = [column for column in rest if column not in found.values() and looks[column] != "code"]
    return found | {f"option{number}": column for number, column in enumerate(options[:_OPTIONS], start=1)}


def said(fields: Sequence[str], first_row: int, codes: Mapping[str, str], *, headed: bool) -> dict[str, Any]:
    """HeadingMapping.document of what the form says. BadMapping says what is missing."""
    if not all(kind in set(Kind) for kind in codes.values()):
        raise BadMapping("请说明每个代码是什么题型。")
    chosen = [(name, column) for column, name in enumerate(fields) if name]
    if headed:
        return {"fields": {}, "first_row": 1, "codes": dict(codes)}
    if not all(name in FIELDS for name, _ in chosen) or not 1 <= first_row <= 1_000_000:
        raise BadMapping("请重新选择每一列是什么。")
    twice = next((name for name, column in chosen if dict(chosen)[name] != column), None)
    if twice:
        raise BadMapping(f"“{FIELDS[twice]}”选了两列。一种内容只能选一列。")
    if "stem" not in dict(chosen):
        raise BadMapping
    return {"fields": dict(chosen), "first_row": first_row, "codes": dict(codes)}
