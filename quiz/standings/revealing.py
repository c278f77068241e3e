"""放榜: places told from the last to the first, one step each. Plain values only.

What is told is fixed when it begins: nothing that happens meanwhile changes a step. A rehearsal tells what
everybody knows already.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from quiz.errors import RuleBroken
from quiz.standings import rules
from quiz.standings.method import Method
from quiz.standings.rules import Ranked

LARGEST = 24
PRIZES = ("一等奖", "二等奖", "三等奖")


class CannotReveal(RuleBroken):
    code = "cannot-reveal"


@dataclass(frozen=True)
class Entry:
    """One place: the unit, its score, its prize, and how it stood when the standings froze."""

    rank: int
    unit: str
    score: str
    prize: str
    before_rank: int | None
    before_score: str

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def told(self) -> str:
        """What the freeze hid: 封榜前 130 分第 5 名，现在 190 分，升至第 3 名."""
        if self.before_rank is None:
            return f"封榜前没有名次，现在 {self.score} 分，第 {self.rank} 名"
        before = f"封榜前 {self.before_score} 分，第 {self.before_rank} 名"
        if self.rank == self.before_rank:
            return f"{before}；现在 {self.score} 分，名次不变"
        way = "升至" if self.rank < self.before_rank else "降至"
        return f"{before}；现在 {self.score} 分，{way}第 {self.rank} 名"


def entries(
    public: Sequence[Ranked], jury: Sequence[Ranked], *, method: Method, group: str, prizes: Sequence[int]
) -> list[Entry]:
    """The first places of ``group``, as many as there are prizes; CannotReveal when there are none.

    Whoever shares the last place that is told is told as well.
    """
    count = sum(prizes)
    if not 1 <= count <= LARGEST:
        raise CannotReveal(f"放榜的名额合计应当是 1 至 {LARGEST} 个。")
    before = {entry.row.unit_id: entry for entry in public}
    first = [entry for entry in jury if entry.group == group and entry.rank is not None]
    last = first[min(count, len(first)) - 1].rank if first else 0
    chosen = [entry for entry in first if entry.rank is not None and last and entry.rank <= last][:LARGEST]
    if not chosen:
        raise CannotReveal("还没有单位有名次，不能放榜。")
    return [_entry(entry, before.get(entry.row.unit_id), method, prizes) for entry in chosen]


def _entry(now: Ranked, before: Ranked | None, method: Method, prizes: Sequence[int]) -> Entry:
    return Entry(
        rank=now.rank or 0,
        unit=now.row.unit,
        score=rules.wall_score(method.formula, now.score),
        prize=_prize(now.rank or 0, prizes),
        before_rank=before.rank if before else None,
        before_score=rules.wall_score(method.formula, before.score) if before else rules.NOTHING,
    )


def _prize(rank: int, prizes: Sequence[int]) -> str:
    """Whoever shares a rank shares the prize."""
    seen = 0
    for name, count in zip(PRIZES, prizes, strict=False):
        seen += count
        if rank <= seen:
            return name
    return ""


def document(found: Sequence[Entry], *, step: int, rehearsal: bool) -> dict[str, Any]:
    """What the hall may see after ``step`` steps: nothing of a place that was not told."""
    hidden = len(found) - step
    return {
        "step": step,
        "rehearsal": rehearsal,
        "said": f"{found[hidden].unit}　{found[hidden].told}" if step else "",
        "places": [
            {"place": place, "prize": entry.prize} if place <= hidden else _told(entry, place)
            for place, entry in enumerate(found, 1)
        ],
    }


def _told(entry: Entry, place: int) -> dict[str, Any]:
    return {
        "place": place,
        "prize": entry.prize,
        "rank": entry.rank,
        "unit": entry.unit,
        "score": entry.score,
    }
