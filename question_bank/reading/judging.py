"""From a draft to a question that can be scored, or to the problems that keep it from being one."""

import re
from dataclasses import dataclass, field, replace

from question_bank import answers, blanks
from question_bank.answers import Writing
from question_bank.cells import bare
from question_bank.kinds import CHOICE, is_code, kind_in_stem, kind_of_word
from question_bank.placed import Placed
from question_bank.question import (
    ALTERNATIVE,
    FALSE,
    LABELS,
    TRUE,
    Fault,
    Kind,
    Question,
    faults,
)
from question_bank.reading.draft import Draft, flagged_letters, listed_in, looks_like, pointed_texts
from question_bank.reading.side import Side, level_of, points_of, side_of
from question_bank.reading.table import Table
from question_bank.report import ERROR, MOST_ORIGINALS, WARNING, Change, Original, Problem, Report

_TOLD_IN_STEM = re.compile(r"答案\s*[:：]\s*[A-Za-z√×对错正]")


@dataclass(slots=True)
class Setting:
    """What holds for a whole table. ``hint`` is the Kind its sheet or file is named after."""

    table: Table
    how: Writing
    codes: dict[str, Kind | str]
    hint: Kind | str | None
    levels: int = 3
    unknown_levels: set[str] = field(default_factory=set)
    told_of_counting: bool = False


class Judge:
    """Judges the drafts of one table and writes into the report."""

    def __init__(self, setting: Setting, report: Report) -> None:
        self.setting = setting
        self.columns = setting.table.columns
        self.sheet = setting.table.sheet.name
        self.report = report
        columns = self.columns
        vital = {columns.stem, columns.answer, columns.kind, columns.options_cell, columns.flag}
        #: Columns whose cells decide what a question is and asks.
        self.vital = vital | {*columns.options, *columns.flags, *columns.blanks}

    def judge(self, draft: Draft) -> None:
        """Add one question, or say why it is none. Warnings do not keep a question out."""
        before = len(self.report.problems)
        self._remarks(draft)
        broken = any(problem.severity == ERROR for problem in self.report.problems[before:])
        kind = self._kind(draft)
        key = None if kind is None else self._key(kind, draft)
        if kind is None or key is None:
            self._keep(draft, self._question(kind or self._shape(draft), draft, self._readable_key(draft)))
            return
        question = self._question(kind, draft, key)
        for fault in faults(question):
            if question.stem or fault.field == "stem":
                # A row without a stem is said to have none, and no more.
                self._fault(draft, fault)
            broken = broken or fault.severity == ERROR
        if broken:
            self._keep(draft, question)
            return
        self._warn(draft, question)
        for column, from_, to in draft.changes:
            self._change(draft, column, from_, to)
        self.report.questions.append(Placed(self.sheet, draft.record.row, question))

    # what is kept of a row with an error

    def _keep(self, draft: Draft, question: Question) -> None:
        """The question as far as it was read, and the cells it was read from."""
        row, sheet = draft.record.row, self.setting.table.sheet
        self.report.unfit.append(Placed(self.sheet, row, question))
        if len(self.report.originals) < MOST_ORIGINALS:
            lines = tuple(tuple(sheet.rows[line]) for line in draft.record.lines)
            self.report.originals.append(Original(self.sheet, row, self.columns.headings, lines))

    def _shape(self, draft: Draft) -> Kind:
        """What a row of unknown kind is most like: something to show, never something to score."""
        looks = looks_like(draft, self.setting.how)
        return looks or (Kind.SINGLE if any(draft.options) else Kind.SHORT)

    def _readable_key(self, draft: Draft) -> tuple[str, ...]:
        """The letters of the answer where they point at options; empty where it says anything else."""
        if len(draft.options) < 2 or not draft.answer:
            return ()
        found = answers.choice_key(draft.answer, draft.options, self.setting.how, single=False)
        return found[0] if found else ()

    # what is said about a row

    def _problem(self, draft: Draft, column: int | None, code: str, severity: str, message: str) -> None:
        value = draft.record.cells[column] if column is not None else ""
        heading = self.columns.heading(column)
        self.report.problems.append(
            Problem(self.sheet, draft.record.row, heading, code, severity, message, value)
        )

    def _change(self, draft: Draft, column: int | None, from_: str, to: str) -> None:
        heading = self.columns.heading(column)
        self.report.changed.append(Change(self.sheet, draft.record.row, heading, from_, to))

    def _fault(self, draft: Draft, fault: Fault) -> None:
        self._problem(draft, self._column_of(fault), fault.code, fault.severity, fault.message)

    def _column_of(self, fault: Fault) -> int | None:
        columns = self.columns
        if fault.field == "stem":
            return columns.stem
        if fault.field == "key":
            return self._key_column()
        if columns.options:
            place = LABELS.index(fault.label) if fault.label else 0
            # A, B, D: what is said of C stands at the next column there is.
            return next(column for column in columns.options[place:] + columns.options if column is not None)
        return columns.options_cell if columns.options_cell is not None else columns.stem

    def _key_column(self) -> int | None:
        return next(iter(self.columns.answers), None)

    def _remarks(self, draft: Draft) -> None:
        """What the reader noticed about the cells of this question."""
        columns, sheet = self.columns, self.setting.table.sheet
        for line in draft.record.lines:
            for remark in sheet.remarks.get(line, ()):
                if remark.column in self.vital:
                    text = sheet.rows[line][remark.column]
                    heading = columns.heading(remark.column)
                    place = (self.sheet, line + 1, heading)
                    if remark.code:
                        self.report.problems.append(
                            Problem(*place, remark.code, remark.severity, remark.message, text)
                        )
                    else:
                        self.report.changed.append(Change(*place, remark.before, text))

    def _warn(self, draft: Draft, question: Question) -> None:
        if question.kind is Kind.MULTIPLE and len(question.key) == 1:
            message = "题型写的是多选，答案只有 1 个"
            self._problem(draft, self._key_column(), "one-key-for-multiple", WARNING, message)
        if "答案" in question.stem and self._key_column() is not None and _TOLD_IN_STEM.search(question.stem):
            self._problem(draft, self.columns.stem, "answer-in-stem", WARNING, "题干里好像写着答案。请核对")

    # the kind

    def _kind(self, draft: Draft) -> Kind | None:
        """By the row's own cell, its stem, its section, its sheet or file, and last by its answer."""
        column = self.columns.kind
        text = draft.record.cells[column] if column is not None else ""
        said = kind_of_word(text) if text else None
        if text and said is None:
            said = self.setting.codes.get(text.removesuffix(".0"))
            if said is None:
                self._unknown_kind(draft, text)
                return None
        said = said or kind_in_stem(draft.stem) or draft.record.section or self.setting.hint
        looks = None
        if not isinstance(said, Kind) or (said is Kind.SHORT and not text):
            looks = looks_like(draft, self.setting.how)
        if isinstance(said, Kind):
            # Options with a letter to point at them outweigh the name of a sheet.
            return looks if looks and looks is not Kind.FILL and any(draft.options) else said
        if said == CHOICE:
            return Kind.MULTIPLE if looks is Kind.MULTIPLE else Kind.SINGLE
        if looks is None and any(draft.options):
            # Which choice it is makes no difference: something it cannot do without is missing.
            return Kind.SINGLE
        if looks is None:
            self._problem(draft, self.columns.stem, "unknown-kind", ERROR, _why_unknown(draft))
        return looks

    def _unknown_kind(self, draft: Draft, text: str) -> None:
        if is_code(text):
            message = f"题型写的是代码 {text}，看不出是哪种题。请说明每个代码的意思"
            self._problem(draft, self.columns.kind, "unknown-kind-code", ERROR, message)
        else:
            message = f"题型“{text[:20]}”不认识"
            self._problem(draft, self.columns.kind, "unknown-kind", ERROR, message)

    # the key; None means that a problem has been reported

    def _key(self, kind: Kind, draft: Draft) -> tuple[str, ...] | None:
        if kind is Kind.TRUE_FALSE:
            return self._truth_key(draft)
        if kind.has_options:
            return self._choice_key(kind, draft)
        return self._fill_key(draft) if kind is Kind.FILL else self._short_key(draft)

    def _choice_key(self, kind: Kind, draft: Draft) -> tuple[str, ...] | None:
        if any(draft.flags):
            return self._flag_key(draft)
        if not draft.answer:
            return ()
        found = answers.choice_key(draft.answer, draft.options, self.setting.how, single=kind is Kind.SINGLE)
        if found is None:
            if not any(draft.options):
                return ()
            message = f"答案“{draft.answer[:20]}”不是任何一个选项"
            self._problem(draft, self.columns.answer, "unknown-key", ERROR, message)
            return None
        if found[1]:
            draft.changes.append((self._answer_place(), draft.answer, "".join(found[0])))
        return found[0]

    def _answer_place(self) -> int:
        return self.columns.answer if self.columns.answer is not None else self.columns.stem

    def _flag_key(self, draft: Draft) -> tuple[str, ...] | None:
        letters = flagged_letters(draft)
        if letters is None:
            self._problem(
                draft, self._flag_column(draft), "unknown-flag", ERROR, "有一个选项没有写明是否正确"
            )
            return None
        return tuple(letters)

    def _flag_column(self, draft: Draft) -> int | None:
        if not self.columns.flags:
            return self.columns.flag
        for place, option in enumerate(draft.options):
            column = self.columns.flags[place] if place < len(self.columns.flags) else None
            if option and column is not None and draft.record.cells[column] not in ("0", "1"):
                return column
        return self.columns.flags[0]

    def _truth_key(self, draft: Draft) -> tuple[str, ...] | None:
        answer = draft.answer
        if any(draft.flags):
            letters = flagged_letters(draft)
            if letters is None or len(letters) != 1:
                return self._flag_key(draft) if letters is None else ()
            answer = letters
        if not answer:
            return ()
        key = answers.truth_key(answer, draft.options, self.setting.how)
        if key is None:
            self._problem(draft, self._key_column(), "unknown-key", ERROR, _why_not_judged(draft, answer))
            return None
        if self.setting.how.counted and not self.setting.told_of_counting:
            self.setting.told_of_counting = True
            message = "判断题的答案写的是 1 和 2，按 1 为正确、2 为错误读入。请核对"
            self._problem(draft, self._key_column(), "counted-answers", WARNING, message)
        word = "正确" if key == TRUE else "错误"
        lettered = any(draft.options) and answer.strip().upper() in LABELS[: len(draft.options)]
        if draft.answer and draft.answer != word and not lettered:
            draft.changes.append((self._answer_place(), draft.answer, word))
        return (TRUE,) if key == TRUE else (FALSE,)

    def _fill_key(self, draft: Draft) -> tuple[str, ...] | None:
        """One entry per blank: from columns of blanks, from option columns, or from the answer split."""
        gaps = blanks.count(draft.stem)
        if draft.blanks:
            return tuple(text.replace("\n", ALTERNATIVE) for text in draft.blanks)
        texts = pointed_texts(draft)
        if texts is None:
            message = "选项和答案里都有文字，不知道哪个是答案"
            self._problem(draft, self.columns.answer, "answer-twice", ERROR, message)
            return None
        listed = () if texts else listed_in(draft.answer)
        texts = texts or listed
        # A list says itself where each text ends: ["信访局 办公室"] is one.
        whole = len(texts) == 1 and listed in ((), (draft.answer,))
        key = blanks.pieces(texts[0], gaps) if whole else texts
        if gaps > 1 and key and len(key) != gaps:
            message = f"题干有 {gaps} 个空，答案有 {len(key)} 段。请核对"
            self._problem(draft, self._key_column(), "blanks-differ", WARNING, message)
        return key

    def _short_key(self, draft: Draft) -> tuple[str, ...]:
        texts = pointed_texts(draft)
        if texts is None:
            # Shifted rows put the points where the answer belongs: the longer text is the answer.
            message = "选项和答案里都有文字，取较长的作参考答案。请核对"
            self._problem(draft, self.columns.answer, "answer-twice", WARNING, message)
            texts = ("\n".join(option for option in draft.options if option),)
            texts = max(texts, (draft.answer,), key=lambda one: len(one[0]))
        texts = texts or listed_in(draft.answer)
        return ("\n".join(texts),) if texts else ()

    # the rest

    def _question(self, kind: Kind, draft: Draft, key: tuple[str, ...]) -> Question:
        side = self._side(draft) or self._side_with_problems(draft)
        return Question(kind, draft.stem, draft.options if kind.has_options else (), key, *side)

    def _side(self, draft: Draft) -> Side | None:
        return side_of(self.columns, draft.record.cells, self.setting.levels, draft.record.chapter)

    def _side_with_problems(self, draft: Draft) -> Side:
        """The same with 中 and no points for what is not known, which is said."""
        columns, cells = self.columns, [*draft.record.cells]
        column = columns.difficulty
        if column is not None and level_of(cells[column], self.setting.levels) is None:
            text, cells[column] = cells[column], ""
            if bare(text) not in self.setting.unknown_levels:
                self.setting.unknown_levels.add(bare(text))
                message = f"难度“{text[:20]}”不认识，按中等读入"
                self._problem(draft, column, "unknown-difficulty", WARNING, message)
        column = columns.points
        if column is not None and cells[column] and points_of(cells[column]) is None:
            cells[column] = ""
            self._problem(
                draft, column, "unknown-points", WARNING, "分值要大于 0、不超过 1000，最多两位小数，没有读入"
            )
        side = self._side(replace(draft, record=replace(draft.record, cells=cells)))
        assert side is not None
        return side


def _why_unknown(draft: Draft) -> str:
    if not draft.stem:
        return "没有题干"
    if not draft.answer and not any(draft.options):
        return "只有题干，没有选项，也没有答案"
    return "没有答案" if not draft.answer else "看不出是哪种题"


def _why_not_judged(draft: Draft, answer: str) -> str:
    if not any(draft.options) and re.fullmatch("[A-Za-z]", answer.strip()):
        return f"判断题的答案是 {answer.strip()}，但没有选项，不知道它是对还是错"
    return f"判断题的答案“{answer[:20]}”看不出对错"
