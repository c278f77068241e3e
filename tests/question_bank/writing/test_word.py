import io
import zipfile
from xml.etree import ElementTree

from question_bank.question import Kind, Question
from question_bank.writing import word

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def paragraphs(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        root = ElementTree.fromstring(archive.read("word/document.xml"))
    signs = {f"{W}t": None, f"{W}tab": "\t", f"{W}br": "\n"}
    return [
        "".join(signs[part.tag] or part.text or "" for part in paragraph.iter() if part.tag in signs)
        for paragraph in root.iter(f"{W}p")
    ]


def test_kinds_numbers_options_and_keys(bank: list[Question]) -> None:
    lines = paragraphs(word.document(bank, title="练习册"))
    assert lines[:3] == [
        "练习册",
        "一、单选题（共 1 题）",
        "1. 信访事项应当自受理之日起多少日内办结？\nA. 三十日\tB. 六十日\tC. 九十日\tD. 一年",
    ]
    assert "3. =1+1 是公式。（　　）" in lines
    keys = lines[lines.index("参考答案") :]
    assert keys[1:3] == ["一、单选题（共 1 题）", "1. B"]
    assert "2. AB" in keys
    assert "4. 有权机关 或 机关；60 或 六十" in keys
    assert keys[-2] == "1. 办理期限为六十日。（《信访工作条例》（示例））"
    alone = paragraphs(word.document(bank, title="练习册", asked=False))
    assert alone[:1] + alone[2:] == ["练习册", *keys[1:]]


def test_no_question_is_parted_at_the_end_of_a_page(bank: list[Question]) -> None:
    """A question is one paragraph that is kept whole; the lines to write on stay with it."""
    with zipfile.ZipFile(io.BytesIO(word.document(bank, keys=False))) as archive:
        root = ElementTree.fromstring(archive.read("word/document.xml"))
        assert '"Question"><w:name w:val="Question"/><w:basedOn w:val="Normal"/><w:pPr><w:keepLines/>' in (
            archive.read("word/styles.xml").decode()
        )
    styles = [paragraph.find(f"{W}pPr/{W}pStyle") for paragraph in root.iter(f"{W}p")]
    named = [style.get(f"{W}val") for style in styles if style is not None]
    assert named.count("Question") == len(bank)
    kept = [paragraph.find(f"{W}pPr/{W}keepNext") is not None for paragraph in root.iter(f"{W}p")]
    assert kept[-6:] == [True] * 5 + [False]


def test_without_keys_nothing_tells_them(bank: list[Question]) -> None:
    whole = "\n".join(paragraphs(word.document(bank, keys=False)))
    for told in ("参考答案", "解析", "有权机关", "受理；", "第一行", "错误"):
        assert told not in whole


def test_options_share_lines_when_they_are_short() -> None:
    def lines(*options: str) -> list[str]:
        question = Question(Kind.SINGLE, "甲", options, ("A",))
        return paragraphs(word.document([question], keys=False))[2].split("\n")[1:]

    assert lines("一", "二", "三", "四", "五") == ["A. 一\tB. 二\tC. 三\tD. 四", "E. 五"]
    assert lines("短", "这一个选项长一些十二字", "丙") == ["A. 短\t\tB. 这一个选项长一些十二字", "C. 丙"]
    long = "这个选项写得很长，一行里放不下两个这样的选项"
    assert lines(long, "乙") == [f"A. {long}", "B. 乙"]


def test_a4_and_the_names_of_chinese_fonts() -> None:
    data = word.document([Question(Kind.SHORT, "甲")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b'w:w="11906" w:h="16838"' in archive.read("word/document.xml")
        assert 'w:eastAsia="仿宋"' in archive.read("word/styles.xml").decode()
        assert not any(name.startswith("word/fonts") for name in archive.namelist())
