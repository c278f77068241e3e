"""安澜县, which does not exist: its units and the persons of its roster.

Every name is made up and every phone is from a range of our own; the same county comes out each time.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

NAME = "安澜县"
HOST = "安澜县信访工作联席会议办公室"
PERSONS = 300

#: Name, kind, weight of its headcount, and how well it is prepared (0 is the county's average).
UNITS: tuple[tuple[str, str, int, float], ...] = (
    ("城关街道", "街道", 16, 0.5),
    ("永兴街道", "街道", 14, 0.1),
    ("青石镇", "镇", 14, 0.7),
    ("柳泉镇", "镇", 12, 0.4),
    ("双桥镇", "镇", 12, 0.0),
    ("望河镇", "镇", 11, -0.2),
    ("云台镇", "镇", 11, 0.2),
    ("白鹿镇", "镇", 10, -0.4),
    ("平湖镇", "镇", 10, 0.1),
    ("松岭镇", "镇", 9, -0.6),
    ("石门乡", "乡", 9, 0.3),
    ("东坪乡", "乡", 8, -0.3),
    ("县委办公室", "县委机关", 9, 0.3),
    ("县委组织部", "县委机关", 8, 0.2),
    ("县委宣传部", "县委机关", 7, -0.1),
    ("县信访局", "政府部门", 10, 1.3),
    ("县司法局", "政府部门", 11, 1.0),
    ("县公安局", "政府部门", 14, 0.2),
    ("县教育体育局", "政府部门", 11, 0.0),
    ("县民政局", "政府部门", 9, 0.3),
    ("县财政局", "政府部门", 9, -0.2),
    ("县人社局", "政府部门", 9, 0.4),
    ("县自然资源局", "政府部门", 10, -0.1),
    ("县住建局", "政府部门", 10, -0.3),
    ("县交通运输局", "政府部门", 9, -0.5),
    ("县水利局", "政府部门", 9, 0.1),
    ("县农业农村局", "政府部门", 10, 0.0),
    ("县卫健委", "政府部门", 10, -0.1),
    ("县总工会", "人民团体", 6, 0.2),
    ("县妇联", "人民团体", 6, 0.6),
)

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_PAIRS = (
    "思远雨晴建国海燕志强秀英明轩晓梅文博静怡立新春华子涵国栋玉兰浩然丽娟永康"
    "佳宁振华雪芹宏伟慧敏向阳若曦长青素珍俊杰婉婷德明桂香一鸣红梅承志月英瑞丰"
)
_GIVEN = (*(_PAIRS[place : place + 2] for place in range(0, len(_PAIRS), 2)), *"倩磊敏涛静凯岩宁")
_POSTS = ("科员", "科员", "科员", "副科长", "科长", "办公室副主任", "办公室主任", "副局长")
_RANKS = ("一级科员", "二级科员", "四级主任科员", "三级主任科员", "二级主任科员", "一级主任科员")
_IDENTITIES = ("公务员", "公务员", "公务员", "参公人员", "事业人员")

#: Named on the screen the demo prints: two sign in by phone, the third by number and passcode.
CAST = (("安宁", "城关街道"), ("陈思远", "青石镇"), ("买合木提·艾山", "县司法局"))
PASSCODE = "258036"


@dataclass(frozen=True, slots=True)
class Somebody:
    """One line of the roster; ``number`` only for those who sign in without a phone."""

    name: str
    unit: str
    phone: str
    number: str | None
    post: str
    rank: str
    identity: str
    #: How well prepared: 0 is average, about ±1 is usual.
    skill: float


def roster() -> list[Somebody]:
    """300 persons in the order of their units, the cast first; always the same."""
    chance = random.Random("安澜县的名册")
    named = dict.fromkeys(name for name, _ in CAST)
    people = [_somebody(chance, number, *cast) for number, cast in enumerate(CAST, 1)]
    for unit in _places(PERSONS - len(CAST)):
        name = next(name for name in _names(chance) if name not in named)
        named[name] = None
        people.append(_somebody(chance, len(people) + 1, name, unit))
    return people


def _places(count: int) -> list[str]:
    """The unit of each of ``count`` persons, in proportion to the weights."""
    total = sum(weight for _, _, weight, _ in UNITS)
    ends, seen = [], 0
    for name, _, weight, _ in UNITS:
        seen += weight
        ends.append((name, round(count * seen / total)))
    return [next(name for name, end in ends if place < end) for place in range(count)]


def _names(chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def _somebody(chance: random.Random, number: int, name: str, unit: str) -> Somebody:
    prepared = next(skill for known, _, _, skill in UNITS if known == unit)
    without_phone = number % 60 == 3  # the third of the cast is one of them
    return Somebody(
        name=name,
        unit=unit,
        phone=f"1380000{number:04}",
        number=f"AL{number:04}" if without_phone else None,
        post=chance.choice(_POSTS),
        rank=chance.choice(_RANKS),
        identity=chance.choice(_IDENTITIES),
        skill=chance.gauss(prepared, 0.7),
    )
