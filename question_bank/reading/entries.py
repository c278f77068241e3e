"""Where the readers of exchange formats put what they find: one question after the other into a Report.

These formats say outright what a question is, so nothing is deduced: a question is taken as the file
gives it, reported with what is wrong with it, or left out with the name of its kind.
"""

from dataclasses import dataclass

from question_bank.cells import clean, cleaned, repaired
from question_bank.errors import CannotRead
from question_bank.placed import Placed
from question_bank.question import Difficulty, Kind, Question, faults
from question_bank.report import ERROR, WARNING, Change, LeftOut, Problem, Report

#: Kinds of other programs that no Kind stands for: the reason code of left_out, and its name.
FOREIGN = {
    "numerical": "数值题",
    "matching": "连线题",
    "description": "说明文字",
    "calculated": "计算公式题",
    "cloze": "混合填空题",
    "ordering": "排序题",
    "interactive": "拖放或作图题",
    "random": "随机题",
    "mixed": "几问合成的题",
    "unknown": "其他题型",
}
MOST_QUESTIONS = 60_000
_HEADINGS = {"stem": "题干", "options": "选项", "key": "答案", "kind": "题型", "explanation": "解析"}


@dataclass(slots=True)
class Entries:
    """Collects for one file; ``sheet`` is what its places are called."""

    report: Report
    sheet: str

    def take(self, row: int, question: Question) -> None:
        """Add the question, or every reason why it is none. Texts are cleaned on the way."""
        self._check_number()
        cleaned = self._cleaned(row, question)
        wrong = list(faults(cleaned))
        for fault in wrong:
            self.problem(row, fault.field, fault.code, fault.message, cleaned.stem, severity=fault.severity)
        if any(fault.severity == ERROR for fault in wrong):
            self.report.unfit.append(Placed(self.sheet, row, cleaned))
            return
        if cleaned.kind is Kind.MULTIPLE and len(cleaned.key) == 1:
            message = "题型写的是多选，答案只有 1 个"
            self.problem(row, "key", "one-key-for-multiple", message, cleaned.stem, severity=WARNING)
        self.report.questions.append(Placed(self.sheet, row, cleaned))

    def problem(
        self, row: int, field: str, code: str, message: str, value: str = "", *, severity: str = ERROR
    ) -> None:
        self._check_number()
        heading = _HEADINGS.get(field, field)
        self.report.problems.append(Problem(self.sheet, row, heading, code, severity, message, value[:200]))

    def changed(self, row: int, field: str, before: str, after: str) -> None:
        self.report.changed.append(Change(self.sheet, row, _HEADINGS.get(field, field), before, after))

    def leave(self, row: int, reason: str, value: str) -> None:
        """A question of a kind that is not read: named among what was left out and as an error of its row."""
        short = " ".join(value.split())[:30]
        self.report.left_out.append(LeftOut(f"第 {row} 行 {short}".strip(), reason))
        message = f"{FOREIGN[reason]}不能读入"
        self.problem(row, "kind", "kind-not-read", message, value)

    def _check_number(self) -> None:
        if len(self.report.questions) + len(self.report.problems) > MOST_QUESTIONS:
            message = f"题目太多，最多 {MOST_QUESTIONS} 题。请分成几个文件再传。"
            raise CannotRead("too-many-questions", message)

    def _cleaned(self, row: int, question: Question) -> Question:
        for field, before in (("stem", question.stem), ("explanation", question.explanation)):
            if repaired(before, clean(before)):
                self.changed(row, field, before, clean(before))
        return cleaned(question)


def points_of(text: str) -> float | None:
    """Points as the author suggests them, more than 0 and at most 1000; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return round(value, 2) or None if 0 < value <= 1000 else None


def difficulty_of(word: str) -> Difficulty:
    """易 中 难, and MEDIUM for every other word."""
    return next((level for level in Difficulty if level.chinese == word), Difficulty.MEDIUM)
