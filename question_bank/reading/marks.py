"""What the beginning of a line of prose says: number, option, section, 答案 … (bank_formats §6)."""

import re
from dataclasses import dataclass
from itertools import islice

from question_bank.cells import truth
from question_bank.kinds import kind_of_section, kind_of_word
from question_bank.question import LABELS, Kind

_WIDE = {ord("Ａ") + place: label for place, label in enumerate(LABELS)}
_WIDE |= {ord("ａ") + place: label for place, label in enumerate(LABELS)}
_NUMERALS = "零一二三四五六七八九"
_NUMERAL = "[一二三四五六七八九十百]{1,6}"

#: Field names by what they mean; the first that fits counts, so 答案解析 is not an answer.
_NAMES: tuple[tuple[str, str], ...] = (
    ("mine", "(?:我的|你的|您的|学生|考生|用户)答案|错误答案"),
    (
        "explanation",
        "(?:答案|试题|题目|考点|本题|整体)?(?:解析|详解|解释|分析|解读|点拨|点评|说明)(?:说明)?|解答",
    ),
    ("answer", r"(?:正确|参考|标准|试题|本题|题目)?答案(?:为|是)?|答|\\?ans(?:wer)?"),
    ("difficulty", "(?:试题|题目)?(?:难度(?:系数|等级|级别)?|难易度|难易程度)"),
    ("chapter", "(?:所属|考查|考核)?(?:知识点|考点|章节|知识模块)|分类|目录|科目"),
    ("points", "(?:题目|试题|本题)?分[值数]"),
    ("basis", "(?:法律|政策|文件|出题|命题|参考|答案|法规|答题)?(?:依据|出处)|(?:题目|试题)?来源|法条"),
    ("kind", "(?:题目|试题)?(?:题型|类型)"),
    ("nothing", "能力水平|认知层次|答题时间|正确率|得分|作答情况|出题人|命题人|审核人"),
    ("stem", "题目|题干|试题"),
)
_ANY_NAME = "|".join(f"(?P<{name}>{words})" for name, words in _NAMES)
_FIELD = re.compile(rf"[(（]?\s*(?:[【\[]\s*)?(?:{_ANY_NAME})\s*(?:[】\]]\s*[:：]?|[:：])\s*", re.IGNORECASE)
_FIELD_BARE = re.compile(r"(?:正确|参考|标准)?答案(?:为|是)?\s*(?=\S)")
_TOLD = re.compile(r"(?:(正确|错误)答案\s*[:：]\s*)?\[([A-Z])\]\s*")
_SHORT_ANSWER = re.compile(r"[A-Z](?:[\s,，、;；]*[A-Z]){0,25}")
_HEADING_OF_KEYS = re.compile(
    rf"(?:附[:：]?|附件[:：]?|第{_NUMERAL}部分|{_NUMERAL}[、.．])?\s*[【\[]?(?:(?:试题|习题|练习题?|题库|正确|参考|标准)?答案)"
    r"(?:及解析|与解析|和解析|及答案解析|部分|汇总|如下|表|一览表|速查)?[】\]]?\s*[:：]?"
)

_DIGITS = "[0-9]{1,4}"
_NUMBER = re.compile(
    rf"第\s*(?P<di>{_DIGITS}|{_NUMERAL})\s*小?题\s*[、.．:：,，]?"
    rf"|(?P<dot>{_DIGITS})\s*(?:(?P<stop>[.．])|[、｡。]|\|\|\|)"
    rf"|[(（]\s*(?P<paren>{_DIGITS})\s*[)）]\s*[、.．]?"
    rf"|[【\[]\s*(?P<square>{_DIGITS})\s*[】\]]\s*[、.．]?"
    rf"|(?:[Qq]|题目?)\s*(?P<lead>{_DIGITS})\s*[、.．:：]"
    rf"|(?P<half>{_DIGITS})\s*[)）]\s*[、.．]?"
    rf"|[(（]\s*(?P<inner>{_NUMERAL})\s*[)）]\s*[、.．]?"
    rf"|(?P<chinese>{_NUMERAL})\s*[、.．]"
    rf"|(?P<space>{_DIGITS})[ \t\u3000]+(?=\S)"
)
_TAG = re.compile(r"\s*[\[【(（]([^\[\]【】()（）]{1,24})[\]】)）]\s*")
_TAG_POINTS = re.compile(r"(?:本题|共|每题|分值)?[:：]?([0-9]+(?:\.[0-9]+)?)分")
_TAIL_POINTS = re.compile(r"[(（\[【]\s*(?:本题|共)?\s*([0-9]+(?:\.[0-9]+)?)\s*分\s*[)）\]】]\s*$")
_EACH = re.compile(r"每(?:小?题|个)(?:得|计|为)?\s*([0-9]+(?:\.[0-9]+)?)\s*分")

_STRICT = re.compile(
    r"(?:[-•·●○□]\s*)?(?:[(（\[【]\s*([A-Za-zＡ-Ｚａ-ｚ])\s*[)）\]】]\s*[.、．:：]?"
    r"|([A-Za-zＡ-Ｚａ-ｚ])\s*(?:[)）]\s*[.、．:：]?|[.、．:：。](?![a-z]{2,3}\b)|[,，]))\s*"
)
_LOOSE = re.compile(r"([A-ZＡ-Ｚ])(?:[ \t\u3000]+(?=\S)|(?=[\u4e00-\u9fff《“‘「]))")
_INNER = re.compile(
    r"[(（\[【]\s*([B-ZＢ-Ｚ])\s*[)）\]】]\s*[.、．:：]?\s*|([B-ZＢ-Ｚ])\s*([)）.、．:：])\s*"
)
_INNER_LOOSE = re.compile(r"[ \t\u3000]+([B-Z])(?=[ \t\u3000]|[\u4e00-\u9fff《“‘「])[ \t\u3000]*")
_FIRST_INSIDE = re.compile(
    r"(?<=[\s)）。？?:：_；;，,”\"])(?:[(（\[【]\s*)?[AＡ]\s*(?:[)）\]】]\s*[.、．:：]?|[.、．:：])\s*(?=\S)"
)
_FIRST_TRIES = 4
_LONGEST_HEADING = 200
_TRUTH_OPTION = re.compile(r"(?:true|false)\s*[.、．:：]\s*(\S{0,4})$", re.IGNORECASE)

_CHAPTER = re.compile(
    rf"第\s*(?:{_NUMERAL}|[0-9]{{1,3}})\s*(?:章|节|讲|编|篇|单元|部分|模块)(?=[\s:：、.．]|$|\S).{{0,40}}"
)
_RULED = re.compile(r"[-—=*#~]{2,}\s*([^-—=*#~].{0,60}?)\s*[-—=*#~]{2,}")


@dataclass(frozen=True, slots=True)
class Number:
    """A question number. ``tight``: a digit follows the full stop, so that 1.5 is meant as likely as 1."""

    style: str
    value: int
    rest: str
    tight: bool = False
    kind: str = ""
    points: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section heading: what kind its questions are (None for a mere change), and the points of each."""

    kind: Kind | str | None
    points: str


def number(text: str) -> Number | None:
    """The number at the start of a line with what stands beside it: kind and points in brackets."""
    lead, kind, points = tags(text)
    found = _NUMBER.match(lead)
    if found is None:
        return None
    style = found.lastgroup if found.lastgroup != "stop" else "dot"
    assert style is not None
    digits = found[style]
    rest = lead[found.end() :]
    tight = bool(found["stop"]) and rest[:1].isdecimal()
    rest, kind_after, points_after = tags(rest.strip())
    value = int(digits) if digits.isdecimal() else _value(digits)
    return Number(style, value, rest, tight, kind or kind_after, points or points_after)


def _value(numeral: str) -> int:
    """三十二 as 32; enough for question numbers."""
    total = 0
    digit = 0
    for character in numeral:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = _NUMERALS.index(character)
    return total + digit


def tags(text: str) -> tuple[str, str, str]:
    """The text without leading brackets that hold a kind or points: 【单选题】, (单选题, 1.0 分)."""
    kind = points = ""
    for _ in range(3):
        found = _TAG.match(text)
        if found is None:
            break
        pieces = [piece for piece in re.split(r"[,，、;；:：\s]+", re.sub(r"\s*分", "分", found[1])) if piece]
        kinds = [piece for piece in pieces if kind_of_word(piece)]
        scores = [said[1] for piece in pieces if (said := _TAG_POINTS.fullmatch(piece))]
        if not pieces or len(kinds) + len(scores) != len(pieces):
            break
        kind, points = (kinds or [kind])[0], (scores or [points])[0]
        text = text[found.end() :]
    return text, kind, points


def tail_points(stem: str) -> tuple[str, str]:
    """The stem without （2分） at its end, and the 2."""
    found = _TAIL_POINTS.search(stem)
    return (stem[: found.start()].rstrip(), found[1]) if found else (stem, "")


def field(text: str) -> tuple[str, str] | None:
    """``("answer", "B")`` for 【答案】B, 正确答案 B and the like; the names are those of ``_NAMES``."""
    found = _FIELD.match(text)
    if found:
        name = found.lastgroup
        rest = text[found.end() :].strip()
        if text[0] in "(（" and rest.rstrip("。.")[-1:] in (")", "）"):
            rest = rest.rstrip("。.")[:-1].strip()
        return str(name), rest
    found = _FIELD_BARE.match(text)
    if found and is_short_answer(text[found.end() :]):
        return "answer", text[found.end() :].strip()
    return None


def told_options(text: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Key and options of 正确答案:[D] 黄、错误答案:[A] 红, in label order."""
    found = list(_TOLD.finditer(text)) if "错误答案" in text else []
    if len(found) < 2 or not found[0][1]:
        return None
    key, said, told = "", "", []
    ends = [*(one.start() for one in found[1:]), len(text)]
    for one, end in zip(found, ends, strict=True):
        said = one[1] or said
        key += one[2] if said == "正确" else ""
        told.append((one[2], text[one.end() : end].strip(" 、，,;；\t")))
    return key, sorted(told)


def is_short_answer(text: str) -> bool:
    """Whether the text is letters or a word for right or wrong, so that nothing can follow in it."""
    text = text.strip(" \t。；;.")
    if len(text) > _LONGEST_HEADING:
        return False
    return bool(_SHORT_ANSWER.fullmatch(text.translate(_WIDE).upper())) or truth(text) is not None


def heads_keys(text: str) -> bool:
    """Whether the line is a heading over a list of answers."""
    return len(text) <= 40 and bool(_HEADING_OF_KEYS.fullmatch(text))


def heads_explanations(text: str) -> bool:
    """Whether the line is a heading over a list of explanations."""
    return len(text) <= 10 and bool(re.fullmatch("(?:答案|试题|题目)?(?:解析|详解|依据)[:：]?", text))


def option_letter(text: str) -> tuple[str, bool] | None:
    """The letter a line begins with as an option, and whether a mark follows it (A. and not A 甲)."""
    found = _STRICT.match(text)
    if found:
        return (found[1] or found[2]).translate(_WIDE).upper(), True
    loose = _LOOSE.match(text)
    return (loose[1].translate(_WIDE), False) if loose else None


def options(text: str, until: str = "") -> list[tuple[str, str]]:
    """``[("A", "甲"), ("B", "乙")]`` for a line that begins with an option.

    ``until`` is the letter the next line begins with: letters from there on cannot stand in this line.
    """
    found = _STRICT.match(text) or _LOOSE.match(text)
    assert found is not None
    strict = found.re is _STRICT
    letter = (found[1] or found[2] if strict else found[1]).translate(_WIDE).upper()
    mark = re.sub(r"\s", "", found[0])[-1:]
    return _cut(letter, text[found.end() :], mark if strict else "", until)


def _cut(letter: str, text: str, mark: str, until: str) -> list[tuple[str, str]]:
    """The text of one option cut where the following letters stand."""
    pattern = _INNER if mark else _INNER_LOOSE
    cut: list[tuple[str, str]] = []
    start = 0
    position = 0
    while letter < "Z" and (found := _next_mark(pattern, text, position, letter, mark)):
        following = chr(ord(letter) + 1)
        if following == until:
            break
        cut.append((letter, text[start : found.start()].strip(_BETWEEN)))
        letter, start, position = following, found.end(), found.end()
    cut.append((letter, text[start:].strip(_BETWEEN)))
    return cut


_BETWEEN = " \t\u3000;；|"
_CLOSERS = ".．、:：)）"


def _next_mark(
    pattern: re.Pattern[str], text: str, position: int, letter: str, mark: str
) -> re.Match[str] | None:
    """Where the next letter stands: after a gap, else right behind a word but with the same mark."""
    following = chr(ord(letter) + 1)
    second = None
    for found in pattern.finditer(text, position):
        own = next(group for group in found.groups() if group).translate(_WIDE)
        if own != following:
            continue
        before = text[found.start() - 1 : found.start()]
        if not mark or not before or before in " \t\u3000;；|" or found[1]:
            return found
        if second is None and mark in _CLOSERS and found[3].translate(_SAME) == mark.translate(_SAME):
            second = found if not (before.isascii() and before.isalpha()) else None
    return second


_SAME = str.maketrans("．：）", ".:)")


def options_inside(text: str, next_letter: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Stem and options of a line that holds both, or the stem and its first option.

    ``next_letter`` is the one the following line begins with, empty when it is no option. Where that is
    A, the options stand there.
    """
    if next_letter == "A":
        return None
    for start in islice(_FIRST_INSIDE.finditer(text), _FIRST_TRIES):
        if not _STRICT.match(text, start.start()):
            continue
        found = options(text[start.start() :], next_letter)
        if all(option for _, option in found) and (len(found) > 1 or next_letter == "B"):
            return text[: start.start()].strip(), found
    return None


def truth_option(text: str) -> bool:
    """``true. 正确``: the choices of a judge question, which say nothing of their own."""
    return bool(_TRUTH_OPTION.match(text))


def section(text: str) -> Section | None:
    """The section a line opens: 一、单选题（每题2分，共30分）, 单选题, 【判断题】."""
    if len(text) > _LONGEST_HEADING:
        return None
    head = re.split(r"[(（\[:：,，。；;]", text, maxsplit=1)[0]
    if text.startswith(("【", "[", "(", "（")):
        head = text.strip("【】[]()（）")
    if not head or len(head) > 24 or _TRUTH_OPTION.match(text):
        return None
    kind = kind_of_section(head)
    if kind is None:
        return None
    tail = text[len(head) :]
    explained = not tail.strip("：:") or re.search(r"分|每|共|题|选|请|正确|√|\d", tail)
    if not explained or (
        tail[:1] in ":：" and len(tail) > 1 and not re.search("每|共|小题|本题|分[)）]?$", tail)
    ):
        return None
    each = _EACH.search(tail)
    return Section(kind, each[1] if each else "")


def chapter(text: str) -> str:
    """The chapter a line announces: 第01讲 工程伦理概论, --- 《党章》 ---; empty when it is none."""
    if len(text) > _LONGEST_HEADING:
        return ""
    ruled = _RULED.fullmatch(text)
    if ruled:
        return ruled[1].strip()
    if len(text) <= 45 and _CHAPTER.fullmatch(text) and text[-1] not in "。？?；;，,（()）：:":
        return text
    return ""
