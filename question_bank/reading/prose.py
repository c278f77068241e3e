"""Question banks written as prose: lines put together to questions, then judged like the rows of a table."""

from question_bank import answers
from question_bank.errors import CannotRead
from question_bank.kinds import kind_of_section
from question_bank.question import LABELS, Kind
from question_bank.reading import marks
from question_bank.reading.asked import COLUMNS, Asked, joined, record
from question_bank.reading.keyed import KeyReader
from question_bank.reading.lines import Line, Prose
from question_bank.reading.outline import Outline, looks_like_bank, outline
from question_bank.reading.table import Table
from question_bank.report import ERROR, WARNING, Problem, Report

_NO_QUESTIONS = "没有找到题目。文字题库里每道题要有题号，选项写成 A. B. C. D.，答案写成“答案：A”。"


def is_bank(prose: Prose) -> bool:
    """Whether there are questions beyond doubt: lines of options, or lines of answers."""
    found = outline(prose.lines)
    told = sum(1 for said in found.fields if said and said[0] == "answer")
    return told > 0 or found.letters.count("A") > 0


def read_prose(prose: Prose, report: Report) -> Table:
    """The table that stands for a prose bank; CannotRead when the lines hold no questions."""
    found = outline(prose.lines)
    if not looks_like_bank(found):
        raise CannotRead("plain-text", _NO_QUESTIONS)
    reader = _Reader(found, prose, report)
    for index in range(len(found.lines)):
        reader.take(index)
    reader.finish()
    if not reader.asked and not report.problems:
        raise CannotRead("plain-text", _NO_QUESTIONS)
    if prose.running:
        row, text = prose.running[0]
        message = f"有 {len(prose.running)} 行像是页眉、页脚或页码，没有读入"
        reader.problem(row, "", "running-lines", WARNING, message, text)
    return reader.table


class _Reader:
    """Walks down the lines once."""

    def __init__(self, found: Outline, prose: Prose, report: Report) -> None:
        self.outline = found
        self.report = report
        self.table = Table(prose.sheet, COLUMNS, 1)
        self.asked: list[Asked] = []
        self.kinds: list[Kind | str | None] = [None]
        self.points = [""]
        self.chapter = ""
        self.chapters: list[str] = []
        self.last = 0
        self.restarts = True
        self.keys = KeyReader(found)
        self.strays: list[list[int]] = []
        self.open = False

    @property
    def now(self) -> Asked | None:
        return self.asked[-1] if self.asked and self.open else None

    def take(self, index: int) -> None:
        line = self.outline.lines[index]
        if self.keys.takes(index, self.asked):
            self.open = False
            return
        if self._takes_heading(index, line):
            return
        number = self.outline.numbers[index]
        if self.outline.letters[index]:
            self._options(index, line)
        elif number is not None and self._is_question(index):
            self.report.problems += self.keys.close(self.asked, self.kinds)
            self._begin(line, number.value, number.rest, index)
            self._tag("kind", number.kind)
            self._tag("points", number.points)
        elif self.outline.fields[index]:
            self._field(index, line)
        elif not (self.now and marks.truth_option(line.text)):
            self._text(index, line)
        else:
            self._touch(line)

    # headings

    def _takes_heading(self, index: int, line: Line) -> bool:
        section = self.outline.sections[index]
        if section is not None:
            if self.keys.follow(index):
                self.keys.section(section.kind)
            elif self.outline.fields[index] and self.now and not self._complete(self.now):
                return False
            else:
                self._run(section.kind, section.points)
            self.open = False
            return True
        chapter = marks.chapter(line.text)
        if not chapter or (self.now and not self._complete(self.now)):
            return False
        self.chapter, self.open = chapter, False
        self._run(self.kinds[-1], self.points[-1])
        return True

    def _run(self, kind: Kind | str | None, points: str) -> None:
        """From here on numbers may begin again at 1."""
        self.kinds.append(kind)
        self.points.append(points)
        self.restarts = True

    # questions

    def _begin(self, line: Line, number: int, text: str, index: int) -> None:
        if number and number <= self.last and not self.restarts:
            self._run(self.kinds[-1], self.points[-1])
        self.restarts = False
        stem, points = marks.tail_points(text)
        asked = Asked(line.row, number, len(self.kinds) - 1, rows=[line.row], full=line.full)
        self.last = number or self.last
        self.asked.append(asked)
        self.chapters.append(self.chapter)
        self.open = True
        asked.parts["stem"] = stem
        self._tag("points", points)
        inside = marks.options_inside(stem, self.outline.next_letter(index))
        if inside:
            asked.parts["stem"] = inside[0]
            asked.options, asked.where = inside[1], "option"

    def _tag(self, name: str, text: str) -> None:
        if text and self.asked:
            self.asked[-1].parts.setdefault(name, text)

    def _touch(self, line: Line) -> None:
        if self.asked and self.asked[-1].rows[-1] != line.row:
            self.asked[-1].rows.append(line.row)

    def _complete(self, asked: Asked) -> bool:
        return asked.done or (bool(asked.answer) and asked.where != "answer") or len(asked.options) > 1

    def _is_question(self, index: int) -> bool:
        """Whether a numbered line begins a question, or goes on with a list inside the one above."""
        number, now = self.outline.numbers[index], self.now
        assert number is not None
        expected = number.value == self.last + 1 or (self.restarts and number.value == 1)
        if not self.outline.is_number(index) or ((number.tight or number.style == "space") and not expected):
            return False
        if now is None or now.where == "option" or (now.done and now.where == "answer"):
            return now is None or self.outline.numbered or self._complete(now)
        answered = self.outline.answered[index]
        if not self.outline.numbered:
            return self._complete(now) and answered
        goes_on = number.value == now.inner + 1 and (now.inner > 0 or not expected)
        # The last point of a list in a stem is followed by options as a question would be.
        if goes_on and (not answered or (now.where == "stem" and now.inner)):
            return False
        return expected or answered

    def _options(self, index: int, line: Line) -> None:
        found = marks.options(line.text, self.outline.next_letter(index))
        now = self.now
        if now is not None and found[0][0] == "A" and now.options and now.tail:
            now = self._split_tail(now, index)
        if now is None or now.where not in ("stem", "option"):
            if now is None:
                message = "这一行像是选项，上面没有题干，没有读入"
                self.problem(line.row, "选项", "option-without-stem", ERROR, message, line.text)
                return
            if now.options:
                now.more(line)
                return
        now.options += found
        now.where, now.full = "option", line.full
        now.tail = []
        self._touch(line)

    def _split_tail(self, now: Asked, index: int) -> Asked:
        """Lines below the last option are the next stem when its options follow them."""
        first, *rest = now.tail
        letter, text = now.options[-1]
        together = text
        for line in reversed(now.tail):
            together = together.removesuffix(line.text).rstrip("\n ")
        now.options[-1] = (letter, together)
        now.tail = []
        self._begin(first, 0, first.text, index - 1)
        for line in rest:
            self.asked[-1].more(line)
        return self.asked[-1]

    def _field(self, index: int, line: Line) -> None:
        said = self.outline.fields[index]
        assert said is not None
        name, text = said
        now = self.now
        if name == "stem" and (now is None or self._complete(now) or text):
            self._begin(line, 0, text, index)
        elif now is None:
            self._field_above(name, text, line)
        elif name == "answer" and now.where == "explanation" and now.answer:
            now.more(line)
        elif not now.options and (told := marks.told_options(line.text)):
            now.put("answer", told[0])
            now.options = told[1]
            self._touch(line)
        elif name not in ("mine", "nothing", "stem"):
            if name == "kind" and kind_of_section(text) is None:
                name = "chapter"
            now.put(name, text)
            now.full = line.full
            self._touch(line)
        else:
            now.where = name
            self._touch(line)

    def _field_above(self, name: str, text: str, line: Line) -> None:
        """A field before any question: 分类：… holds for those below."""
        if name == "chapter" or name == "kind":
            self.chapter = text
        elif name == "answer":
            message = "这一行像是答案，上面没有题目，没有读入"
            self.problem(line.row, "答案", "answer-without-stem", ERROR, message, line.text)

    def _text(self, index: int, line: Line) -> None:
        now = self.now
        if now is None:
            if self.outline.answered[index] and not self._is_title(index):
                self.report.problems += self.keys.close(self.asked, self.kinds)
                self._begin(line, 0, line.text, index)
            elif self.asked and not self.keys.found:
                self._stray(index)
            return
        if self._begins_anew(now, index, line):
            self._begin(line, 0, line.text, index)
        elif now.done and now.where == "answer":
            self.open = False
            self._stray(index)
        elif now.where in ("mine", "nothing"):
            self._touch(line)
        elif now.where in ("points", "difficulty", "kind"):
            self._stray(index)
        else:
            number = self.outline.numbers[index]
            if number is not None and number.value == now.inner + 1:
                now.inner = number.value
            if now.where == "stem" and (
                inside := marks.options_inside(line.text, self.outline.next_letter(index))
            ):
                now.parts["stem"] = joined(now.parts.get("stem", ""), inside[0], now.full)
                now.options, now.where, now.full = inside[1], "option", line.full
            elif not self._bare_answer(now, line):
                now.more(line)
            self._touch(line)

    def _bare_answer(self, now: Asked, line: Line) -> bool:
        """A line below the options that is nothing but letters or a word for right or wrong."""
        text = line.text.strip("。 ")
        if now.answer or not marks.is_short_answer(text):
            return False
        next_label = LABELS[min(len(now.options), 25)]
        fits = len(now.options) > 1 and text != next_label and set(text) & set(LABELS)
        judged = not now.options and self.kinds[now.run] == Kind.TRUE_FALSE and text not in LABELS
        if fits or judged:
            now.put("answer", text)
        return bool(fits or judged)

    def _is_title(self, index: int) -> bool:
        """The heading of the file: the first line, with an empty one or a question below."""
        lines = self.outline.lines
        following = lines[index + 1] if index + 1 < len(lines) else None
        below = following and (following.gap or self.outline.is_number(index + 1))
        return (
            not self.asked
            and bool(below)
            and not self.outline.letters[index + 1]
            and not self.outline.fields[index + 1]
        )

    def _begins_anew(self, now: Asked, index: int, line: Line) -> bool:
        """Whether a line without a number begins a question."""
        answered, apart = self.outline.answered[index], line.gap or line.ruled
        if now.where == "answer" and not now.answer:
            return False
        if self.outline.numbered:
            return answered and now.done and now.where != "explanation"
        if now.answer:
            return answered and (bool(apart) or now.done) and (now.where == "answer" or bool(apart))
        if now.where == "option":
            return bool(apart) and len(now.options) > 1
        told = answers.embedded(now.parts.get("stem", "")) is not None
        return told and now.where == "stem" and (bool(apart) or not now.full)

    def _stray(self, index: int) -> None:
        """Lines that belong nowhere; those that follow one another are one problem."""
        if self.strays and self.strays[-1][1] == index - 1:
            self.strays[-1][1] = index
        else:
            self.strays.append([index, index])

    def _say_strays(self) -> None:
        for first, last in self.strays:
            line = self.outline.lines[first]
            what = "这一行" if first == last else f"从这里起 {last - first + 1} 行"
            self.problem(line.row, "", "stray-line", WARNING, f"{what}不知道属于哪道题，没有读入", line.text)

    def problem(self, row: int, column: str, code: str, severity: str, message: str, value: str) -> None:
        name = self.table.sheet.name
        self.report.problems.append(Problem(name, row, column, code, severity, message, value[:200]))

    def _say_long_options(self, asked: Asked) -> None:
        """An option of several paragraphs is more likely the next question, which nothing marked."""
        for letter, text in asked.options:
            if text.count("\n") > 1:
                message = f"选项 {letter} 有 {text.count(chr(10)) + 1} 行。请核对后面是不是另一道题"
                self.problem(asked.row, "选项", "long-option", WARNING, message, text)

    # the end

    def finish(self) -> None:
        self.report.problems += self.keys.close(self.asked, self.kinds)
        self._say_strays()
        for asked, chapter in zip(self.asked, self.chapters, strict=True):
            asked.parts.setdefault("chapter", chapter)
            asked.parts.setdefault("points", self.points[asked.run])
            found = record(asked, self.kinds[asked.run])
            if isinstance(found, str):
                self.problem(asked.row, "答案", "answer-twice", ERROR, found, asked.answer)
            else:
                self.table.records.append(found)
                self._say_long_options(asked)
