"""Reading question banks: ``read(path)`` gives a Report, or CannotRead says why not.

One module per container: ``workbook`` (.xlsx .xls .ods) and ``text`` (.csv .tsv) hand on Sheets, ``lines``
(.txt) and ``word`` (.docx) prose that ``prose`` turns into a table; everything after that is the same.
"""

from collections.abc import Mapping
from pathlib import Path

from question_bank.columns import ColumnMapping, field_of
from question_bank.errors import CannotRead
from question_bank.kinds import deduced_codes, defined_codes, is_code, kind_of_name
from question_bank.placed import Row
from question_bank.question import Kind
from question_bank.reading import container, exchange, lines, notes, prose, text, word, workbook
from question_bank.reading.draft import Draft, looks_like, writing_of
from question_bank.reading.entries import Entries
from question_bank.reading.judging import Judge, Setting
from question_bank.reading.plain import prepare
from question_bank.reading.sheet import Sheet
from question_bank.reading.side import levels_of
from question_bank.reading.table import Table, tables, why_left_out
from question_bank.report import ERROR, LeftOut, Problem, Report

__all__ = ["read"]

_INSTRUCTIONS = ("说明", "须知", "填写", "指南", "readme", "instruction")
_EXAMPLES = ("示例", "样例", "例题", "范例", "模板示例", "example", "sample")


def read(path: str | Path, *, name: str | None = None, mapping: ColumnMapping | None = None) -> Report:
    """Read a question bank.

    ``name`` is the file's name as its owner knows it, where the path is a generated one; it also speaks
    for the kind when nothing nearer does. ``mapping`` stands in for headings that cannot be read and
    says what kind codes mean. Raises CannotRead when the file as a whole cannot be used; OSError when
    it cannot be opened.
    """
    report = judged(path, name=name, mapping=mapping)
    report.finish()
    return report


def judged(path: str | Path, *, name: str | None = None, mapping: ColumnMapping | None = None) -> Report:
    """``read`` with the questions and what is wrong with the others, before ``Report.finish``."""
    path = Path(path)
    name = (name or path.name).encode("utf-8", "replace").decode()
    data = _bytes(path)
    reader = exchange.reader_of(data) if len(data) <= container.LARGEST_FILE else None
    if reader is not None:
        return _exchanged(reader, name)
    kind = container.recognise(data)
    stem = Path(name).stem
    report = Report(name)
    chosen = _chosen(data, kind, stem, mapping, report)
    _judge_all(chosen, stem, mapping, report)
    if mapping is None and not report.questions and _answers_elsewhere(chosen):
        message = "没有找到“答案”这一列。请在表头写明答案，或指定每一列是什么。"
        raise CannotRead("no-headings", message)
    return report


def _exchanged(reader: exchange.Reader, name: str) -> Report:
    """The report on a file of an exchange format."""
    report = Report(name)
    reader(Entries(report, Path(name).stem))
    if not report.questions and not report.problems:
        raise CannotRead("no-questions", "没有找到题目。请检查文件后重新上传。")
    return report


def _bytes(path: Path) -> bytes:
    """The content, but never more than the limit and one byte."""
    with path.open("rb") as file:
        return file.read(container.LARGEST_FILE + 1)


def _chosen(
    data: bytes, kind: container.Container, stem: str, mapping: ColumnMapping | None, report: Report
) -> list[Table]:
    """The tables of a file: those it holds, else its prose put into one."""
    if kind is container.Container.DOCX:
        return _of_document(word.read(data), mapping, report)
    if kind is not container.Container.TEXT:
        return _chosen_tables(workbook.sheets(data, kind), mapping, report)
    try:
        return _chosen_tables([text.sheet(data, stem)], mapping, report)
    except CannotRead as refusal:
        if mapping or refusal.code not in ("plain-text", "no-headings", "no-questions"):
            raise
        report.left_out.clear()
        found = lines.of_text(text.decoded(data))
        if refusal.code != "plain-text" and not prose.is_bank(found):
            raise
        return [prose.read_prose(found, report)]


def _of_document(document: word.Document, mapping: ColumnMapping | None, report: Report) -> list[Table]:
    chosen = _chosen_tables(document.sheets, mapping, report) if document.sheets else []
    if not chosen or prose.is_bank(document.prose):
        chosen.append(prose.read_prose(document.prose, report))
    report.left_out += document.left_out
    return chosen


def _chosen_tables(sheets: list[Sheet], mapping: ColumnMapping | None, report: Report) -> list[Table]:
    """The tables to read; every sheet that holds none is listed with its reason."""
    chosen: list[Table] = []
    unread: list[Sheet] = []
    by_sheet = [(sheet, [] if sheet.hidden else _tables(sheet, mapping)) for sheet in sheets]
    real = [sheet for sheet, found in by_sheet if found and not _set_aside(sheet)]
    for sheet, found in by_sheet:
        if sheet.hidden:
            report.left_out.append(LeftOut(sheet.name, "hidden"))
        elif found and (sheet in real or not real):
            chosen += found
            notes.say(sheet, found, report)
        else:
            shape = why_left_out(sheet)
            reason = shape if shape == "empty" else _set_aside(sheet) or shape
            report.left_out.append(LeftOut(sheet.name, reason))
            if reason == "no-headings":
                unread.append(sheet)
    if not chosen:
        _refuse(report, unread)
    for sheet in unread:
        message = "这张表没有表头，没有读入。请加上题干、答案等表头"
        report.problems.append(Problem(sheet.name, 1, "", "no-headings", ERROR, message))
    return chosen


def _tables(sheet: Sheet, mapping: ColumnMapping | None) -> list[Table]:
    try:
        return tables(sheet, mapping)
    except ValueError as wrong:
        raise CannotRead("bad-mapping", "指定的列不在表里。请重新选择题干和答案在哪一列。") from wrong


def _set_aside(sheet: Sheet) -> str:
    """What a sheet is called when its name says that its questions are not meant to be read."""
    name = sheet.name.casefold()
    if any(word in name for word in _EXAMPLES):
        return "example"
    return "instructions" if any(word in name for word in _INSTRUCTIONS) else ""


def _refuse(report: Report, unread: list[Sheet]) -> None:
    reasons = {left.reason for left in report.left_out}
    if unread or "lookup" in reasons:
        message = "没有找到表头。请加上一行表头，写明题干、选项、答案，或指定每一列是什么。"
        raise CannotRead("no-headings", message)
    if reasons <= {"empty"}:
        raise CannotRead("empty-file", "表格里没有内容。请检查后重新上传。")
    if reasons <= {"hidden", "empty"}:
        raise CannotRead("all-hidden", "有内容的工作表都隐藏了。请取消隐藏后再传。")
    raise CannotRead("no-questions", "没有找到题目。表里要有一行表头，写明题干、选项、答案。")


def _answers_elsewhere(chosen: list[Table]) -> bool:
    """Whether no table says where its answers are, and one has a filled column that nobody can name."""
    if any(table.columns.answers for table in chosen):
        return False
    return any(
        2 * sum(1 for record in table.records if record.cells[column]) > len(table.records)
        for table in chosen
        for column, heading in enumerate(table.columns.headings)
        if column not in table.columns.used and field_of(heading) is None
    )


def _judge_all(chosen: list[Table], file_stem: str, mapping: ColumnMapping | None, report: Report) -> None:
    """Codes are a matter of the whole file, the writing of answers of each table."""
    prepared = [(table, prepare(table)) for table in chosen]
    codes = _codes(prepared, mapping)
    for table, found in prepared:
        hint = kind_of_name(table.sheet.name) or kind_of_name(file_stem)
        how = writing_of(found, table.columns, hint, codes)
        judge = Judge(Setting(table, how, codes, hint, levels_of(table)), report)
        plain: list[Row] = []
        for entry in found:
            if isinstance(entry, Draft):
                report.questions.extend(plain)
                plain.clear()
                judge.judge(entry)
            else:
                plain.append(entry)
        report.questions.extend(plain)


def _codes(
    prepared: list[tuple[Table, list[Row | Draft]]], mapping: ColumnMapping | None
) -> dict[str, Kind | str]:
    """What kind codes mean: told by the organiser, by the file's own words, else by its answers."""
    evidence, words = [], []
    for table, found in prepared:
        column = table.columns.kind
        if column is None:
            continue
        # A plain row has a word there.
        told = [(one.record.cells[column].removesuffix(".0"), one) for one in found if isinstance(one, Draft)]
        coded = [(code, draft) for code, draft in told if is_code(code)]
        if not coded:
            continue
        words += [*table.preface, table.columns.heading(column)]
        how = writing_of(found, table.columns, None, {})
        evidence += [(code, looks_like(draft, how, digits=True)) for code, draft in coded]
    if not evidence:
        return {}
    said: Mapping[str, Kind] = mapping.codes if mapping else {}
    return {**deduced_codes(evidence), **defined_codes(words), **said}
