"""``python -m question_bank``: check files before anybody imports them, draw papers that can be redrawn,
and convert a bank from one format to another.

Exit codes: 0 done; 1 read but some rows have errors (check), refused (draw), or not everything could be
carried over (convert); 2 not readable or wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from question_bank.conversion import Conversion, convert
from question_bank.errors import CannotRead, CannotWrite
from question_bank.paper import History, PaperSpec, Shortage, draw
from question_bank.question import FALSE, TRUE, Kind
from question_bank.reading.child import read_limited
from question_bank.reading.entries import FOREIGN
from question_bank.reading.word import IN_WORD
from question_bank.report import ERROR, Report

_FINE, _REFUSED, _UNREADABLE = 0, 1, 2
_SHOWN = 20
_SECONDS, _MEGABYTES = 60.0, 2048
_TRUTH = {TRUE: "正确", FALSE: "错误"}
_REASONS = {
    "hidden": "隐藏",
    "instructions": "填写说明",
    "example": "示例",
    "lookup": "对照表",
    "empty": "空表",
    "no-headings": "没有表头",
    **FOREIGN,
    **IN_WORD,
}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.command == "check":
        return _check(options.files, as_json=options.json)
    if options.command == "convert":
        return _convert(options.source, options.target, keys=not options.without_keys)
    return _draw(options.file, options.spec, options.history, options.seed, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m question_bank", description="检查题库文件，按规则抽题组卷，转换题库格式。"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="检查题库文件，列出每一处问题")
    check.add_argument("files", nargs="+", metavar="FILE", type=Path)
    check.add_argument("--json", action="store_true", help="输出 JSON")
    drawn = commands.add_parser("draw", help="按抽题规则组一份试卷")
    drawn.add_argument("file", metavar="FILE", type=Path)
    drawn.add_argument("--spec", required=True, type=Path, metavar="SPEC.json", help="抽题规则文件")
    drawn.add_argument("--seed", required=True, help="抽题的种子文字，相同的种子得到相同的试卷")
    drawn.add_argument("--history", type=Path, metavar="HISTORY.json", help="抽题经过：此前谁考过哪些题")
    drawn.add_argument("--json", action="store_true", help="输出 JSON")
    _add_convert(commands.add_parser("convert", help="把题库转成另一种格式"))
    return parser


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", type=Path, help="原来的题库")
    formats = "按扩展名定格式：.xlsx .csv .gift .xml（Moodle）.zip（QTI 3）.txt（Aiken）.docx（练习册）"
    parser.add_argument("target", metavar="OUT", type=Path, help=formats)
    parser.add_argument("--without-keys", action="store_true", help="练习册不附答案")


def _check(files: Sequence[Path], *, as_json: bool) -> int:
    documents: list[dict[str, Any]] = []
    worst = _FINE
    for file in files:
        try:
            report = _read(file)
        except CannotRead as refusal:
            worst = _UNREADABLE
            documents.append({"file": file.name, "error": {"code": refusal.code, "message": refusal.message}})
            _say(f"{file.name}：{refusal.message}")
            continue
        documents.append(report.document())
        worst = max(worst, _REFUSED if report.errors else _FINE)
        if not as_json:
            print(_summary(report))
    if as_json:
        _print_json(documents if len(files) > 1 else documents[0])
    return worst


def _draw(file: Path, spec_file: Path, history_file: Path | None, seed: str, *, as_json: bool) -> int:
    try:
        spec = PaperSpec.from_json(_parsed(spec_file, "抽题规则"))
        history = History.from_json(_parsed(history_file, "抽题经过")) if history_file else None
    except ValueError as wrong:
        _say(f"{wrong}。")
        return _REFUSED
    try:
        report = _read(file)
        paper = draw([placed.question for placed in report.questions], spec, seed=seed, history=history)
    except CannotRead as refusal:
        _say(f"{file.name}：{refusal.message}")
        return _UNREADABLE
    except Shortage as shortage:
        _say(shortage.message)
        return _REFUSED
    document = paper.document()
    if as_json:
        _print_json(document)
    else:
        print(_paper_text(document))
    return _FINE


def _parsed(file: Path, what: str) -> object:
    """The JSON in ``file``. ValueError with a sentence that has no full stop yet."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise ValueError(f"打不开{what}文件 {file.name}") from None
    except json.JSONDecodeError as wrong:
        raise ValueError(f"{what}不是正确的 JSON，第 {wrong.lineno} 行有错") from None
    except UnicodeDecodeError:
        raise ValueError(f"{what}文件不是 UTF-8 编码") from None


def _convert(source: Path, target: Path, *, keys: bool) -> int:
    try:
        done = convert(source, target, keys=keys, reader=_read)
    except CannotRead as refusal:
        _say(f"{source.name}：{refusal.message}")
        return _UNREADABLE
    except CannotWrite as refusal:
        _say(f"{target.name}：{refusal.message}")
        return _UNREADABLE if refusal.code == "unknown-format" else _REFUSED
    except OSError:
        _say(f"{target.name}：写不了这个文件。请检查文件夹是否存在、有没有权限。")
        return _REFUSED
    print(f"{target.name}  写出 {done.written} 题")
    for sentence in _losses(done):
        _say(sentence)
    return _REFUSED if done.losses or done.report.errors else _FINE


def _losses(done: Conversion) -> list[str]:
    """One line for each thing that is not in the new file."""
    lines = [f"{problem.sheet}!{problem.row}  没有读入：{problem.message}" for problem in done.report.errors]
    return lines + [f"第 {loss.number} 题  {loss.message}" for loss in done.losses]


def _read(file: Path) -> Report:
    try:
        file.open("rb").close()
    except FileNotFoundError as wrong:
        raise CannotRead("no-such-file", "找不到这个文件。") from wrong
    except OSError as wrong:
        raise CannotRead("no-access", "打不开这个文件，请检查权限。") from wrong
    return read_limited(file, seconds=_SECONDS, megabytes=_MEGABYTES)


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=None))


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _summary(report: Report) -> str:
    """What an organiser wants to know, errors first, at most twenty lines of them."""
    counts = report.by_kind()
    lines = [report.file, f"  可用 {len(report.questions)} 题"]
    lines += [f"    {kind.chinese} {counts[kind.value]:>6}" for kind in Kind if counts[kind.value]]
    for left in report.left_out:
        what = "" if left.reason in FOREIGN or left.reason in IN_WORD else "工作表"
        lines.append(f"  没有读入{what}“{left.sheet}”：{_REASONS.get(left.reason, left.reason)}")
    if report.changed:
        lines.append(f"  自动改好 {len(report.changed)} 处")
    if report.duplicates:
        same = sum(1 for twin in report.duplicates if twin.same == "all")
        lines.append(f"  题干重复 {len(report.duplicates)} 题，其中完全相同 {same} 题")
    if report.problems:
        errors = len(report.errors)
        lines.append(f"  有错误 {errors} 处，需要核对 {len(report.problems) - errors} 处")
    for problem in report.problems[:_SHOWN]:
        mark = "错误" if problem.severity == ERROR else "核对"
        column = f"  {problem.column}" if problem.column else ""
        lines.append(f"    {mark}  {problem.sheet}!{problem.row}{column}  {problem.message}")
    if len(report.problems) > _SHOWN:
        lines.append(f"    另有 {len(report.problems) - _SHOWN} 处，用 --json 查看全部")
    return "\n".join(lines)


def _paper_text(document: dict[str, Any]) -> str:
    lines = []
    for item in document["items"]:
        lines.append(f"{item['position']}. {item['stem']}（{item['points']:g} 分）")
        lines += [f"   {option['label']}. {option['text']}" for option in item["options"]]
        lines.append(f"   答案：{'、'.join(_TRUTH.get(entry, entry) for entry in item['key'])}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
