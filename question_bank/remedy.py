"""What can be done about a PaperSpec that a pool cannot fill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from question_bank.pool import Pool, ShortageLine, shortages
from question_bank.question import Difficulty, Question
from question_bank.spec import PaperSpec, SpecLine

#: Ways offered for one line: more would be no help.
MOST = 3


@dataclass(frozen=True, slots=True)
class Remedy:
    """``spec`` has one shortage less; ``sentence`` says in Chinese what was moved where."""

    sentence: str
    spec: PaperSpec


def remedies(pool: Pool | Sequence[Question], spec: PaperSpec, missing: ShortageLine) -> list[Remedy]:
    """Up to MOST ways to put ``missing``, from `shortages`, right; the least change first.

    The questions that lack are asked from another difficulty of the chapter, from another chapter, or
    from anywhere; where nothing can stand in for them, fewer are asked.
    """
    pool = pool if isinstance(pool, Pool) else Pool(pool)
    line = next(one for one in spec.lines if _place(one) == _place(missing) and one.count == missing.wanted)
    before = len(shortages(pool, spec))
    found: list[Remedy] = []
    for instead in _instead(pool, line):
        changed = _moved(spec, line, missing.available, instead)
        if changed is not None and len(shortages(pool, changed)) < before:
            found.append(Remedy(_sentence(line, missing.available, instead), changed))
        if len(found) == MOST:
            break
    if not found and (fewer := _moved(spec, line, missing.available, None)) is not None:
        found.append(Remedy(_sentence(line, missing.available, None), fewer))
    return found


_Place = tuple[str | None, Difficulty | None]


def _place(line: SpecLine | ShortageLine) -> tuple[object, ...]:
    return line.kind, line.chapter, line.difficulty


def _instead(pool: Pool, line: SpecLine) -> Iterator[_Place]:
    """Other places of the kind, those nearest to the line first, of equally near ones the best stocked."""
    chapters = {q.chapter.strip() or None for q in pool.questions if q.kind is line.kind} | {None}
    places = [(chapter, difficulty) for chapter in chapters for difficulty in (*Difficulty, None)]

    def order(place: _Place) -> tuple[object, ...]:
        stock = len(pool.matching(replace(line, chapter=place[0], difficulty=place[1])))
        apart = 0 if line.difficulty is None or place[1] is None else abs(line.difficulty - place[1])
        far = (place[0] != line.chapter, place[0] is None, place[1] is None, apart)
        return *far, -stock, place[0] or "", place[1] or 0

    return (place for place in sorted(places, key=order) if place != (line.chapter, line.difficulty))


def _moved(spec: PaperSpec, line: SpecLine, keep: int, instead: _Place | None) -> PaperSpec | None:
    """``spec`` with ``keep`` of the line and the rest at ``instead``; None when nothing would be left."""
    lines = [one for one in spec.lines if one is not line]
    if keep:
        lines.insert(spec.lines.index(line), replace(line, count=keep))
    if instead is not None:
        wanted = replace(line, count=line.count - keep, chapter=instead[0], difficulty=instead[1])
        there = next((one for one in lines if _place(one) == _place(wanted)), None)
        if there is None:
            lines.append(wanted)
        else:
            lines[lines.index(there)] = replace(there, count=there.count + wanted.count)
    return PaperSpec(tuple(lines)) if lines else None


def _sentence(line: SpecLine, keep: int, instead: _Place | None) -> str:
    start = f"改抽 {keep} 题" if keep else "这一格不抽"
    if instead is None:
        return start
    chapter, difficulty = instead
    parts = []
    if chapter != line.chapter:
        parts.append(f"“{chapter}”" if chapter else "不限章节")
    if difficulty != line.difficulty:
        parts.append(f"“{difficulty.chinese}”" if difficulty else "不限难度")
    return f"{start}，{'、'.join(parts)}加 {line.count - keep} 题"
