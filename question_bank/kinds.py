"""Which kind of question is meant: by a word, by the name of a sheet, by a code of the file's own."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from question_bank.cells import bare
from question_bank.question import Kind

#: 选择题 alone: one key or several, the answer decides.
CHOICE = "choice"

_SHORT_WORDS = (
    "简答|问答|论述|名词解释|案例分析|案例|计算|公文改错|公文|辨析|解答|材料分析|材料|写作|作文|综合|应用|分析"
    "|实操|主观|short|essay|open"
)
_WORDS: tuple[tuple[Kind | str, str], ...] = (
    (Kind.FILL, "填空|fill|blank|cloze"),
    (Kind.TRUE_FALSE, "判断|是非|对错|正误|true|judge?|judge?ment|boolean|bool|tf"),
    (Kind.MULTIPLE, "多项选择|多选|多项|不定项|复选|multiple|multi|checkbox"),
    (Kind.SINGLE, "单项选择|单选|单项|single|radio"),
    (Kind.SHORT, _SHORT_WORDS),
    (CHOICE, "选择|choice"),
)
_TAIL = (
    r"(?:选择|填空|判断|分析|简答|问答|应用|改错|写作|解释|论述|处理|计算|操作|正误)*(?:试?题|题型|题目|类|型)*"
    r"(?:[_/\-]?(?:choices?|answers?|select|selection|questions?|fill|blanks?|in|the|false|or|text))*(?:[(\[].*)?"
)
_PATTERNS = tuple((kind, re.compile(f"(?:客观|主观)?(?:{words}){_TAIL}")) for kind, words in _WORDS)
_NAMED: tuple[tuple[Kind | str | None, re.Pattern[str]], ...] = (
    (Kind.FILL, re.compile("填空")),
    (Kind.TRUE_FALSE, re.compile("判断|是非题|对错题")),
    (Kind.MULTIPLE, re.compile("多选|多项选择|不定项")),
    (Kind.SINGLE, re.compile("单选|单项选择")),
    (Kind.SHORT, re.compile("简答|问答|论述题|名词解释|主观题")),
    (CHOICE, re.compile("选择题|选择")),
)
_SECTION = re.compile(r"([^(\[:,每共本各]+?)(?:[(\[].*|[:,]?(?:(?:每|共|本|各|[0-9]).*)?)")
_CODE = re.compile(r"[0-9]{1,2}")
_NUMBERING = re.compile(
    r"^(?:第?[一二三四五六七八九十]+(?:部分|大题)?|[0-9]{1,2}|[(][一二三四五六七八九十0-9]+[)])[、.:)]*"
)
_DEFINED = re.compile(r"(?<![0-9])([0-9])[\s:=、.\-代表为是]{0,3}(单选|多选|判断|填空|简答|问答|主观)")
_DEFINED_AFTER = re.compile(r"(单选|多选|判断|填空|简答|问答|主观)题?[:=(]([0-9])(?![0-9])")
_TAGGED = re.compile(
    r"[(（【\[]\s*((?:单|多|判断|填空|简答|问答|不定)[^)）】\]]{0,14}|选[两二三四五多]项)\s*[)）】\]]"
)
_LED = re.compile(r"^(?:单选|多选|判断|填空|简答|问答|论述)题\s*[:：]")


@lru_cache(maxsize=2048)
def kind_of_word(text: str) -> Kind | str | None:
    """The Kind a cell such as 单选题, 多选, judge or 主观填空题 names, CHOICE for 选择题, else None."""
    word = bare(text).strip("[]()【】:*、.")
    if not word or len(word) > 30:
        return None
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(word)), None)


def kind_of_name(name: str) -> Kind | str | None:
    """The Kind a sheet or file is named after; None when it names none or several.

    Stricter than a cell: 综合题库 is no essay question, and “platform” holds no “tf”.
    """
    word = bare(name)
    if word.isascii():
        found = {kind_of_word(word)} - {Kind.SHORT, None}
    else:
        found = {kind for kind, pattern in _NAMED if pattern.search(word)}
    # 选择 is part of 多项选择.
    if found <= {CHOICE, Kind.SINGLE, Kind.MULTIPLE} and len(found) > 1:
        found -= {CHOICE}
    return found.pop() if len(found) == 1 else None


def kind_of_section(text: str) -> Kind | str | None:
    """The Kind of a section row such as 一、单项选择题（每题2分，共30分） or 单选题型, else None."""
    if len(text) > 60:
        return None
    word = _NUMBERING.sub("", bare(text)).lstrip("[(【").replace("题型:", "")
    found = _SECTION.fullmatch(word)
    return kind_of_word(found[1].strip("])】")) if found else None


def kind_in_stem(stem: str) -> Kind | None:
    """The Kind a stem announces itself: （多选）, （选两项）, 简答题：."""
    tagged = _TAGGED.search(stem) if "选" in stem or "题" in stem or "判断" in stem else None
    if tagged:
        found = Kind.MULTIPLE if tagged[1].startswith("选") else kind_of_word(tagged[1])
        return found if isinstance(found, Kind) else None
    if not _LED.match(stem):
        return None
    found = kind_of_word(stem[:3])
    return found if isinstance(found, Kind) else None


def is_code(text: str) -> bool:
    return bool(_CODE.fullmatch(text))


def defined_codes(texts: Iterable[str]) -> dict[str, Kind]:
    """What the file itself says its codes mean: 试题类型只能是1-4,1单选题2多选题3判断题4简答题."""
    codes: dict[str, Kind] = {}
    for text in texts:
        pairs = _DEFINED.findall(text) or [(code, word) for word, code in _DEFINED_AFTER.findall(text)]
        # One pair alone is as likely a numbered instruction: 1、单选题请填写字母.
        if len(pairs) > 1:
            found = {code: kind_of_word(word) for code, word in pairs}
            codes |= {code: kind for code, kind in found.items() if isinstance(kind, Kind)}
    return codes


def deduced_codes(evidence: Iterable[tuple[str, Kind | None]]) -> dict[str, Kind | str]:
    """What codes mean, deduced from how their rows look; a code whose rows disagree stays out.

    ``evidence`` pairs each row's code with the Kind the row looks like. A code is settled when nine rows
    in ten look like one Kind. Rows with one letter prove SINGLE only against another code that is
    MULTIPLE or TRUE_FALSE or against several rows, for a multiple-choice question may have one right answer.
    A code that many rows of both sorts share is CHOICE where no other code is either.
    """
    seen: dict[str, Counter[Kind | None]] = {}
    for code, kind in evidence:
        seen.setdefault(code, Counter())[kind] += 1
    settled: dict[str, Kind] = {}
    mixed: dict[str, Kind | str] = {}
    for code, kinds in seen.items():
        kind, count = kinds.most_common(1)[0]
        if kind is not None and count >= 0.9 * kinds.total():
            settled[code] = kind
        elif _is_choice(kinds):
            mixed[code] = CHOICE
    choices = [kind for kind in settled.values() if kind.has_options]
    return {**_without_clashes(settled, seen), **(mixed if len(mixed) == 1 and not choices else {})}


def _is_choice(kinds: Counter[Kind | None]) -> bool:
    single, multiple = kinds[Kind.SINGLE], kinds[Kind.MULTIPLE]
    total = kinds.total()
    return total >= 20 and single + multiple >= 0.95 * total and min(single, multiple) >= 0.15 * total


def _without_clashes(
    settled: Mapping[str, Kind], seen: Mapping[str, Counter[Kind | None]]
) -> dict[str, Kind]:
    """Two codes for one Kind explain nothing, and one lonely row proves little."""
    uses = Counter(settled.values())
    several = len(set(settled.values())) > 1
    return {
        code: kind
        for code, kind in settled.items()
        if uses[kind] == 1 and (several or kind is not Kind.SINGLE or seen[code].total() >= 5)
    }
