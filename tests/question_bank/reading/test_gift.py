from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.question import Difficulty, Kind, Question
from question_bank.reading import gift, read
from question_bank.report import Report

Reader = Callable[[str], Report]


@pytest.fixture
def take(tmp_path: Path) -> Reader:
    def made(text: str) -> Report:
        path = tmp_path / "题库.gift"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return made


def only(report: Report) -> Question:
    assert report.errors == []
    assert len(report.questions) == 1
    return report.questions[0].question


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems]


def test_single_choice_with_a_title_comments_and_feedback(take: Reader) -> None:
    text = "// 一行注释\n\n::标题::谁负责？{\n ~甲#不对\n =乙#对了\n ~丙\n####总的解析\n}\n"
    found = only(take(text))
    assert (found.kind, found.stem, found.options, found.key) == (
        Kind.SINGLE,
        "谁负责？",
        ("甲", "乙", "丙"),
        ("B",),
    )
    assert found.explanation == "总的解析\nA：不对\nB：对了"


def test_tags_as_moodle_writes_them(take: Reader) -> None:
    found = only(take("// question: 7  name: 甲\n// [id:x] [tag:重点] [tag:a\\]b]\n信访要登记。{T}\n"))
    assert found.tags == ("重点", "a]b")


def test_several_right_answers_by_weight(take: Reader) -> None:
    found = only(take("选出两项 {\n~%50%甲\n~%-100%乙\n~%50%[plain]丙 # 好\n~丁\n}"))
    assert (found.kind, found.key) == (Kind.MULTIPLE, ("A", "C"))
    assert found.options == ("甲", "乙", "丙", "丁")
    thirds = "选 {~%33.3%甲 ~%33.3%乙 ~%33.3%丙 ~%-33.3%丁}"
    assert only(take(thirds)).key == ("A", "B", "C")


@pytest.mark.parametrize(
    ("body", "key"), [("T", "T"), ("TRUE#错了#对了", "T"), (" false ", "F"), ("F####解析", "F")]
)
def test_true_or_false(take: Reader, body: str, key: str) -> None:
    found = only(take(f"水往低处流。{{{body}}}"))
    assert (found.kind, found.key) == (Kind.TRUE_FALSE, (key,))


def test_short_answers_are_alternatives_of_one_blank(take: Reader) -> None:
    report = take("最大的城市是{=上海 =%100%沪 =%50%北京 =%0%*}。")
    found = report.questions[0].question
    assert (found.kind, found.stem, found.key) == (Kind.FILL, "最大的城市是____。", ("上海|||沪",))
    assert codes(report) == ["part-marks"]


def test_essays_have_no_key(take: Reader) -> None:
    assert only(take("::问答::简述步骤。{}")) == Question(Kind.SHORT, "简述步骤。")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("多少天？{#60:5}", "numerical"),
        ("连线 {=甲 -> 一 =乙 -> 二 =丙 -> 三}", "matching"),
        ("这一段只是说明。", "description"),
    ],
)
def test_other_kinds_are_left_out_by_name(take: Reader, text: str, reason: str) -> None:
    report = take(f"好题{{=甲 ~乙}}\n\n{text}\n")
    assert len(report.questions) == 1
    assert [left.reason for left in report.left_out] == [reason]
    assert codes(report) == ["kind-not-read"]
    assert report.problems[0].row == 3


def test_escapes(take: Reader) -> None:
    found = only(take(r"集合 \{1\}\: 哪个对？{=a\=b ~\~ ~\# ~C:\\temp ~一\n二 ~单独的 \ 斜线}"))
    assert found.stem == "集合 {1}: 哪个对？"
    assert found.options == ("a=b", "~", "#", "C:\\temp", "一\n二", "单独的 \\ 斜线")


def test_formats(take: Reader) -> None:
    found = only(take("[html]<p>太阳从<b>哪边</b>升起&nbsp;？</p>{=<p>东</p> ~[plain]<b> ~<T>}"))
    assert (found.stem, found.options) == ("太阳从哪边升起 ？", ("东", "<b>", "<T>"))
    assert only(take("<img> 是什么？{=标签 ~<b>}")).options == ("标签", "<b>")
    report = take("[html]看图<img src='x.png'>{=甲 ~乙}")
    assert codes(report) == ["has-picture"]
    assert report.questions[0].question.stem == "看图［图］"


def test_categories_are_chapters(take: Reader) -> None:
    text = "$CATEGORY: $course$/top/第一章/登记//受理\n\n甲{T}\n\n$CATEGORY: 乙类\n乙{F}\n"
    assert [placed.question.chapter for placed in take(text).questions] == ["第一章 / 登记/受理", "乙类"]


def test_the_comment_of_our_own(take: Reader) -> None:
    meta = '// mingshi {"difficulty": 3, "points": 1.5, "basis": "条例", "blanks": 2, "between": "；"}'
    found = only(take(f"{meta}\n甲是____，乙是____{{=一；二 =1；二}}"))
    assert (found.key, found.difficulty, found.points) == (("一|||1", "二"), Difficulty.HARD, 1.5)
    assert found.basis == "条例"
    bad = take(f"{meta}\n甲是____，乙是____{{=一}}")
    assert codes(bad) == ["blanks-differ"]
    assert only(take("// mingshi {broken\n甲{T}")).points is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("两处 {=甲} 答案 {=乙}", "odd-braces"),
        ("没关上 {=甲 ~乙", "odd-braces"),
        ("没有对的 {~甲 ~乙}", "no-key"),
        ("两个都对 {=甲 =乙 ~丙}", "many-keys-for-single"),
        ("同样的 {=甲 ~甲}", "identical-options"),
        ("光秃秃 {甲}", "unknown-key"),
        ("只有一半 {=%50%甲}", "no-key"),
    ],
)
def test_a_key_is_never_guessed(take: Reader, text: str, code: str) -> None:
    report = take(f"{text}\n\n好题{{=甲 ~乙}}\n\n又一道{{T}}\n")
    assert len(report.questions) == 2
    assert code in codes(report)


def test_what_looks_like_gift() -> None:
    assert gift.looks_like("题 {=甲 ~乙}")
    assert gift.looks_like("$CATEGORY: 甲\n")
    assert gift.looks_like("::题目::问 {}")
    assert not gift.looks_like("1. 甲是（  ）\nA. {红}\nB. 绿\n答案：A\n")
    assert not gift.looks_like("for (;;) { x = 1; }")


def test_western_bytes(tmp_path: Path) -> None:
    path = tmp_path / "q.gift"
    path.write_bytes("Où est né Zoé ? {=à Paris ~près}".encode("cp1252"))
    assert read(path).questions[0].question.stem == "Où est né Zoé ?"
    path.write_bytes("信访条例是什么？{=法规 ~书}".encode("gb18030"))
    assert read(path).questions[0].question.options == ("法规", "书")


def test_the_grammar_projects_own_files(shared: Path) -> None:
    """Kinds, keys and texts of the files in ../shared/banks, when they are there."""
    folder = shared / "banks"
    expected = {
        "escapeAll": (Kind.SINGLE, ("G",)),
        "formatExamples": (Kind.SINGLE, ("A",)),
        "mc1": (Kind.SINGLE, ("C",)),
        "mc4": (Kind.SINGLE, ("C",)),
        "multipleAnswersFloat": (Kind.MULTIPLE, ("A", "B", "D")),
        "tf1": (Kind.TRUE_FALSE, ("F",)),
        "totara_moodle_multichoice_multi": (Kind.MULTIPLE, ("A", "C")),
        "totara_moodle_shortanswer": (Kind.FILL, ("Frog",)),
    }
    for name, (kind, key) in expected.items():
        found = only(read(folder / f"fuhrmanator_GIFT-grammar-PEG.js__{name}.gift"))
        assert (found.kind, found.key) == (kind, key), name
