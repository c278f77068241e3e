"""Taking a bank away as a file: which formats there are for people, and the deed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from question_bank.errors import CannotWrite
from question_bank.writing import Format, table, written
from quiz.audit.services import record
from quiz.questions import rules
from quiz.questions.models import Bank, Question

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Way:
    """One choice of the page: what it is called, what it is for, and how the file is made."""

    title: str
    use: str
    form: Format
    mime: str
    ending: str = ""
    asked: bool = True
    keys: bool = True


WAYS: Mapping[str, Way] = {
    "xlsx": Way("Excel 表格", "改完可以再导入，什么都不丢。", Format.XLSX, f"{_OFFICE}.spreadsheetml.sheet"),
    "docx": Way(
        "Word 练习册，带答案",
        "A4 打印，答案和解析在最后。",
        Format.WORD,
        f"{_OFFICE}.wordprocessingml.document",
        "（练习册）",
    ),
    "docx-plain": Way(
        "Word 练习册，不带答案",
        "A4 打印，发给大家做。",
        Format.WORD,
        f"{_OFFICE}.wordprocessingml.document",
        "（练习册，不带答案）",
        keys=False,
    ),
    "docx-keys": Way(
        "Word 答案单",
        "只有答案和解析，题号与练习册一致。",
        Format.WORD,
        f"{_OFFICE}.wordprocessingml.document",
        "（答案）",
        asked=False,
    ),
    "gift": Way("GIFT 文本", "Moodle 等学习平台。", Format.GIFT, "text/plain"),
    "moodle": Way("Moodle XML", "Moodle 学习平台。", Format.MOODLE, "application/xml", "（Moodle）"),
    "qti": Way("QTI 3 题包", "支持国际标准的考试系统。", Format.QTI, "application/zip", "（QTI 3）"),
}
_LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: bytes
    mime: str


class BadNames(rules.RuleBroken):
    """A column would not be known again when the file comes back."""

    code = "bad-column-names"
    status = 422


def names_of(bank: Bank) -> dict[str, str]:
    """The headings this bank is written with: those last chosen, else the template's."""
    return {field: bank.headings.get(field, name) for field, name in table.NAMES.items()}


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """Headings as an organiser writes them, the template's where left empty. BadNames when one fails."""
    clean = {field: rules.clean_name(given.get(field, ""))[:_LONGEST_NAME] for field in table.NAMES}
    names = {field: clean[field] or name for field, name in table.NAMES.items()}
    wrong = table.unread(names)
    if wrong:
        told = "、".join(f"“{names[field]}”（{table.NAMES[field]}）" for field in wrong)
        raise BadNames(f"{told}再导入时认不出来，或者与别的列重名。请换一个叫法，或者清空用模板的叫法。")
    return names


def export(
    bank: Bank, rows: Sequence[Question], *, way: str, names: Mapping[str, str], at: datetime, who: str
) -> File:
    """The questions as a file of one of WAYS. ``names`` from ``checked``, kept for the next time.

    CannotExport when nothing is there or a text does not fit: it is said, not cut.
    """
    chosen = WAYS.get(way)
    if chosen is None:
        raise rules.CannotExport("请选择一种格式。")
    title = bank.name + chosen.ending
    try:
        content, _ = written(
            [row.as_bank_question() for row in rows],
            chosen.form,
            title=bank.name,
            keys=chosen.keys,
            asked=chosen.asked,
            names=names,
        )
    except CannotWrite as reason:
        raise rules.CannotExport(reason.message) from reason
    own = {field: name for field, name in names.items() if name != table.NAMES[field]}
    if chosen.form is Format.XLSX and bank.headings != own:
        bank.headings = own
    told = {"format": way, "count": len(rows)}
    record(who=who, what="bank.export", subject=f"bank:{bank.id}", at=at, **told)
    return File(f"{title}.{chosen.form}", content, chosen.mime)
