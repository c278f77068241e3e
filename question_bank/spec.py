"""How a paper is put together: the PaperSpec (抽题规则) and the presets.

Points are hundredths of a point, as in `question_bank.marking`; JSON documents speak of points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from question_bank.marking import hundredths, in_points
from question_bank.question import Difficulty, Kind

_MOST_ITEMS, _MOST_POINTS = 1000, 100_000
_FIELDS = ("kind", "count", "points", "chapter", "difficulty")


@dataclass(frozen=True, slots=True)
class SpecLine:
    """``count`` items of one kind at ``points`` hundredths each, of any chapter and difficulty or one."""

    kind: Kind
    count: int
    points: int
    chapter: str | None = None
    difficulty: Difficulty | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.count <= _MOST_ITEMS:
            raise ValueError(f"{self.kind.chinese}的题数应当在 1 至 {_MOST_ITEMS} 之间")
        if not 1 <= self.points <= _MOST_POINTS:
            raise ValueError(f"{self.kind.chinese}的每题分值应当大于 0，不超过 {in_points(_MOST_POINTS)}")

    @property
    def of_what(self) -> str:
        """Which questions, in words: 章节“总则”、难度难的多选题."""
        narrowed = [f"章节“{self.chapter}”"] if self.chapter else []
        narrowed += [f"难度{self.difficulty.chinese}"] if self.difficulty else []
        return "、".join(narrowed) + ("的" if narrowed else "") + self.kind.chinese


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """How many of which questions for how many points (抽题规则)."""

    lines: tuple[SpecLine, ...]

    def __post_init__(self) -> None:
        if not self.lines:
            raise ValueError("抽题规则至少要有一行")
        if self.items > _MOST_ITEMS:
            raise ValueError(f"一份试卷最多 {_MOST_ITEMS} 道题")

    @property
    def items(self) -> int:
        return sum(line.count for line in self.lines)

    @property
    def full(self) -> int:
        """The points of the whole paper, in hundredths."""
        return sum(line.count * line.points for line in self.lines)

    @classmethod
    def from_json(cls, doc: object) -> "PaperSpec":
        """The spec a parsed JSON document describes. ValueError with a Chinese sentence when malformed.

        ``{"lines": [{"kind": "single", "count": 40, "points": 1, "chapter": null, "difficulty": null}]}``,
        points as a number of points, difficulty 1 to 3; chapter and difficulty may be missing.
        """
        lines = doc.get("lines") if isinstance(doc, Mapping) else None
        if not isinstance(lines, list):
            raise ValueError("抽题规则里没有各行的列表（lines）")
        return cls(tuple(_line_from_json(line, number) for number, line in enumerate(lines, 1)))

    def document(self) -> dict[str, object]:
        """What `from_json` reads back."""
        return {
            "lines": [
                {
                    "kind": line.kind.value,
                    "count": line.count,
                    "points": in_points(line.points),
                    "chapter": line.chapter,
                    "difficulty": line.difficulty and line.difficulty.value,
                }
                for line in self.lines
            ]
        }


def _line_from_json(doc: object, number: int) -> SpecLine:
    where = f"抽题规则第 {number} 行："
    if not isinstance(doc, Mapping):
        raise ValueError(where + "应当写明题型、题数和分值")
    if unknown := [name for name in doc if name not in _FIELDS]:
        raise ValueError(where + f"不认识的内容“{unknown[0]}”")
    kind, count, chapter = doc.get("kind"), doc.get("count"), doc.get("chapter")
    if kind not in list(Kind):
        raise ValueError(where + f"不认识的题型“{kind}”")
    if isinstance(count, bool) or not isinstance(count, int):
        raise ValueError(where + "题数应当是整数")
    if chapter is not None and not isinstance(chapter, str):
        raise ValueError(where + "章节应当是文字")
    try:
        points = hundredths(doc.get("points"))  # type: ignore[arg-type]  # it refuses what is no number
        difficulty = _difficulty_from_json(doc.get("difficulty"))
        return SpecLine(Kind(kind), count, points, (chapter or "").strip() or None, difficulty)
    except ValueError as error:
        raise ValueError(where + str(error)) from None


def _difficulty_from_json(value: object) -> Difficulty | None:
    if value is None:
        return None
    if isinstance(value, bool) or value not in list(Difficulty):
        raise ValueError("难度应当是 1、2、3 或不填")
    return Difficulty(value)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Preset:
    """An exam as it is held somewhere, ready to use (domain §4.2). ``pass_mark`` in hundredths."""

    key: str
    name: str
    spec: PaperSpec
    minutes: int
    pass_mark: int
    chances: int = 1
    counts: Literal["best", "last", "first", "mean"] = "best"


def _usual(single: tuple[int, int], multiple: tuple[int, int], true_false: tuple[int, int]) -> PaperSpec:
    """From (count, whole points each) of the three kinds every such exam has."""
    pairs = zip((Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE), (single, multiple, true_false), strict=True)
    return PaperSpec(tuple(SpecLine(kind, count, points * 100) for kind, (count, points) in pairs))


#: The presets of `mingshi exam create --preset`; xinjiang's pass mark is ours, the rule set names none.
PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("jining", "济宁型", _usual((40, 1), (20, 2), (20, 1)), minutes=60, pass_mark=8000),
        Preset(
            "xinjiang", "新疆型", _usual((25, 2), (10, 3), (10, 2)), minutes=90, pass_mark=6000, chances=2
        ),
        Preset("fifty", "五十题型", _usual((25, 2), (10, 2), (15, 2)), minutes=120, pass_mark=6000),
        Preset("monthly", "每月一考", _usual((10, 5), (5, 5), (5, 5)), minutes=20, pass_mark=6000),
    )
}
