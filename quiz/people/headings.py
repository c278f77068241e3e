"""Which column of a roster is which, by its heading (reference/bank_formats.md §10)."""

import re
import unicodedata
from collections.abc import Sequence

#: Where the headings may stand: titles, the date and notes on filling in come above.
WITHIN = 15

#: Per field its headings, the surest first: with both 单位 and 部门 in a file, 单位 counts.
_HEADINGS = {
    "name": "姓名 真实姓名 人员姓名 员工姓名 干部姓名 考生姓名 参考人员 名字 昵称 用户名 name realname",
    "unit": "单位 单位名称 所在单位 所属单位 工作单位 参考单位 部门单位 所在部门 所属部门 部门 部门名称 "
    "组织机构 机构 机构名称 所属机构 所在机构 组织 乡镇 镇街 镇办 科室 unit department",
    "phone": "手机号 手机号码 手机 移动电话 联系手机 联系电话 电话号码 电话 联系方式 mobile phone tel",
    "number": "工号 职工号 职工编号 员工号 员工编号 人员编号 干部编号 警号 学号 登录名 登录账号 登陆账号 "
    "登录帐号 登陆帐号 账号 帐号 用户名 number account username",
    "passcode": "口令 登录口令 初始口令 密码 登录密码 登陆密码 初始密码 password",
    "post": "职务 现任职务 工作职务 职位 岗位 post",
    "rank": "职级 行政级别 级别 rank",
    "identity": "身份类别 人员身份 人员类别 身份 类别",
    "category": "五进类别 五进",
    "room": "考场 考场名称 考场号 考场编号 考点考场",
    "seat": "座位号 座号 座位 考场座位 座位编号",
}
_PRIORITY = {
    field: {heading: place for place, heading in enumerate(words.split())}
    for field, words in _HEADINGS.items()
}
_BRACKETED = re.compile(r"[(\[【〔（].*?[)\]】〕）]")


def bare(heading: str) -> str:
    """The form in which headings are looked up: 手机号码 for "＊手 机 号码（必填）"."""
    folded = _BRACKETED.sub("", unicodedata.normalize("NFKC", heading).casefold())
    return re.sub(r"[\s*:：、/_\-]", "", folded)


def is_name(cell: str) -> bool:
    """Whether the cell is a heading that asks for a name; 用户名 and Name are left to those called so."""
    return bare(cell) in {"姓名", "真实姓名", "人员姓名", "员工姓名", "干部姓名", "考生姓名"}


def columns(row: Sequence[str]) -> dict[str, int] | None:
    """The column of each field found, or None when the row is no row of headings.

    用户名 is a name where nothing better is, else a 工号. Any two fields, one of them naming somebody,
    make a heading: what is missing is then said in words, by name.
    """
    found: dict[str, int] = {}
    words = [bare(cell) if len(cell) <= 30 else "" for cell in row]
    for field, known in _PRIORITY.items():
        placed = [(known[word], column) for column, word in enumerate(words) if word in known]
        free = [place for place in placed if place[1] not in found.values()]
        if free:
            found[field] = min(free)[1]
    names_somebody = found.keys() & {"name", "phone", "number"}
    return found if names_somebody and len(found) > 1 else None
