"""Questions that are nearly the same: one character off, the same options in another order, or one stem.

Compared are stem and options together, normalised, the options in an order of their own. Two questions
are near when LEAST percent of the characters agree (Levenshtein, by rapidfuzz) or one differs. Different
numbers make different questions: 15 日 beside 30 日 is what regulations are about. Questions with one stem
whose options differ by more are told apart as ``same="stem"``: 下列说法正确的是 is asked often and rightly.
Questions of one fingerprint are the same question and no matter of this module.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from question_bank.placed import Placed
from question_bank.question import LABELS, Kind, Question, comparable, joined
from question_bank.report import Near

#: Percent of the characters that must agree.
LEAST = 94
#: Below this many characters even one that differs makes another question.
SHORTEST = 8
_GRAM = 3
#: A run of characters that more questions share tells nothing about any of them.
_COMMON = 60
_LONGEST = 1500
_BLOCK = 40
_NUMBER = re.compile("[0-9]+|[〇零一二三四五六七八九十百千万两]+")


@dataclass(frozen=True, slots=True)
class _Text:
    """A question made ready: ``place`` counts through bank and file, ``numbers`` must agree."""

    place: int
    stem: str
    text: str
    numbers: tuple[str, ...]
    grams: tuple[str, ...]

    @property
    def slack(self) -> int:
        return max(1, len(self.text) * (100 - LEAST) // 100)


def near(placed: Sequence[Placed], bank: Iterable[tuple[int, Question]] = ()) -> list[Near]:
    """For each question much like an earlier one or one of the bank: that it is, and which is likest.

    Failing that, that an earlier one has its stem, if one has. ``bank`` gives questions with their numbers.
    Time grows with the number of questions, not its square: only those that share a rare run of three
    characters are compared.
    """
    held = list(bank)
    asked = [question for _, question in held] + [entry.question for entry in placed]
    texts = [_text(place, *compared) for place, compared in enumerate(_compared(asked))]
    shared = Counter(gram for text in texts for gram in text.grams)
    index: dict[str, list[_Text]] = defaultdict(list)
    stems: dict[tuple[Kind, str], int] = {}
    found = []
    for text in texts:
        rare = _rarest(text, shared)
        first = stems.setdefault((asked[text.place].kind, text.stem), text.place)
        if text.place >= len(held):
            twin = _likest(text, _candidates(rare, index), asked)
            if twin:
                found.append(_told(placed, held, asked, text.place, *twin))
            elif first != text.place and asked[first].fingerprint != asked[text.place].fingerprint:
                found.append(replace(_told(placed, held, asked, text.place, first, 0), same="stem"))
        for gram in rare:
            index[gram].append(text)
    return found


def _compared(asked: Sequence[Question]) -> Iterator[tuple[str, list[str]]]:
    """The stem and the options of each question, comparable."""
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        for texts in joined([(one.stem, *one.options) for one in block]):
            stem, *options = texts.split("\x1f")
            yield stem, options


def _text(place: int, stem: str, options: list[str]) -> _Text:
    whole = "\x1f".join([stem, *sorted(options)])[:_LONGEST]
    grams = {whole[start : start + _GRAM] for start in range(len(whole) - _GRAM + 1)}
    numbers = tuple(sorted(_NUMBER.findall(whole)))
    return _Text(place, stem, whole, numbers, tuple(grams) if len(whole) >= SHORTEST else ())


def _rarest(text: _Text, shared: Counter[str]) -> list[str]:
    """Of two texts ``slack`` edits apart one of these runs stands in both: an edit spoils three at most."""
    ordered = sorted(sorted(text.grams), key=shared.__getitem__)[: _GRAM * text.slack + 1]
    return [gram for gram in ordered if 1 < shared[gram] <= _COMMON]


def _candidates(rare: Iterable[str], index: dict[str, list[_Text]]) -> Iterator[_Text]:
    seen: set[int] = set()
    for gram in rare:
        for other in index.get(gram, ()):
            if other.place not in seen:
                seen.add(other.place)
                yield other


def _likest(text: _Text, others: Iterable[_Text], asked: Sequence[Question]) -> tuple[int, int] | None:
    """Place of the likest and the distance to it; None when nothing is near."""
    best: tuple[int, int] | None = None
    for other in others:
        slack = min(text.slack, other.slack) if best is None else best[1] - 1
        if slack < 0:
            break
        if other.numbers != text.numbers or abs(len(other.text) - len(text.text)) > slack:
            continue
        distance = Levenshtein.distance(text.text, other.text, score_cutoff=slack)
        if distance <= slack and asked[other.place].fingerprint != asked[text.place].fingerprint:
            best = other.place, distance
    return best


def _told(
    placed: Sequence[Placed],
    held: Sequence[tuple[int, Question]],
    asked: Sequence[Question],
    place: int,
    of: int,
    distance: int,
) -> Near:
    own, other = placed[place - len(held)], asked[of]
    longest = max(len(comparable(own.question.stem)), 1) + sum(
        map(len, map(comparable, own.question.options))
    )
    likeness = 100 if not distance else min(99, round(100 - 100 * distance / max(longest, 1)))
    same = _right(own.question) == _right(other)
    if of < len(held):
        return Near(own.sheet, own.row, "", 0, held[of][0], likeness, same)
    earlier = placed[of - len(held)]
    return Near(own.sheet, own.row, earlier.sheet, earlier.row, None, likeness, same)


def _right(question: Question) -> set[str]:
    """What is right, in words: the letters mean nothing beside options in another order."""
    if not question.kind.has_options:
        return {comparable(entry) for entry in question.key}
    places = [LABELS.index(label) for label in question.key if label in LABELS]
    return {comparable(question.options[place]) for place in places if place < len(question.options)}


def differing(text: str, other: str) -> list[tuple[str, bool]]:
    """``text`` in pieces, each with whether ``other`` has something else in its place."""
    steps = Levenshtein.opcodes(text, other)
    pieces = [(text[step.src_start : step.src_end], step.tag != "equal") for step in steps]
    return [(piece, differs) for piece, differs in pieces if piece]
