"""The roster template an organiser can download and fill in."""

import io

from xlsxwriter import Workbook

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = {
    "姓名": 12,
    "单位": 26,
    "手机号": 16,
    "工号": 12,
    "口令": 12,
    "职务": 18,
    "职级": 14,
    "身份类别": 14,
    "五进类别": 12,
}
_GUIDE = (
    ("姓名", "必填。少数民族姓名中间的点写“·”。"),
    ("单位", "必填。同一个单位每一行写法要一样。"),
    ("手机号", "11 位。手机号和工号至少填一个。"),
    ("工号、口令", "没有手机号的人用工号和口令登录。两列都已设为文本，开头的 0 不会丢。"),
    ("其他列", "可以不填。"),
    ("再次导入", "手机号或工号相同的人只更新，不会重复。"),
)


def template() -> bytes:
    """Text columns, so that no program turns a phone into 1.38E+10 or 007 into 7."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"num_format": "@", "bold": True, "bg_color": "#F3EDE1", "bottom": 1})
        sheet = book.add_worksheet("名册")
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(_WIDTHS.items()):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, heading, head)
        guide = book.add_worksheet("填写说明")
        guide.set_column(0, 0, 14, text)
        guide.set_column(1, 1, 70, text)
        for row, line in enumerate(_GUIDE):
            for column, words in enumerate(line):
                guide.write_string(row, column, words, text)
    return file.getvalue()
