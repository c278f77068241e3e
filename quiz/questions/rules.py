"""Names of banks and files, and why an import is refused."""

import re

from quiz.errors import RuleBroken

LONGEST_NAME = 80
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


class FileRefused(RuleBroken):
    """The file as a whole cannot be used; nothing was stored."""

    code = "file-refused"
    status = 422


class NothingRead(FileRefused):
    code = "nothing-read"
    message = "表里没有题目，只有表头。请填好题目后再传。"


class CannotExport(RuleBroken):
    """A question does not fit into the file; the message says which and why."""

    code = "cannot-export"


class BadBankName(RuleBroken):
    code = "bad-bank-name"
    message = f"题库名称要有 1 到 {LONGEST_NAME} 个字。"
    status = 422


class AlreadyImported(RuleBroken):
    code = "already-imported"
    message = "这份文件已经入库，不能再丢弃。"


def clean_name(text: str) -> str:
    """The text on one line, without control and invisible characters."""
    return " ".join(_CONTROL.sub("", text).split())


def clean_bank_name(text: str) -> str:
    name = clean_name(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadBankName
    return name


def clean_file_name(text: str) -> str:
    """The name as its owner knows it, for showing only: no folders, nothing invisible, not too long."""
    name = clean_name(re.split(r"[/\\]", text)[-1])
    return name if len(name) <= 120 else name[:100] + "…" + name[-19:]


class ImportOver(RuleBroken):
    code = "import-over"
    message = "这次导入已经结束，不能再改。"


class NotFixed(RuleBroken):
    code = "not-fixed"
    message = "这一行现在不能这样处理。请刷新后再看。"
