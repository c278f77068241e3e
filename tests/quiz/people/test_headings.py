"""Which column is which."""

import pytest

from quiz.people.headings import columns


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("姓名 单位 手机号", {"name": 0, "unit": 1, "phone": 2}),
        ("序号 姓名* 工作单位 联系电话 备注", {"name": 1, "unit": 2, "phone": 3}),
        ("手机号码（必填） 单位名称： 真实姓名", {"phone": 0, "unit": 1, "name": 2}),
        ("工号 姓名 部门 单位 口令", {"number": 0, "name": 1, "unit": 3, "passcode": 4}),
        # Real templates: 用户名 is the name only where nothing better is.
        ("用户名 真实姓名 性别 年龄 手机号 邮箱", {"number": 0, "name": 1, "phone": 4}),
        (
            "用户名（必填） 昵称（必填） 密码（必填） 所属部门（必填） 角色（必填） 手机号码",
            {"number": 0, "name": 1, "passcode": 2, "unit": 3, "phone": 5},
        ),
        (
            "用户名(必填) 登录名(非必填) 登录密码(非必填) 手机(非必填) 邮箱 组织机构(非必填)",
            {"name": 0, "number": 1, "passcode": 2, "phone": 3, "unit": 5},
        ),
        ("姓名 登陆账号", {"name": 0, "number": 1}),
        (
            "姓名 单位 手机 职务 职级 身份类别 五进类别",
            {"name": 0, "unit": 1, "phone": 2, "post": 3, "rank": 4, "identity": 5, "category": 6},
        ),
        ("题型 题干 答案", None),
        ("王一 青石镇 13800000001", None),
        ("姓名", None),
        ("单位 职务", None),
    ],
)
def test_headings(row: str, found: dict[str, int] | None) -> None:
    assert columns(row.split()) == found
