"""计分办法: what the organiser decides about a ranking of units, and the ranking itself. Plain values only.

One Method says everything: formula and its figures, keys for equal scores, groups, who is left out, how far
up the tree of units figures are added. Its sentences are what the wall and the workbook print.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from heapq import nlargest
from typing import Any

from quiz.errors import RuleBroken
from quiz.standings import rules
from quiz.standings.rules import Formula, Ranked, UnitRow

LARGEST_TOP = 200
LARGEST_SIZE = 100_000
DEEPEST = 4
LEFT_OUT = "不参与排名"


class BadMethod(RuleBroken):
    code = "bad-method"
    status = 422


class Tie(StrEnum):
    """A key that decides between equal scores, the greater first."""

    RATE = "rate"
    MEAN = "mean"
    EXCELLENT = "excellent"
    TOOK_PART = "took_part"

    @property
    def chinese(self) -> str:
        return {"rate": "参与率", "mean": "平均分", "excellent": "优秀人数", "took_part": "参加人数"}[self]


class Grouping(StrEnum):
    NONE = "none"
    KIND = "kind"
    SIZE = "size"

    @property
    def chinese(self) -> str:
        return {"none": "不分组", "kind": "按单位类别分组", "size": "按应参人数分甲、乙、丙组"}[self]


class Visibility(StrEnum):
    """Who may read the ranking away from the desk and from a wall the organiser has opened."""

    NOBODY = "nobody"
    OWN = "own"
    ALL = "all"

    @property
    def chinese(self) -> str:
        return {"nobody": "不公开", "own": "仅本单位", "all": "全部"}[self]


@dataclass(frozen=True, kw_only=True)
class Method:
    formula: Formula = Formula.R50M50
    #: Of 100, what 参与率 is worth in 综合分.
    weight: int = 50
    #: How many of the best count in 前若干名平均分.
    top: int = 10
    #: How many persons the overall mean is worth in 修正平均分.
    shrink: int = 10
    ties: tuple[Tie, ...] = (Tie.RATE, Tie.MEAN)
    grouping: Grouping = Grouping.NONE
    #: Least heads of 甲组 and of 乙组; 0 for the latter leaves two groups.
    sizes: tuple[int, int] = (100, 30)
    least_took_part: int = 0
    least_expected: int = 0
    #: 0: each unit for itself. 1: everything added to the top of the tree, 2: to the level below, …
    depth: int = 0

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"ties": list(self.ties), "sizes": list(self.sizes)}

    @property
    def name(self) -> str:
        """What the score is called: 综合分, 前 10 名平均分."""
        return f"前 {self.top} 名平均分" if self.formula is Formula.TOP else self.formula.chinese

    @property
    def sentence(self) -> str:
        """How the score is computed."""
        if self.formula is Formula.R50M50 and self.weight != 50:
            return f"综合分：参与率占 {self.weight} 分，平均分占 {100 - self.weight} 分。"
        if self.formula is Formula.TOP:
            return f"{self.name}：本单位成绩最好的 {self.top} 人的平均，人数不够的空位按 0 分计。"
        if self.formula is Formula.SHRUNK:
            return f"修正平均分：（成绩总和 + {self.shrink} × 总平均分）÷（参加人数 + {self.shrink}）。"
        return self.formula.sentence

    @property
    def ties_sentence(self) -> str:
        if not self.ties:
            return "同分并列。"
        first, *rest = (tie.chinese for tie in self.ties)
        return f"同分先看{first}，{''.join(f'再看{one}，' for one in rest)}都相同就并列。"

    @property
    def more_sentences(self) -> str:
        """Groups, who is left out, roll-up: what is not printed in one line on the wall."""
        said = []
        if self.grouping is Grouping.KIND:
            said.append("按单位类别分组排名。")
        if self.grouping is Grouping.SIZE:
            said.append(self._sizes_sentence())
        limits = [
            f"参加不足 {self.least_took_part} 人" if self.least_took_part else "",
            f"应参不足 {self.least_expected} 人" if self.least_expected else "",
        ]
        if any(limits):
            said.append(f"{'或'.join(filter(None, limits))}的单位不参与排名。")
        if self.depth:
            said.append(f"下级单位的人数和成绩计入第 {self.depth} 级单位。")
        return "".join(said)

    def _sizes_sentence(self) -> str:
        large, middle = self.sizes
        if not middle:
            return f"按应参人数分组：甲组 {large} 人以上，乙组不足 {large} 人。"
        return f"按应参人数分组：甲组 {large} 人以上，乙组 {middle} 至 {large - 1} 人，丙组不足 {middle} 人。"

    @property
    def sentences(self) -> str:
        return self.sentence + self.ties_sentence + self.more_sentences


def from_document(document: Mapping[str, Any]) -> Method:
    """document() of it gives the same."""
    return Method(
        **{name: value for name, value in document.items() if name not in _TYPED},
        formula=Formula(document["formula"]),
        ties=tuple(map(Tie, document["ties"])),
        grouping=Grouping(document["grouping"]),
        sizes=tuple(document["sizes"]),
    )


_TYPED = ("formula", "ties", "grouping", "sizes")


def check(method: Method) -> None:
    """BadMethod with what to put right."""
    large, middle = method.sizes
    if not 0 <= method.weight <= 100:
        raise BadMethod("参与率占的分数应当是 0 至 100。")
    if not 1 <= method.top <= LARGEST_TOP:
        raise BadMethod(f"取前几名应当是 1 至 {LARGEST_TOP}。")
    if not 1 <= method.shrink <= LARGEST_TOP:
        raise BadMethod(f"修正的人数应当是 1 至 {LARGEST_TOP}。")
    if len(set(method.ties)) != len(method.ties):
        raise BadMethod("同分时看的几项不能重复。")
    if method.grouping is Grouping.SIZE and not 0 <= middle < large <= LARGEST_SIZE:
        raise BadMethod("甲组的人数下限要大于乙组的。")
    if not all(0 <= least <= LARGEST_SIZE for least in (method.least_took_part, method.least_expected)):
        raise BadMethod("最少人数应当是 0 或更大的整数。")
    if not 0 <= method.depth <= DEEPEST:
        raise BadMethod(f"汇总到第几级，应当是 0 至 {DEEPEST}。")


def default_visibility(*, contest: bool) -> Visibility:
    """A ranking of cadres is nobody else's business unless somebody says so (domain.md WEB-15, SEC-2)."""
    return Visibility.ALL if contest else Visibility.OWN


def score(method: Method, row: UnitRow, *, full: Decimal, overall: Decimal | None) -> Decimal | None:
    return rules.score(
        method.formula,
        expected=row.expected,
        took_part=row.took_part,
        total=row.total,
        full=full,
        weight=method.weight,
        best=row.best,
        top=method.top,
        overall=overall,
        shrink=method.shrink,
    )


def group(method: Method, row: UnitRow) -> str:
    if method.grouping is Grouping.KIND:
        return row.kind or "其他"
    if method.grouping is Grouping.SIZE:
        large, middle = method.sizes
        return "甲组" if row.expected >= large else "乙组" if row.expected >= middle else "丙组"
    return ""


def left_out(method: Method, row: UnitRow) -> bool:
    return row.took_part < method.least_took_part or row.expected < method.least_expected


def rank_units(rows: Sequence[UnitRow], *, method: Method, full: Decimal) -> list[Ranked]:
    """Group by group: by score, then by the keys for equal scores; whoever is equal in all shares the rank.

    Whoever is left out or has no score comes last in its group, unranked, in the order given.
    """
    overall = rules.mean(sum((row.total for row in rows), Decimal(0)), sum(row.took_part for row in rows))
    scored = [(row, score(method, row, full=full, overall=overall)) for row in rows]
    found: list[Ranked] = []
    for name in _groups(method, rows):
        own = [pair for pair in scored if group(method, pair[0]) == name]
        found += _rank(own, method, name)
    return found


def _groups(method: Method, rows: Iterable[UnitRow]) -> list[str]:
    """甲 before 乙 before 丙; kinds with the most units first."""
    counts: dict[str, int] = {}
    for row in rows:
        name = group(method, row)
        counts[name] = counts.get(name, 0) + 1
    if method.grouping is Grouping.SIZE:
        return [name for name in ("甲组", "乙组", "丙组") if name in counts]
    return sorted(counts, key=lambda name: (-counts[name], name))


def _rank(pairs: list[tuple[UnitRow, Decimal | None]], method: Method, name: str) -> list[Ranked]:
    def key(pair: tuple[UnitRow, Decimal | None]) -> tuple[Decimal, ...]:
        row, value = pair
        parts = (value, *(_tie(tie, row) for tie in method.ties))
        return tuple(Decimal(-1) if part is None else part for part in parts)

    fit = [pair for pair in pairs if _fit(method, pair)]
    rest = [pair for pair in pairs if not _fit(method, pair)]
    ranked = [Ranked(place, row, value, name) for place, (row, value) in rules.rank(fit, key)]
    return ranked + [
        Ranked(None, row, value, name, LEFT_OUT if left_out(method, row) else "") for row, value in rest
    ]


def _fit(method: Method, pair: tuple[UnitRow, Decimal | None]) -> bool:
    return pair[1] is not None and not left_out(method, pair[0])


def _tie(tie: Tie, row: UnitRow) -> Decimal | None:
    if tie is Tie.RATE:
        return row.rate
    if tie is Tie.MEAN:
        return row.mean
    return Decimal(row.excellent if tie is Tie.EXCELLENT else row.took_part)


def rolled_up(
    rows: Iterable[UnitRow], parents: Mapping[int, int | None], *, depth: int, names: Mapping[int, UnitRow]
) -> list[UnitRow]:
    """Figures of units below ``depth`` added to who stands above them there; ``names`` has every unit's row.

    A circle among the parents ends where it began: such a unit stays for itself.
    """
    sums: dict[int, UnitRow] = {}
    for row in rows:
        above = ancestor(row.unit_id, parents, depth)
        head = sums.get(above) or replace(names.get(above, row), **_NOTHING)
        sums[above] = _added(head, row)
    return list(sums.values())


_NOTHING: dict[str, Any] = {
    "expected": 0,
    "took_part": 0,
    "sitting": 0,
    "total": Decimal(0),
    "passed": 0,
    "excellent": 0,
    "best": (),
}


def _added(one: UnitRow, other: UnitRow) -> UnitRow:
    names = ("expected", "took_part", "sitting", "total", "passed", "excellent")
    sums: dict[str, Any] = {name: getattr(one, name) + getattr(other, name) for name in names}
    return replace(one, **sums, best=tuple(nlargest(LARGEST_TOP, one.best + other.best)))


def ancestor(unit_id: int, parents: Mapping[int, int | None], depth: int) -> int:
    path, above = [unit_id], parents.get(unit_id)
    while above is not None and above not in path:
        path.append(above)
        above = parents.get(above)
    if above is not None:
        return unit_id
    return path[max(0, len(path) - depth)]
