"""Question banks written as prose, in the layouts of bank_formats §6; every question here is our own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.errors import CannotRead
from question_bank.question import Kind, Question
from question_bank.reading import read
from question_bank.report import Report

Prose = Callable[..., Report]


@pytest.fixture
def prose(tmp_path: Path) -> Prose:
    def made(text: str, *, name: str = "题库.txt", encoding: str = "utf-8") -> Report:
        (tmp_path / name).write_bytes(text.strip("\n").encode(encoding))
        return read(tmp_path / name)

    return made


def questions(report: Report) -> list[Question]:
    return [placed.question for placed in report.questions]


def only(report: Report) -> Question:
    assert [problem.message for problem in report.problems] == []
    (question,) = questions(report)
    return question


def codes(report: Report) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.problems]


COLOURS = ("红", "绿", "蓝", "黄")


@pytest.mark.parametrize(
    "number",
    [
        "1.",
        "1．",
        "1、",
        "1\t",
        "1 ",
        "1.\n",
        "（1）",
        "(1) ",
        "1)",
        "（一）",
        "一、",
        "第1题 ",
        "第一题：",
        "1.【单选题】",
        "[单选]1.",
        "1. (单选题, 1.0 分) (1分)",
        "1|||",
        "1.(单选题)",
        "题目：",
        "【1】",
        "Q1. ",
        "",
    ],
)
def test_numbers(prose: Prose, number: str) -> None:
    question = only(prose(f"{number}信访件的封皮是哪种颜色？\nA.红\nB.绿\nC.蓝\nD.黄\n答案：B"))
    assert question.stem == "信访件的封皮是哪种颜色？"
    assert (question.kind, question.options, question.key) == (Kind.SINGLE, COLOURS, ("B",))


@pytest.mark.parametrize(
    "options",
    [
        "A.红\nB.绿\nC.蓝\nD.黄",
        "A．红\nB．绿\nC．蓝\nD．黄",
        "A、红\nB、绿\nC、蓝\nD、黄",
        "A：红\nB：绿\nC：蓝\nD：黄",
        "(A)红\n(B)绿\n(C)蓝\n(D)黄",
        "（A） 红\n（B） 绿\n（C） 蓝\n（D） 黄",
        "A 红\nB 绿\nC 蓝\nD 黄",
        "- A. 红\n- B. 绿\n- C. 蓝\n- D. 黄",
        "[A] 红\n[B] 绿\n[C] 蓝\n[D] 黄",
        "a. 红\nb. 绿\nc. 蓝\nd. 黄",
        "Ａ．红\nＢ．绿\nＣ．蓝\nＤ．黄",
        "A.红 B.绿 C.蓝 D.黄",
        "A.红\tB.绿\tC.蓝\tD.黄",
        "A.红  B.绿\nC.蓝  D.黄",
        "A红  B绿  C蓝  D黄",
        "A红\nB绿\nC蓝\nD黄",
        "A.红\nB.绿\nC蓝\nD.黄",
        "A.红B.绿C.蓝D.黄",
        "A.红；B.绿；C.蓝；D.黄",
        "A)红\nB)绿\nC)蓝\nD)黄",
        "\nA.红\n\nB.绿\n\nC.蓝\n\nD.黄\n",
    ],
)
def test_options(prose: Prose, options: str) -> None:
    question = only(prose(f"1.信访件的封皮是哪种颜色？\n{options}\n答案：B"))
    assert (question.stem, question.options, question.key) == ("信访件的封皮是哪种颜色？", COLOURS, ("B",))


def test_options_behind_the_stem_on_its_line(prose: Prose) -> None:
    question = only(prose("1.封皮是（　）。A.红 B.绿 C.蓝 D.黄\n答案：C"))
    assert (question.stem, question.options, question.key) == ("封皮是（　）。", COLOURS, ("C",))


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ("答案：B", "B"),
        ("答案:B", "B"),
        ("正确答案：B", "B"),
        ("正确答案 B", "B"),
        ("参考答案：B", "B"),
        ("【答案】B", "B"),
        ("答案】B", "B"),
        ("【答】B", "B"),
        ("标准答案为：B", "B"),
        ("答：B", "B"),
        ("我的答案：A\n正确答案：B", "B"),
        ("我的答案:正确答案:B", "B"),
        ("我的答案: A 正确答案: B;", "B"),
        ("正确答案：A,C,D", "ACD"),
        ("参考答案：ACD", "ACD"),
        ("答案：A、C、D", "ACD"),
        ("答案：DCA", "ACD"),
        ("答案：a", "A"),
        ("答案：Ｂ", "B"),
        ("（答案：B）", "B"),
        ("答案：B。", "B"),
        ("答案：B、绿", "B"),
        ("\\ans:B", "B"),
        ("答案：\nB", "B"),
        ("ANSWER：B", "B"),
        ("B", "B"),
        ("ACD", "ACD"),
        ("答案：绿", "B"),
    ],
)
def test_answers(prose: Prose, answer: str, key: str) -> None:
    question = only(prose(f"1.封皮有哪些颜色？\nA.红\nB.绿\nC.蓝\nD.黄\n{answer}"))
    assert question.key == tuple(key)
    assert question.options == COLOURS


@pytest.mark.parametrize(
    ("stem", "key", "left"),
    [
        ("封皮是（ D ）。", "D", "封皮是（　）。"),
        ("封皮是（AC）", "AC", "封皮是（　）"),
        ("封皮是( Ｂ )色", "B", "封皮是（　）色"),
    ],
)
def test_answers_in_the_stem(prose: Prose, stem: str, key: str, left: str) -> None:
    report = prose(f"1.{stem}\nA.红\nB.绿\nC.蓝\nD.黄\n2.另一题是（A）。\nA.甲\nB.乙")
    assert [(question.key, question.stem) for question in questions(report)] == [
        (tuple(key), left),
        (("A",), "另一题是（　）。"),
    ]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("（√）", "T"),
        ("（× ）", "F"),
        ("( 对 )", "T"),
        ("（错）", "F"),
        ("\n答案：正确", "T"),
        ("\n答案：错误", "F"),
        ("\n【答案】√", "T"),
        ("\n答案：×", "F"),
        ("\n参考答案：❌", "F"),
        ("\n参考答案：✔", "T"),
        ("\n答案：对", "T"),
        ("\n答案：F", "F"),
        ("\nA.正确\nB.错误\n答案：B", "F"),
        ("\nA.错误\nB.正确\n答案：B", "T"),
        ("\ntrue. 正确\nfalse. 错误\n参考答案：✔", "T"),
        ("^*^答案：正确", "T"),
        ("\n√", "T"),
    ],
)
def test_judge_questions(prose: Prose, written: str, key: str) -> None:
    report = prose(
        f"二、判断题（每题1分，共10分）\n1.信访可以采用走访形式。{written}\n2.来信要登记。{written}"
    )
    first, second = questions(report)
    assert (first.kind, first.key, first.options, first.points) == (Kind.TRUE_FALSE, (key,), (), 1)
    assert first.stem.startswith("信访可以采用走访形式。")
    assert second.key == (key,)
    assert report.problems == []


def test_sections_give_kind_and_points(prose: Prose) -> None:
    report = prose(
        """
信访知识竞赛题库

一、单项选择题（每题2分，共4分）
1.封皮是？
A.红
B.绿
答案：A
2.封底是？（3分）
A.红
B.绿
答案：B
二、多选题（本大题共1小题，每小题 3 分，共3分。多选、少选不得分，请将正确的选项填在括号里，每题都要作答）
1.首页有？
A.红
B.绿
答案：AB
三、填空题
1.信访的形式有____和____。
答案：书信、走访
四、简答题
1.什么是初信？
答：第一次来信。
要点如下：
1.没有来过；
2.内容是新的。
2.什么是重信？
答案：再次来信。
"""
    )
    assert report.problems == []
    found = questions(report)
    assert [question.kind.value for question in found] == [
        "single",
        "single",
        "multiple",
        "fill",
        "short",
        "short",
    ]
    assert [question.points for question in found] == [2, 3, 3, None, None, None]
    assert found[1].stem == "封底是？"
    assert found[3].key == ("书信", "走访")
    assert found[4].key == ("第一次来信。\n要点如下：\n1.没有来过；\n2.内容是新的。",)
    assert [placed.row for placed in report.questions] == [4, 8, 13, 18, 21, 26]


def test_everything_around_a_question(prose: Prose) -> None:
    question = only(
        prose(
            """
第一章 总则
1.【单选题】封皮是？
A.红
B.绿
答案：B 难度：难 知识点：装订
解析：见第二条。
绿色容易辨认。
依据：《装订办法》第三条
分数:10
能力水平:1
------------
"""
        )
    )
    assert question.explanation == "见第二条。\n绿色容易辨认。"
    assert (question.basis, question.chapter, question.points) == ("《装订办法》第三条", "装订", 10)
    assert question.difficulty.chinese == "难"


def test_chapters_hold_for_the_questions_below(prose: Prose) -> None:
    text = "--- 《章程》 ---\n1.甲是？\nA.一\nB.二\n答案：A\n第02讲 程序\n1.乙是？\nA.一\nB.二\n答案：A"
    assert [question.chapter for question in questions(prose(text))] == ["《章程》", "第02讲 程序"]


def test_without_numbers_but_with_empty_lines(prose: Prose) -> None:
    report = prose(
        "封皮是（A）\nA.红\nB.绿\n\n封底是（B）\nA.红\nB.绿\n\n走访可以代替来信。（×）\n\n来信要登记。（√）"
    )
    assert [question.key for question in questions(report)] == [("A",), ("B",), ("F",), ("T",)]
    assert report.problems == []


def test_without_numbers_and_without_empty_lines(prose: Prose) -> None:
    text = "封皮是()。\nA 红\nB 绿\\ans:B\n"
    text += "2021 年的封底是()。\nA 红\nB 绿\nC 用于两年的蓝\\ans:AC\n首页是（ ）。\nA 红\nB 绿\\ans:A"
    found = questions(prose(text))
    assert [question.key for question in found] == [("B",), ("A", "C"), ("A",)]
    assert found[1].stem == "2021 年的封底是()。"
    assert found[1].options[2] == "用于两年的蓝"


CHOICES = "".join(f"{n}.第{n}问选什么？\nA.甲{n}\nB.乙{n}\nC.丙{n}\nD.丁{n}\n" for n in range(1, 11))


@pytest.mark.parametrize(
    "listed",
    [
        "参考答案\n1-10 DCDBB BADCB",
        "答案：\n1-5 DCDBB\n6-10 BADCB",
        "1-10  DCD BBBA DCB",
        "参考答案：\n1—5：D C D B B\n6—10：B,A,D,C,B",
        "1.D 2.C 3.D 4.B 5.B\n6.B 7.A 8.D 9.C 10.B",
        "1-5 DCDBB 6-10 BADCB",
        "答案\n1.D\n2.C\n3.D\n4.B\n5.B\n6.B\n7.A\n8.D\n9.C\n10.B",
        "题号\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\n答案\tD\tC\tD\tB\tB\tB\tA\tD\tC\tB",
        "附：参考答案及解析\n1.【答案】D\n2.C\n3.D\n【解析】见第三条。\n4.B\n5.B\n6.B\n7.A\n8.D\n9.C\n10.B",
    ],
)
def test_keys_at_the_end(prose: Prose, listed: str) -> None:
    report = prose(CHOICES + listed)
    assert report.problems == []
    assert "".join(question.key[0] for question in questions(report)) == "DCDBBBADCB"


def test_keys_at_the_end_by_section(prose: Prose) -> None:
    text = (
        "一、单选题\n1.甲？\nA.一\nB.二\n2.乙？\nA.一\nB.二\n二、多选题\n1.丙？\nA.一\nB.二\nC.三\n2.丁？\nA.一\nB.二\n"
        "三、判断题\n1.戊。（  ）\n2.己。（  ）\n"
        "参考答案\n一、单选题\n1-2 BA\n二、多选题\n1-2 ABC AB\n三、判断题\n1-2 √×"
    )
    report = prose(text)
    assert report.problems == []
    assert [question.key for question in questions(report)] == [
        ("B",),
        ("A",),
        ("A", "B", "C"),
        ("A", "B"),
        ("T",),
        ("F",),
    ]


def test_a_list_that_does_not_fit_is_not_used(prose: Prose) -> None:
    report = prose(CHOICES + "1-10 DCDBB BADC")
    assert questions(report) == []
    row = CHOICES.count("\n") + 1
    assert (row, "答案", "key-list-count") in codes(report)
    assert [code for _, _, code in codes(report)].count("no-key") == 10
    report = prose("一、单选题\n1.甲？\nA.一\nB.二\n二、多选题\n1.丙？\nA.一\nB.二\nC.三\n1-1 A\n")
    assert questions(report) == []
    assert "key-list-unmatched" in [code for _, _, code in codes(report)]


def test_a_key_is_never_guessed(prose: Prose) -> None:
    report = prose(
        "1.甲？\nA.一\nB.二\n2.乙（A）类（B）类？\nA.一\nB.二\n3.丙。\n"
        "4.丁？\nA.一\nB.二\n答案：D\n5.戊？\nA.一\nB.二\n答案：A"
    )
    assert [placed.row for placed in report.questions] == [12]
    assert codes(report) == [
        (1, "答案", "no-key"),
        (4, "答案", "no-key"),
        (7, "题干", "unknown-kind"),
        (8, "答案", "key-beyond-options"),
    ]


def test_two_answers_that_differ_are_a_problem(prose: Prose) -> None:
    report = prose("1.封皮是（A）。\nA.红\nB.绿\n答案：B\n2.封底是（A）。\nA.红\nB.绿\n答案：A")
    assert codes(report) == [(1, "答案", "answer-twice")]
    assert questions(report)[0].stem == "封底是（　）。"


def test_a_letter_that_was_left_out_or_stands_twice(prose: Prose) -> None:
    report = prose("1.封皮是？\nA.红\nB.绿\nD.黄\n答案：D\n2.封底是？\nA.红\nB.绿\n答案：A")
    assert codes(report) == [(1, "选项", "empty-option")]


def test_lines_broken_by_the_margin_and_feet_of_pages(prose: Prose) -> None:
    line = "信访工作联席会议由党委和政府的领导同志担任召集人并且负责统筹协调和督促落实"
    part = "".join(
        f"{n}.{line}第{n}\n件事情的是（ ）。\nA.甲{n}\n第 {n} 页 共 9 页\nB.{line}乙\n方\n{n}\n正确答案：B\n"
        for n in range(1, 8)
    )
    report = prose(part)
    found = questions(report)
    assert len(found) == 7
    assert found[2].stem == f"{line}第3件事情的是（ ）。"
    assert found[2].options[1] == f"{line}乙方"
    assert codes(report) == [(4, "", "running-lines")]


def test_lists_inside_a_stem(prose: Prose) -> None:
    text = "1.下列说法：\n（1）甲；\n（2）乙；\n正确的是？\nA.（1）\nB.（2）\n答案：A\n"
    text += "2.下列：\n1.甲\n2.乙\n3.丙\n都对的是？\nA.12\nB.23\n答案：B\n3.末题？\nA.一\nB.二\n答案：A"
    report = prose(text)
    assert report.problems == []
    assert [question.stem.count("\n") for question in questions(report)] == [3, 4, 0]


def test_numbers_that_are_none(prose: Prose) -> None:
    text = "1.增长了\n3.5个百分点的是？\nA.甲\nB.乙\n答案：A\n2.2021年通过的是？\nA.1.5米\nB.2.5米\n答案：B"
    found = questions(prose(text))
    assert [question.stem for question in found] == ["增长了\n3.5个百分点的是？", "2021年通过的是？"]
    assert found[1].options == ("1.5米", "2.5米")


def test_options_that_begin_with_a_letter(prose: Prose) -> None:
    text = "1.选哪个？\nA. A类火灾\nB. C++\nC. 维生素B、C\nD. EB\n答案：B"
    assert only(prose(text)).options == ("A类火灾", "C++", "维生素B、C", "EB")


def test_a_whole_bank_on_one_line(prose: Prose) -> None:
    bank = " ".join(
        f"{n}.信访工作应当坚持的第{n}项原则是（ ）。A.甲{n} B.乙{n} C.丙{n} D.丁{n} 答案：B"
        for n in range(1, 13)
    )
    report = prose(f"一、单选题 {bank} 二、判断题 1.来信要登记。（√） 2.来访不登记。（×）")
    assert report.by_kind() | {"single": 12, "true_false": 2} == report.by_kind()
    assert report.problems == []


def test_radicals_become_characters_and_are_listed(prose: Prose) -> None:
    report = prose("1.⼯作是？\nA.⼀\nB.⼆\n答案：A")
    assert questions(report)[0].stem == "工作是？"
    change = report.changed[0]
    assert (change.row, change.from_, change.to) == (1, "1.⼯作是？", "1.工作是？")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(prose: Prose, encoding: str, end: str) -> None:
    text = "1.封皮是？\nA.红\nB.绿\n答案：B".replace("\n", end)
    assert only(prose(text, encoding=encoding)).key == ("B",)


def test_letters_with_their_texts_as_answer(prose: Prose) -> None:
    question = only(prose("1.封皮是？\nA.红\nB.绿\n正确答案：B.绿\n答案解析：略"))
    assert (question.key, question.explanation) == (("B",), "略")


def test_lines_that_belong_nowhere_are_said(prose: Prose) -> None:
    report = prose("1.封皮是？\nA.红\nB.绿\n答案：B\n以上内容由办公室整理\n2.封底是？\nA.红\nB.绿\n答案：B")
    assert codes(report) == [(5, "", "stray-line")]
    assert len(report.questions) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("关于做好信访工作的通知\n各单位：\n请按时报送材料。", "plain-text"),
        ("标题\n<html><body>1.封皮是？</body></html>", "web-page"),
        ("<!DOCTYPE html><p>1.封皮是？</p>", "web-page"),
        ('[{"stem": "封皮是？", "answer": "A"}]', "json"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n题", "web-page"),
    ],
)
def test_what_is_no_bank_is_refused(prose: Prose, text: str, code: str) -> None:
    with pytest.raises(CannotRead) as refused:
        prose(text)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


def test_the_name_of_the_file_tells_the_kind(prose: Prose) -> None:
    report = prose("1.什么是初信？\n2.什么是重信？\n答案：再次来信。", name="简答题.txt")
    assert [(question.kind, question.key) for question in questions(report)] == [
        (Kind.SHORT, ()),
        (Kind.SHORT, ("再次来信。",)),
    ]


def test_a_page_of_a_course_platform(prose: Prose) -> None:
    report = prose(
        """
1. (单选题, 1.0 分) 封皮的颜色是
A. 红
B. 绿
我的答案: A:红;正确答案: B:绿;
0.0分
答案解析：
知识点：
2. (判断题, 1.0 分) 来信要登记
A. 对
B. 错
我的答案: 对正确答案: 对
1.0分
3. (多选题, 2.0 分) 选哪些
A. 红
B. 绿
C. 蓝
我的答案: ABC:红;绿;蓝;正确答案: AB:红;绿;
4. (填空题, 1.0 分) 受理期限为____日，办理期限为____日
我的答案:
(1) 20
(2) 60
正确答案:
(1) 15
(2) 60
"""
    )
    assert report.problems == []
    assert [question.key for question in questions(report)] == [("B",), ("T",), ("A", "B"), ("15", "60")]
    assert [question.points for question in questions(report)] == [1, 1, 2, 1]


def test_a_paper_with_its_answers_at_the_end(prose: Prose) -> None:
    report = prose(
        """
信访条例测试卷
姓名：________  单位：________
一、单选题（本大题共 2 小题，每小题 2 分，共 4 分）
1. 信访工作的主体是（    ）
A. 党委      B. 政府
C. 部门      D. 以上都是
2.接待来访应当（　）
（A）热情（B）冷淡（C）推诿（D）拖延
二、判断题（正确的打“√”，错误的打“×”）
1. 信访事项应当登记。（    ）
2. 可以泄露举报人信息。（    ）
三、填空题
1. 信访工作是____工作的重要组成部分。
四、简答题
1. 简述受理的程序。
2. 简述复查的程序。
参考答案
一、单选题
1-2 D A
二、判断题
1-2 √×
三、填空题
1. 群众
四、简答题
1. 先登记，后转送。
（1）登记；
（2）转送。
2. 三十日内申请复查。
"""
    )
    assert report.problems == []
    assert [question.key for question in questions(report)] == [
        ("D",),
        ("A",),
        ("T",),
        ("F",),
        ("群众",),
        ("先登记，后转送。\n（1）登记；\n（2）转送。",),
        ("三十日内申请复查。",),
    ]


def test_an_option_that_swallows_lines_is_said(prose: Prose) -> None:
    report = prose("1.封皮是？\nA.红\nB.绿\n另起一行\n再起一行\n答案：B")
    assert codes(report) == [(1, "选项", "long-option")]


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("正确答案:[B] 绿、错误答案:[A] 红、错误答案:[C] 蓝", "B"),
        ("错误答案:[A] 红、正确答案:[B] 绿、错误答案:[C] 蓝", "B"),
        ("正确答案:[A] 红 [B] 绿、错误答案:[C] 蓝", "AB"),
    ],
)
def test_options_told_with_the_answer(prose: Prose, told: str, key: str) -> None:
    first, second = questions(
        prose(f"1.封皮是？\n{told}\n2.来信要登记吗？\n正确答案:[B] 是、错误答案:[A] 否")
    )
    assert (first.options, first.key) == (("红", "绿", "蓝"), tuple(key))
    assert (second.kind, second.key) == (Kind.TRUE_FALSE, ("T",))


def test_the_first_question_after_text_with_options_in_its_line(prose: Prose) -> None:
    report = prose("1.单位是（C）。A.甲　B.乙　C.丙\n2.封底是(A)\nA红 B绿 C蓝 D黄")
    assert [question.key for question in questions(report)] == [("C",), ("A",)]


def test_explanations_listed_after_the_keys(prose: Prose) -> None:
    listed = "参考答案\n1-10 DCDBB BADCB\n解析\n1. 见第一条。\n3.\n依据：《条例》第三条\n4. 甲不对，\n乙对。"
    report = prose(CHOICES + listed)
    found = questions(report)
    assert report.problems == []
    assert [question.explanation for question in found[:4]] == ["见第一条。", "", "", "甲不对，\n乙对。"]
    assert found[2].basis == "《条例》第三条"
    assert "".join(question.key[0] for question in found) == "DCDBBBADCB"


def test_keys_below_each_section(prose: Prose) -> None:
    report = prose(
        """
第一部分 单选题
1.甲是？
A.一   B.二
2.乙是？
A.一   B.二
【单选题答案】1-2 AB
第二部分 判断题
1.丙对。（　　）
2.丁对。（　　）
判断题答案：1.√ 2.×
第三部分 简答题
1.戊是什么？
【参考答案】
戊是第五。它有三点：
1、一点；
2、二点；
3、三点。
2.己是什么？
【参考答案】己是第六。
"""
    )
    assert report.problems == []
    assert [question.key for question in questions(report)] == [
        ("A",),
        ("B",),
        ("T",),
        ("F",),
        ("戊是第五。它有三点：\n1、一点；\n2、二点；\n3、三点。",),
        ("己是第六。",),
    ]


def test_one_english_answer_makes_no_aiken(prose: Prose) -> None:
    report = prose("1. What is it?\nA. red\nB. green\nAnswer: B\n\n2. 封皮是？\nA. 红\nB. 绿\n答案：A")
    assert [(question.stem, question.key) for question in questions(report)] == [
        ("What is it?", ("B",)),
        ("封皮是？", ("A",)),
    ]
