"""Exchange formats of other programs, told by their content: GIFT, Aiken, Moodle XML and QTI."""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable

from question_bank.errors import CannotRead
from question_bank.reading import aiken, gift, guard, moodle, qti, text, tree
from question_bank.reading.entries import Entries

Reader = Callable[[Entries], None]

_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_HIGH = re.compile(rb"[\x80-\xff]")
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:[?!]|(?:html|head|body|meta|style|script|table)\b)", re.IGNORECASE
)
_LEAST = re.compile(rb"[{]|ANSWER\s*:|\$CATEGORY", re.IGNORECASE)


def reader_of(data: bytes) -> Reader | None:
    """What reads this file into entries; None when it is none of these formats.

    Calling the reader raises CannotRead when the file as a whole cannot be used.
    """
    if data.startswith(b"PK"):
        return (lambda entries: qti.read_package(data, entries)) if _is_package(data) else None
    root = tree.root_name(data)
    if root == "quiz":
        return lambda entries: moodle.read(tree.parse(data), entries)
    if root in ("assessmentItem", "qti-assessment-item"):
        return lambda entries: qti.read_item(tree.parse(data), 1, entries)
    if root == "questestinterop":
        message = "这是 QTI 1.2 的题库，这里读 QTI 2 和 3。请改用 QTI 2 或 3 导出后再传。"
        raise CannotRead("qti-1", message)
    # A stem may begin with a tag, but a page of the web has the tags of a page.
    return None if root and _PAGE.match(data) else _text_reader(data)


def _is_package(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A document of an office program may carry anything else inside.
            names = archive.namelist()
    except guard.BROKEN_ZIP:
        return False
    office = any(name in ("[Content_Types].xml", "mimetype") for name in names)
    return not office and any(posixpath.basename(name) == qti.MANIFEST for name in names)


def _text_reader(data: bytes) -> Reader | None:
    if not _LEAST.search(data) and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return None
    try:
        content = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    except CannotRead:
        return None
    own = content.lstrip().startswith(gift.HEAD)
    if not own and aiken.looks_like(content):
        return lambda entries: aiken.read(content, entries)
    if own or (gift.looks_like(content) and not text.has_headings(content)):
        return lambda entries: gift.read(content, entries)
    return None


def _decoded(data: bytes) -> str:
    """As text files are decoded, but western single bytes are no Chinese.

    In Windows-1252 a letter with an accent stands alone between plain ones; bytes of GBK come in pairs.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        alone, high = len(_ALONE.findall(data)), len(_HIGH.findall(data))
        if alone > 0.8 * high:
            return data.decode("cp1252", "replace")
        return text.decoded(data)
