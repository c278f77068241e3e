"""What the organiser decided about the rows of a file, and what follows for each: its state and its deed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from question_bank.placed import question_in, question_out
from question_bank.question import Question
from question_bank.report import Near

Place = tuple[str, int]

#: States of a row: stored, to be stored, in need of a hand, much like another, equal to another, left out.
DONE, FRESH, FAULTY, NEAR, REPEATED, SKIPPED = "done", "fresh", "faulty", "near", "repeated", "skipped"
#: What may be done about a row that is equal to or much like another. An equal one nobody speaks about is
#: skipped; one that is only much alike waits.
SKIP, REPLACE, KEEP = "skip", "replace", "keep"
CHOICES = (SKIP, REPLACE, KEEP)


class Held(NamedTuple):
    """A question of the bank, found by its fingerprint."""

    id: int
    retired: bool = False


class Deed(NamedTuple):
    """What storing a row does: add a question, add a second one equal to another, or give one new words."""

    copy: bool = False
    replaces: int | None = None


NEW = Deed()


class Twin(NamedTuple):
    """What a row is equal to or much like: an earlier row, else a question of the bank."""

    row: Place | None
    question: int | None
    equal: bool


@dataclass(slots=True)
class Decisions:
    """What the organiser said about the rows of one file; kept as BankImport.fixes.

    ``rows``: the question as corrected, None to leave it out. ``near``: one of CHOICES. ``done``: rows
    stored already. ``tally``: what storing them did. ``replaced``: question → its version before and after
    this import gave it new words. ``left``: rows still waiting.
    """

    rows: dict[Place, Question | None] = field(default_factory=dict)
    near: dict[Place, str] = field(default_factory=dict)
    done: set[Place] = field(default_factory=set)
    tally: dict[str, int] = field(default_factory=dict)
    replaced: dict[int, tuple[int, int]] = field(default_factory=dict)
    left: int = 0
    closed: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Decisions":
        rows = {
            _place(name): None if entry is None else question_in(entry)
            for name, entry in document.get("rows", {}).items()
        }
        return cls(
            rows,
            {_place(name): choice for name, choice in document.get("near", {}).items()},
            {(sheet, row) for sheet, numbers in document.get("done", {}).items() for row in numbers},
            dict(document.get("tally", {})),
            {int(number): (pair[0], pair[1]) for number, pair in document.get("replaced", {}).items()},
            document.get("left", 0),
            document.get("closed", False),
        )

    def document(self) -> dict[str, Any]:
        """JSON of all this; a row is named "sheet!row"."""
        return {
            "rows": {
                _name(place): None if question is None else question_out(question)
                for place, question in self.rows.items()
            },
            "near": {_name(place): choice for place, choice in self.near.items()},
            "done": {sheet: sorted(rows) for sheet, rows in sorted(by_sheet(self.done).items())},
            "tally": self.tally,
            "replaced": {str(number): list(pair) for number, pair in self.replaced.items()},
            "left": self.left,
            "closed": self.closed,
        }


def by_sheet(places: Iterable[Place]) -> dict[str, list[int]]:
    """The rows of each sheet."""
    found: dict[str, list[int]] = {}
    for sheet, row in places:
        found.setdefault(sheet, []).append(row)
    return found


def _name(place: Place) -> str:
    return f"{place[0]}!{place[1]}"


def _place(name: str) -> Place:
    sheet, _, row = name.rpartition("!")
    return sheet, int(row)


class Settling:
    """Takes the rows in the order of the file; afterwards each has one state, and a deed if it is FRESH.

    A row that replaces an earlier one takes over what that one would have done.
    """

    def __init__(self, known: Mapping[str, Held], decided: Decisions) -> None:
        self.states: dict[Place, str] = {}
        self.deeds: dict[Place, Deed] = {}
        self.twins: dict[Place, Twin] = {}
        #: Row → the later row that takes its place.
        self.replaced_by: dict[Place, Place] = {}
        self._known, self._decided = known, decided
        self._marks: dict[Place, str] = {}
        self._first: dict[str, Place] = {}
        self._taken: dict[int, Place] = {}

    def faulty(self, place: Place) -> None:
        self.states[place] = FAULTY

    def skipped(self, place: Place) -> None:
        self.states[place] = SKIPPED

    def done(self, place: Place, mark: str) -> None:
        self.states[place] = DONE
        self._marks[place] = mark
        self._first.setdefault(mark, place)

    def fit(self, place: Place, mark: str, near: Near | None) -> None:
        """A row without faults; ``near`` is what it was found to be much like."""
        self._marks[place] = mark
        twin = self._twin(mark, near)
        if twin is None:
            self._fresh(place, NEW)
            return
        self.twins[place] = twin
        choice = self._decided.near.get(place)
        if choice == REPLACE:
            self._fresh(place, self._replacing(place, twin))
            self._first[mark] = place
        elif choice == KEEP:
            self._fresh(place, Deed(copy=twin.equal))
        elif choice == SKIP:
            self.states[place] = SKIPPED
        elif twin.equal:
            self.states[place] = REPEATED
        else:
            self.states[place] = NEAR
            self._first.setdefault(mark, place)

    def _fresh(self, place: Place, deed: Deed) -> None:
        self.states[place] = FRESH
        self.deeds[place] = deed
        self._first.setdefault(self._marks[place], place)

    def _twin(self, mark: str, near: Near | None) -> Twin | None:
        first = self._first.get(mark)
        if first is not None and self.states[first] != SKIPPED:
            return Twin(first, None, equal=True)
        if mark in self._known:
            return Twin(None, self._known[mark].id, equal=True)
        if near is None:
            return None
        if near.of_question is not None:
            return Twin(None, near.of_question, equal=False)
        row = (near.of_sheet, near.of_row)
        while row in self.replaced_by:
            row = self.replaced_by[row]
        return None if self.states.get(row) in (SKIPPED, None) else Twin(row, None, equal=False)

    def _replacing(self, place: Place, twin: Twin) -> Deed:
        if twin.row is None:
            earlier = self._taken.get(twin.question or 0)
            deed = Deed(replaces=twin.question)
        elif self.states[twin.row] == DONE:
            held = self._known.get(self._marks[twin.row])
            return Deed(replaces=held.id if held else None)
        else:
            earlier = twin.row
            deed = self.deeds.get(twin.row, NEW)
        if earlier is not None:
            self.states[earlier] = SKIPPED
            self.deeds.pop(earlier, None)
            self.replaced_by[earlier] = place
        if deed.replaces is not None:
            self._taken[deed.replaces] = place
        return deed
