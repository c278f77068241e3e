"""Questions of every kind, for writing and reading back."""

import pytest

from question_bank.question import Difficulty, Kind, Question


@pytest.fixture
def bank() -> list[Question]:
    return [
        Question(
            Kind.SINGLE,
            "信访事项应当自受理之日起多少日内办结？",
            ("三十日", "六十日", "九十日", "一年"),
            ("B",),
            "办理期限为六十日。",
            "《信访工作条例》（示例）",
            "第四章 / 第二节",
            Difficulty.EASY,
            2.0,
        ),
        Question(Kind.MULTIPLE, "哪些是标签？", ("<img>", "<% x %>", "{a}", "C:\\n"), ("A", "B")),
        Question(
            Kind.TRUE_FALSE, "=1+1 是公式。", (), ("F",), "第一行\n\n第三行", difficulty=Difficulty.HARD
        ),
        Question(Kind.FILL, "信访人应当向 ____ 提出，期限 ____ 日。", (), ("有权机关|||机关", "60|||六十")),
        Question(Kind.FILL, "谁负责？", (), ("属地", "主管"), points=1.5),
        Question(Kind.SHORT, "简述办理步骤：\n一、登记 🙂", (), ("受理；\n办理；答复",)),
    ]
