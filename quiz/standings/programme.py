"""大屏轮播: which scenes a wall shows in turn, and its slogans. Plain values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quiz.errors import RuleBroken

MOST_SLOGANS, LONGEST_SLOGAN = 12, 30


class BadProgramme(RuleBroken):
    code = "bad-programme"
    status = 422


class Scene(StrEnum):
    """In the order a wall shows them; the ranks of units come back after each of the others."""

    UNITS = "units"
    PERSONS = "persons"
    PROGRESS = "progress"
    QR = "qr"
    SLOGANS = "slogans"
    QUESTION = "question"

    @property
    def chinese(self) -> str:
        return {
            "units": "单位榜",
            "persons": "个人榜（姓名隐去）",
            "progress": "进度",
            "qr": "扫码答题",
            "slogans": "标语",
            "question": "每日一题",
        }[self]


@dataclass(frozen=True)
class Programme:
    scenes: tuple[Scene, ...] = (Scene.UNITS,)
    slogans: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        return {"scenes": list(self.scenes), "slogans": list(self.slogans)}


def from_document(document: Mapping[str, Any]) -> Programme:
    """document() of it gives the same; an empty one is the default."""
    if not document:
        return Programme()
    return Programme(tuple(map(Scene, document["scenes"])), tuple(document["slogans"]))


def chosen(scenes: Iterable[str], slogans: str) -> Programme:
    """What was ticked and typed, one slogan a line. BadProgramme with what to put right."""
    ticked = {scene for scene in Scene if scene.value in set(scenes)}
    lines = [line.strip() for line in slogans.splitlines() if line.strip()]
    if not ticked:
        raise BadProgramme("大屏至少要有一项内容。")
    if len(lines) > MOST_SLOGANS or any(len(line) > LONGEST_SLOGAN for line in lines):
        raise BadProgramme(f"标语最多 {MOST_SLOGANS} 条，每条最多 {LONGEST_SLOGAN} 个字。")
    # The wide space, which no test calls printable, is how people set a slogan.
    if any(not line.replace("\u3000", "").isprintable() for line in lines):
        raise BadProgramme("标语里有不能显示的字符。")
    if Scene.SLOGANS in ticked and not lines:
        raise BadProgramme("选了标语，请至少写一条。")
    return Programme(tuple(scene for scene in Scene if scene in ticked), tuple(lines))
