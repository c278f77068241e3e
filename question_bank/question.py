"""What a question is, and what makes one fit to be used."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TRUE, FALSE = "T", "F"
MOST_TAGS, LONGEST_TAG = 10, 20
_BETWEEN_TAGS = re.compile(r"[\s,，;；、|]+")
#: Between several accepted texts of one blank, as course platforms write it: 县级|||县.
ALTERNATIVE = "|||"


class Kind(StrEnum):
    """How a question is answered. The values are those of the API and of every stored row."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL = "fill"
    SHORT = "short"

    @property
    def chinese(self) -> str:
        return _CHINESE[self]

    @property
    def has_options(self) -> bool:
        return self is _SINGLE or self is _MULTIPLE


#: A member is looked up in its class each time, and this runs for every question of a file.
_SINGLE, _MULTIPLE = Kind.SINGLE, Kind.MULTIPLE
_CHINESE = {
    Kind.SINGLE: "单选题",
    Kind.MULTIPLE: "多选题",
    Kind.TRUE_FALSE: "判断题",
    Kind.FILL: "填空题",
    Kind.SHORT: "简答题",
}


class Difficulty(IntEnum):
    EASY = 1
    MEDIUM = 2
    HARD = 3

    @property
    def chinese(self) -> str:
        return ("易", "中", "难")[self - 1]


@dataclass(frozen=True, slots=True)
class Question:
    """One authored question.

    ``options`` are texts without their labels, in label order; only choice questions have any.
    ``key`` is a tuple of texts: labels for a choice (("A", "C")), ("T",) or ("F",) for true_false,
    one entry per blank for fill (alternatives within a blank joined by ``|||``), and at most one
    model answer for short. ``points`` is the author's suggestion; a PaperSpec decides.
    """

    kind: Kind
    stem: str
    options: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    explanation: str = ""
    basis: str = ""
    chapter: str = ""
    difficulty: Difficulty = Difficulty.MEDIUM
    points: float | None = None
    tags: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Hex digest that two questions share exactly when they ask the same thing.

        Kind, stem, options and key after normalisation; explanation and the like do not count.
        """
        return fingerprints([(self.kind, joined([(self.stem, *self.options)])[0], self.key)])[0]


def tags_of(text: str) -> tuple[str, ...]:
    """Tags written with commas or spaces between them; at most MOST_TAGS of LONGEST_TAG characters."""
    parts = (part[:LONGEST_TAG] for part in _BETWEEN_TAGS.split(text) if part)
    return tuple(dict.fromkeys(parts))[:MOST_TAGS]


def fingerprints(asked: Iterable[tuple[Kind, str, tuple[str, ...]]]) -> list[str]:
    """Question.fingerprint of each where stem and options are comparable and ``joined`` already."""
    found: list[str] = []
    # Many questions have few keys.
    ends: dict[tuple[str, ...], str] = {}
    for kind, texts, key in asked:
        end = ends.get(key)
        if end is None:
            end = ends[key] = "\x1f".join(("#", *comparables(key)))
        whole = "\x1f".join((kind, texts, end))
        found.append(hashlib.sha256(whole.encode()).hexdigest()[:32])
    return found


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a question: a stable code, the field it is in, a sentence for the organiser.

    ``label`` is the letter of the option concerned, where there is one.
    """

    code: str
    field: str
    message: str
    severity: str = "error"
    label: str = ""


#: Punctuation of nearly every text: without it most are letters alone, in their normal form already.
_USUAL = "，。、；：？（）《》“”　 _"


def comparable(text: str) -> str:
    """The form in which two texts are compared: NFKC, case folded, without spaces and punctuation.

    A text that is punctuation alone keeps it, so that the options √ and × stay different.
    """
    return comparables((text,))[0]


def comparables(texts: Sequence[str]) -> list[str]:
    """``comparable`` of each text."""
    return joined([texts])[0].split("\x1f") if texts else []


def joined(several: Sequence[Sequence[str]]) -> list[str]:
    """``comparables`` of each, with \x1f between: many together, and alone only what has more to it."""
    whole = "\0".join(map("\x1f".join, several))
    for mark in _USUAL:
        whole = whole.replace(mark, "")
    folded = whole.casefold()
    normal, found = unicodedata.is_normalized("NFKC", whole), folded.split("\0")
    count = sum(map(len, several)) - len(several)
    if len(found) != len(several) or folded.count("\x1f") != count:
        return ["\x1f".join(map(_comparable, texts)) for texts in several]
    letters = folded.replace("\0", "").replace("\x1f", "")
    if normal and letters.isalnum() and not any(pair in f"\0{folded}\0" for pair in _EMPTY):
        return found
    ones = whole.split("\0")
    return [
        "\x1f".join(map(_mended, parts.split("\x1f"), one.split("\x1f"), texts))
        for parts, one, texts in zip(found, ones, several, strict=True)
    ]


#: Where a text has no letter left, its marks stand side by side.
_EMPTY = ("\0\0", "\0\x1f", "\x1f\0", "\x1f\x1f")


def _mended(part: str, one: str, text: str) -> str:
    return part if part.isalnum() and unicodedata.is_normalized("NFKC", one) else _comparable(text)


def _comparable(text: str) -> str:
    """``comparable`` by its definition, for the texts that have more to them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = re.sub(r"[\W_]+", "", folded)
    return bare or re.sub(r"\s+", "", folded)


def faults(question: Question) -> Iterator[Fault]:
    """Everything that makes the question unfit to be scored or marked (bank_formats §8, rule 5)."""
    if not question.stem.strip():
        yield Fault("no-stem", "stem", "没有题干")
    if question.kind.has_options and not is_sound(question.kind, question.options, question.key):
        yield from _option_faults(question)
    if not question.key and question.kind is not Kind.SHORT:
        yield Fault("no-key", "key", "没有答案")
    elif question.kind is Kind.TRUE_FALSE and question.key not in ((TRUE,), (FALSE,)):
        yield Fault("unknown-key", "key", "判断题的答案应当是正确或错误")
    elif question.kind is Kind.FILL and not all(entry.strip() for entry in question.key):
        yield Fault("no-key", "key", "有一个空没有答案")


def is_sound(kind: Kind, options: tuple[str, ...], key: tuple[str, ...]) -> bool:
    """Whether options and key leave ``faults`` nothing to say, which is so for nearly every question."""
    texts = {*map(tuple, map(str.split, options))}
    letters = set(key)
    return (
        1 < len(texts) == len(options) <= len(LABELS)
        and () not in texts
        and len(letters) == len(key)
        and letters.issubset(LABELS[: len(options)])
        and (len(key) < 2 or kind is _MULTIPLE)
    )


def _option_faults(question: Question) -> Iterator[Fault]:
    if len(question.options) < 2:
        yield Fault("too-few-options", "options", f"只有 {len(question.options)} 个选项，至少要 2 个")
    if len(question.options) > len(LABELS):
        yield Fault("too-many-options", "options", f"有 {len(question.options)} 个选项，最多 26 个")
    for position, option in enumerate(question.options[: len(LABELS)]):
        if not option.strip():
            label = LABELS[position]
            yield Fault("empty-option", "options", f"选项 {label} 是空的", label=label)
    yield from _identical_options(question.options)
    known = tuple(LABELS[: len(question.options)])
    for label in question.key:
        # With one option or none that is the fault, not the letter.
        if len(known) > 1 and label not in known:
            yield Fault("key-beyond-options", "key", f"答案 {label} 不在选项 A 至 {known[-1]} 中")
    if question.kind is Kind.SINGLE and len(question.key) > 1:
        yield Fault("many-keys-for-single", "key", f"题型写的是单选，答案有 {len(question.key)} 个")
    if len(set(question.key)) != len(question.key):
        yield Fault("repeated-key", "key", "答案里有重复的字母")


def _identical_options(options: tuple[str, ...]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for position, option in enumerate(options[: len(LABELS)]):
        same = seen.setdefault(" ".join(option.split()), position)
        if option.strip() and same != position:
            message = f"选项 {LABELS[same]} 与 {LABELS[position]} 文字相同"
            yield Fault("identical-options", "options", message, label=LABELS[position])
