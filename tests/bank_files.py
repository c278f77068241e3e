"""Small question files, and sending them as the organiser does."""

import io
from typing import Any

from factories import PASSWORD
from flask.testing import FlaskClient
from openpyxl import Workbook

HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析", "依据", "章节", "难度"]
GOOD = [
    [
        "单选题",
        "图书馆星期几闭馆？",
        "星期一",
        "星期三",
        "星期五",
        "星期日",
        "A",
        "解析甲",
        "规则",
        "第一章",
        "易",
    ],
    ["多选题", "办证要带什么？", "身份证", "照片", "户口簿", "押金", "AB", "", "", "第一章", "中"],
    ["判断题", "对外地读者开放。", "", "", "", "", "√", "", "", "第二章", "难"],
    ["填空题", "借期是____天。", "", "", "", "", "30", "", "", "第二章", ""],
]
BAD = [
    ["单选题", "两个字母的单选", "甲", "乙", "丙", "丁", "ABD", "", "", "", ""],
    ["单选题", "答案在选项之外", "甲", "乙", "丙", "丁", "E", "", "", "", ""],
]


def xlsx(rows: list[list[Any]], *, title: str = "题目") -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in [HEADINGS, *rows]:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def sign_in(client: FlaskClient, name: str) -> FlaskClient:
    assert client.post("/admin/sign-in", data={"name": name, "password": PASSWORD}).status_code == 302
    return client


def upload(
    desk: FlaskClient,
    content: bytes,
    *,
    name: str = "题库.xlsx",
    bank: str = "条例",
    which: str = "0",
    **more: Any,
) -> Any:
    data = {"file": (io.BytesIO(content), name), "bank": which, "name": bank, **more}
    data = {field: value for field, value in data.items() if value is not None}
    return desk.post("/admin/questions/import", data=data, content_type="multipart/form-data")
