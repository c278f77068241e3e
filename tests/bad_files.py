"""Files as they should not be, and forms as browsers send them, for the catalogue of bad input."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案"]


def single(number: object = 1, answer: object = "A", kind: str = "单选题") -> list[Any]:
    return [kind, f"第 {number} 条讲的是哪件事情？", "登记", "受理", "办理", "督查", answer]


def book(
    *rows: Sequence[Any], prepare: Callable[[Workbook], Any] | None = None, **sheets: list[list[Any]]
) -> bytes:
    made, file = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(list(row))
    for title, content in sheets.items():
        sheet = made.create_sheet(title)
        for row in content:
            sheet.append(row)
    if prepare:
        prepare(made)
    made.save(file)
    return file.getvalue()


def bank(*rows: Sequence[Any], prepare: Callable[[Workbook], Any] | None = None) -> bytes:
    return book(HEADINGS, *rows, prepare=prepare)


def csv(*rows: Sequence[Any], between: str = ",", line: str = "\r\n") -> str:
    return line.join(between.join(map(str, row)) for row in rows)


def added(content: bytes, parts: dict[str, str]) -> bytes:
    """A zip with more parts."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return file.getvalue()


def form(content: bytes, name: str = "题库.xlsx") -> dict[str, Any]:
    """Arguments of a POST of the upload form, its bytes put together here: the client leaves files open."""
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'Content-Disposition: form-data; name="file"; filename="{quoted}"'
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("bank", "0"), ("name", "条例"))
    )
    before = f"{fields}--x\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n"
    data = before.encode() + content + b"\r\n--x--\r\n"
    return {"data": data, "content_type": "multipart/form-data; boundary=x"}
