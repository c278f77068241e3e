"""The questions a paper is drawn from, and which of them a PaperSpec gets."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from question_bank.option_order import movable_runs
from question_bank.question import Difficulty, Kind, Question
from question_bank.spec import PaperSpec, SpecLine


class Pool:
    """Questions made ready to be drawn from often.

    Order does not matter: what is drawn depends on the questions alone. Of questions with one
    fingerprint only one can be drawn. Indexes are those of the sequence the pool was made from.
    """

    __slots__ = ("_matching", "_runs", "fingerprint", "fingerprints", "questions")

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions = tuple(questions)
        self.fingerprints = tuple(question.fingerprint for question in self.questions)
        self.fingerprint = _fingerprint(self.fingerprints)
        self._runs: dict[int, tuple[tuple[int, int], ...]] = {}
        matching: dict[tuple[Kind, str | None, Difficulty | None], list[int]] = defaultdict(list)
        for index in self._distinct():
            question = self.questions[index]
            chapter = question.chapter.strip() or None
            # A question without a chapter is found by lines for any chapter only.
            for wanted in (None, chapter) if chapter else (None,):
                matching[question.kind, wanted, None].append(index)
                matching[question.kind, wanted, question.difficulty].append(index)
        self._matching = dict(matching)

    def __len__(self) -> int:
        return len(self.questions)

    def _distinct(self) -> list[int]:
        """One index for each fingerprint, in the order of fingerprints.

        Which of two equal questions stands for both is settled by the rest of what they say, so that
        it is the same one however the pool was ordered.
        """
        order = sorted(range(len(self.questions)), key=self.fingerprints.__getitem__)
        first: dict[str, int] = {}
        for index in order:
            fingerprint = self.fingerprints[index]
            known = first.setdefault(fingerprint, index)
            if known != index and _wording(self.questions[index]) < _wording(self.questions[known]):
                first[fingerprint] = index
        return list(first.values())

    def matching(self, line: SpecLine) -> Sequence[int]:
        """The indexes of the questions that fit the line."""
        return self._matching.get((line.kind, line.chapter, line.difficulty), ())

    def movable(self, index: int) -> tuple[tuple[int, int], ...]:
        """`movable_runs` of the question's options, looked at once."""
        runs = self._runs.get(index)
        if runs is None:
            runs = self._runs[index] = movable_runs(self.questions[index].options)
        return runs


def _wording(question: Question) -> tuple[object, ...]:
    rest = (question.explanation, question.basis, question.points or 0)
    return (question.chapter, question.difficulty, question.stem, question.options, question.key, *rest)


def _fingerprint(fingerprints: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(set(fingerprints))).encode()).hexdigest()


def pool_fingerprint(pool: Pool | Sequence[Question]) -> str:
    """SHA-256 in hex over the distinct fingerprints of the questions, sorted, joined by newlines.

    Chapter and difficulty are not part of it; a spec that asks for them depends on them as well.
    """
    if isinstance(pool, Pool):
        return pool.fingerprint
    return _fingerprint(question.fingerprint for question in pool)


@dataclass(frozen=True, slots=True)
class ShortageLine:
    """A line of the spec that cannot be filled.

    ``available`` is what is left for it after the lines served before it, ``matching`` what the pool
    has of such questions altogether.
    """

    kind: Kind
    chapter: str | None
    difficulty: Difficulty | None
    wanted: int
    available: int
    matching: int

    @property
    def message(self) -> str:
        what = SpecLine(self.kind, self.wanted, 1, self.chapter, self.difficulty).of_what
        has = f"题库只有 {self.matching} 道"
        if self.available != self.matching:
            has = f"题库有 {self.matching} 道，其他各行用去后只剩 {self.available} 道"
        return f"{what}还差 {self.wanted - self.available} 道（需要 {self.wanted} 道，{has}）"


class Shortage(ValueError):
    """The pool has too few questions for the spec. ``message`` says in Chinese what is missing."""

    def __init__(self, lines: Sequence[ShortageLine]) -> None:
        self.lines = tuple(lines)
        self.message = "；".join(line.message for line in self.lines)
        super().__init__(self.message)


def shortages(pool: Pool | Sequence[Question], spec: PaperSpec) -> list[ShortageLine]:
    """The lines of the spec the pool cannot fill, in the order of the spec; empty when it can be drawn."""
    pool = pool if isinstance(pool, Pool) else Pool(pool)
    return short(pool, spec, allot(pool, spec, _first))


def short(pool: Pool, spec: PaperSpec, chosen: Sequence[Sequence[int]]) -> list[ShortageLine]:
    """The lines that ``chosen``, from `allot`, does not fill."""
    return [
        ShortageLine(
            line.kind, line.chapter, line.difficulty, line.count, len(indexes), len(pool.matching(line))
        )
        for line, indexes in zip(spec.lines, chosen, strict=True)
        if len(indexes) < line.count
    ]


#: Takes candidates, how many are wanted and which are taken; gives at most so many of the others.
Picker = Callable[[Sequence[int], int, Collection[int]], list[int]]


def _first(candidates: Sequence[int], count: int, taken: Collection[int]) -> list[int]:
    return [index for index in candidates if index not in taken][:count]


def allot(pool: Pool, spec: PaperSpec, pick: Picker) -> list[list[int]]:
    """For each line of the spec its questions, none twice; fewer than wanted only when it must be.

    The most specific line is served first. When one still finds too few, lines served before it give
    up questions they can replace, so an allotment is found whenever there is one.
    """
    chosen: list[list[int]] = [[] for _ in spec.lines]
    owner: dict[int, int] = {}
    # Sorting is stable: among equally specific lines the order of the spec decides.
    by_specificity = sorted(range(len(chosen)), key=lambda number: _breadth(spec.lines[number]))
    for number in by_specificity:
        line = spec.lines[number]
        picked = pick(pool.matching(line), line.count, owner)
        owner.update(dict.fromkeys(picked, number))
        chosen[number] = picked
        while len(chosen[number]) < line.count and _make_room(pool, spec, chosen, owner, number, pick):
            pass
    return chosen


def _breadth(line: SpecLine) -> int:
    return (line.chapter is None) + (line.difficulty is None)


def _make_room(
    pool: Pool,
    spec: PaperSpec,
    chosen: list[list[int]],
    owner: dict[int, int],
    number: int,
    pick: Picker,
) -> bool:
    """Give line ``number`` one more question along an augmenting path; False if there is none."""
    # For each line reached: the line that could use one of its questions, and that question.
    wanted_by: dict[int, tuple[int, int]] = {}
    queue = [number]
    for line in queue:
        candidates = pool.matching(spec.lines[line])
        for question in pick(candidates, len(candidates), ()):
            holder = owner.get(question)
            if holder is None:
                _exchange(chosen, owner, wanted_by, line, question)
                return True
            if holder != number and holder not in wanted_by:
                wanted_by[holder] = (line, question)
                queue.append(holder)
    return False


def _exchange(
    chosen: list[list[int]],
    owner: dict[int, int],
    wanted_by: Mapping[int, tuple[int, int]],
    line: int,
    question: int,
) -> None:
    """Hand the free ``question`` to ``line`` and pass what it replaces back along the path."""
    while True:
        chosen[line].append(question)
        owner[question] = line
        if line not in wanted_by:
            return
        giver = line
        line, question = wanted_by[giver]
        chosen[giver].remove(question)
