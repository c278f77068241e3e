"""What a file really is, by its content: the extension often lies (bank_formats §5)."""

import io
import zipfile
from enum import StrEnum

from question_bank.errors import CannotRead

LARGEST_FILE = 20 * 1024 * 1024
_AGAIN = "请用 WPS 另存为 .xlsx 后再传。"
_OLD_WORD = "这是旧格式的 Word 文档，打不开。请用 WPS 打开，另存为 .docx 后再传。"
_WEB_PAGE = "这是网页，不是题库。请把题目复制到 WPS，另存为 .xlsx 或 .docx 后再传。"


class Container(StrEnum):
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    DOCX = "docx"
    TEXT = "text"


#: First bytes of what is often uploaded by mistake, with what to call it.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文档"),
    (b"{\\rtf", "RTF 文档"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"II*\x00", "图片"),
    (b"RIFF", "图片或录音"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"BZh", "压缩包"),
    (b"\xfd7zXZ", "压缩包"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
    (b"SQLite format 3", "数据库"),
)
_PARTS: tuple[tuple[str, str, str], ...] = (
    ("ppt/", "presentation", "这是演示文稿，不是表格。请把题目整理成 .xlsx 表格后再传。"),
    ("xl/workbook.bin", "xlsb", "这是 .xlsb 工作簿，打不开。" + _AGAIN),
    ("Index/", "numbers", "这是 Numbers 表格，打不开。请导出为 .xlsx 后再传。"),
    ("Index.zip", "numbers", "这是 Numbers 表格，打不开。请导出为 .xlsx 后再传。"),
    ("imsmanifest.xml", "course-package", "这是题库交换包，现在只读表格。请导出为 .xlsx 后再传。"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def recognise(data: bytes) -> Container:
    """The container. CannotRead says in one sentence what the file is instead."""
    if not data:
        raise CannotRead("empty-file", "文件是空的。请检查后重新上传。")
    if len(data) > LARGEST_FILE:
        raise CannotRead("file-too-large", "文件超过 20 MB。请去掉图片或分成几个文件再传。")
    if data.startswith(_OLE):
        return _in_ole(data)
    if data.startswith(b"PK"):
        return _in_zip(data)
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise CannotRead("not-a-table", f"这是{name}，不是题库。请传表格、Word 文档或文本文件。")
    _refuse_markup(data)
    return Container.TEXT


def _in_ole(data: bytes) -> Container:
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        raise CannotRead("password", "这个工作簿加了密码。请先去掉密码再传。")
    if holds("Workbook") or holds("Book"):
        return Container.XLS
    if holds("WordDocument"):
        raise CannotRead("old-word", _OLD_WORD)
    if holds("PowerPoint Document"):
        raise CannotRead("presentation", "这是演示文稿，不是表格。请把题目整理成 .xlsx 表格后再传。")
    raise CannotRead("damaged", "这个文件打不开，可能已损坏。" + _AGAIN)


def _in_zip(data: bytes) -> Container:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            kind = archive.open("mimetype").read(200) if "mimetype" in names else b""
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError, EOFError) as wrong:
        raise CannotRead("damaged", "这个文件打不开，可能没有传完整。" + _AGAIN) from wrong
    if "xl/workbook.xml" in names:
        return Container.XLSX
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return Container.ODS
    if any(name.startswith("word/") for name in names):
        return Container.DOCX
    for start, code, message in _PARTS:
        if any(name.startswith(start) for name in names):
            raise CannotRead(code, message)
    if kind.startswith(b"application/vnd.oasis.opendocument"):
        raise CannotRead("word-document", "这是 OpenDocument 文档，打不开。请用 WPS 另存为 .docx 后再传。")
    raise CannotRead("archive", "这是压缩包。请解压后再传里面的表格。")


def _refuse_markup(data: bytes) -> None:
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<style")):
        raise CannotRead("web-page", _WEB_PAGE)
    if head.startswith(b"<"):
        if b"word.document" in head or b"office/word/" in head or b"2006/xmlpackage" in head:
            raise CannotRead("old-word", _OLD_WORD)
        if b"urn:schemas-microsoft-com:office:spreadsheet" in head or b"<html" in head:
            raise CannotRead("web-page", "这是网页或 XML 格式的表格。" + _AGAIN)
        raise CannotRead("markup", "这是 XML 文件，里面没有认得出的题目。" + _AGAIN)
    if head.startswith(b"mime-version:") and b"multipart/related" in head:
        raise CannotRead("web-page", _WEB_PAGE)
