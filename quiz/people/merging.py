"""What taking over a roster will do, told from plain values: who is new, who changes, what is unknown.

The preview shows exactly this and the import does exactly this.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from question_bank.report import ERROR, WARNING, Problem
from quiz.people import rules
from quiz.people.roster import Entry, problem_of

#: Fields that a roster may correct. An empty cell says nothing and changes nothing.
_TEXTS = ("post", "rank", "identity", "category")
#: What may follow the name of a place or body without making it another.
_OFFICES = ("办", "办事处", "机关", "政府", "人民政府")


@dataclass(frozen=True, slots=True)
class Known:
    """A person on the roster, as stored."""

    id: int
    name: str
    name_key: str
    unit_id: int
    phone: str | None
    number: str | None
    passcode_hash: str | None
    post: str
    rank: str
    identity: str
    category: str
    active: bool
    #: Came by joining a contest: on no roster before this one.
    joined: bool = False


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit nobody knows yet, how many it brings, and a known unit it may be meant to be.

    ``settled``: most of its persons are in that unit already, so an earlier import said that it is.
    """

    name: str
    persons: int
    similar: str = ""
    settled: bool = False


@dataclass(slots=True)
class Plan:
    """``new`` and ``changed`` name the unit by its key in ``units``; a key without id is a unit to make."""

    new: list[Entry] = field(default_factory=list)
    changed: list[tuple[Known, Entry, dict[str, object]]] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)
    #: Persons of units that are unknown and not to be made.
    waiting: list[Entry] = field(default_factory=list)
    new_units: list[NewUnit] = field(default_factory=list)
    #: New persons whose unit has somebody of that name: namesakes, or the same with another phone.
    namesakes: list[tuple[Entry, Known]] = field(default_factory=list)
    #: Unit key to id; None for a unit that is made.
    units: dict[str, int | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def persons(self) -> int:
        """How many of the file are on the roster afterwards."""
        return len(self.new) + len(self.changed) + len(self.unchanged)

    @property
    def unit_keys(self) -> set[str]:
        taken = [*self.new, *self.unchanged, *(entry for _, entry, _ in self.changed)]
        return {entry.unit_key for entry in taken}


def plan(
    entries: Sequence[Entry],
    *,
    known: Sequence[Known],
    units: Mapping[str, int],
    create_units: bool | Set[str],
    same_as: Mapping[str, str] | None = None,
    moved: Set[tuple[str, int]] = frozenset(),
) -> Plan:
    """Compare a reading's persons with the roster.

    ``units``: name to id. ``create_units``: all unknown ones, none, or those named. ``same_as``: name in
    the file to the name of the known unit that is meant. ``moved``: (sheet, row) of namesakes who are
    the person known, with another phone or number.
    """
    made = Plan(units={rules.name_key(name): unit_id for name, unit_id in units.items()})
    made.new_units = list(_new_units(entries, known, units))
    for written, meant in (same_as or {}).items():
        if rules.name_key(meant) in made.units:
            made.units[rules.name_key(written)] = made.units[rules.name_key(meant)]
    for unit in made.new_units:
        if unit.name in create_units if isinstance(create_units, Set) else create_units:
            made.units.setdefault(rules.name_key(unit.name), None)
    roster = _Roster(known, made, moved)
    for entry in entries:
        if entry.unit_key in made.units:
            roster.place(entry)
        else:
            made.waiting.append(entry)
    return made


def _new_units(
    entries: Sequence[Entry], known: Sequence[Known], units: Mapping[str, int]
) -> Iterator[NewUnit]:
    keys = {rules.name_key(name) for name in units}
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.unit_key not in keys:
            found.setdefault(entry.unit_key, []).append(entry)
    places = {(person.name_key, person.phone): person.unit_id for person in known} if found else {}
    for members in found.values():
        name = members[0].unit
        similar = similar_unit(name, list(units))
        there = [places.get((entry.name_key, entry.phone)) == units.get(similar, 0) for entry in members]
        yield NewUnit(name, len(members), similar, bool(similar) and sum(there) * 2 > len(there))


def similar_unit(name: str, known: Sequence[str]) -> str:
    """A known unit that may be meant: 水利局 and 县水利局, 住建局 and 县住房和城乡建设局; empty when none.

    One name is contained in the other, character by character in order, and both end alike; or one is the
    other with a word for its office: 城关街道办.
    """
    for other in known:
        short, long = sorted((name, other), key=len)
        if len(short) < 2 or short == long:
            continue
        if (short[-1] == long[-1] and _in_order(short, long)) or long in {short + end for end in _OFFICES}:
            return other
    return ""


#: Of names as alike as 青石水厂 and 青石镇水厂; less is another body.
_ALIKE, _MOST_ALIKE = 45, 4


def near_units(name: str, known: Sequence[str]) -> list[str]:
    """Known units that may be meant, the likeliest first: what similar_unit() sees, then what reads alike.

    >>> near_units("住建局", ["县水利局", "县住房和城乡建设局", "青石镇"])[0]
    '县住房和城乡建设局'
    """
    sure = similar_unit(name, known)
    alike = process.extract(name, known, scorer=fuzz.WRatio, score_cutoff=_ALIKE, limit=_MOST_ALIKE)
    return list(dict.fromkeys([*filter(None, [sure]), *(found[0] for found in alike)]))[:_MOST_ALIKE]


def _in_order(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)


class _Roster:
    """The persons known, found by number, by name and phone, by phone, by name and unit."""

    def __init__(self, known: Sequence[Known], made: Plan, moved: Set[tuple[str, int]]) -> None:
        self.made, self.moved = made, moved
        self.numbers = {person.number: person for person in known if person.number}
        self.phones = {(person.name_key, person.phone): person for person in known if person.phone}
        self.owners = {person.phone: person for person in known if person.phone and person.active}
        self.places = {(person.name_key, person.unit_id): person for person in known if person.active}
        self.taken: dict[int, Entry] = {}

    def place(self, entry: Entry) -> None:
        by_number = self.numbers.get(entry.number or "")
        by_phone = self.phones.get((entry.name_key, entry.phone or ""))
        unit_id = self.made.units[entry.unit_key]
        person = by_number or by_phone or self._moved(entry, unit_id)
        problem = _clash(entry, by_number, by_phone) or self._twice(entry, person)
        if problem:
            self.made.problems.append(problem)
        elif person is None:
            self.made.new.append(entry)
            self._remark(entry, unit_id)
        elif changes := _changes(person, entry, unit_id):
            self.made.changed.append((person, entry, changes))
        else:
            self.made.unchanged.append(entry)

    def _namesake(self, entry: Entry, unit_id: int | None) -> Known | None:
        return None if unit_id is None else self.places.get((entry.name_key, unit_id))

    def _moved(self, entry: Entry, unit_id: int | None) -> Known | None:
        chosen = (entry.sheet, entry.row) in self.moved
        return self._namesake(entry, unit_id) if chosen else None

    def _twice(self, entry: Entry, person: Known | None) -> Problem | None:
        if person is None or self.taken.setdefault(person.id, entry) is entry:
            return None
        message = f"与第 {self.taken[person.id].row} 行是名册里的同一个人。请只留一行"
        return problem_of(entry, "姓名", "same-person", ERROR, message, entry.name)

    def _remark(self, entry: Entry, unit_id: int | None) -> None:
        owner, namesake = self.owners.get(entry.phone or ""), self._namesake(entry, unit_id)
        if namesake:
            self.made.namesakes.append((entry, namesake))
        if owner:
            message = f"这个手机号在名册里是“{owner.name}”的，按新的人导入。请核对"
            shown = rules.mask_phone(entry.phone)
            found = problem_of(entry, "手机号", "phone-of-another", WARNING, message, shown)
            self.made.problems.append(found)
        elif namesake:
            message = "本单位名册里已有同名的人，号码不同，按新的人导入。请核对是不是换了号码"
            found = problem_of(entry, "姓名", "namesake", WARNING, message, entry.name)
            self.made.problems.append(found)


def _clash(entry: Entry, by_number: Known | None, by_phone: Known | None) -> Problem | None:
    """A number is somebody's identity: the file may not hand it to another person."""
    if by_number and by_number.name_key != entry.name_key:
        message = f"工号在名册里是“{by_number.name}”的。请核对工号"
        return problem_of(entry, "工号", "number-of-another", ERROR, message, entry.number or "")
    if by_number and by_phone and by_number.id != by_phone.id:
        message = "工号和手机号在名册里分属两个同名的人。请核对"
        return problem_of(entry, "工号", "two-persons", ERROR, message, entry.number or "")
    if by_phone and not by_number and entry.number and by_phone.number:
        message = f"这个人在名册里的工号是 {by_phone.number}。请核对工号"
        return problem_of(entry, "工号", "other-number", ERROR, message, entry.number)
    return None


def _changes(person: Known, entry: Entry, unit_id: int | None) -> dict[str, object]:
    wanted: dict[str, object] = {name: getattr(entry, name) for name in _TEXTS}
    wanted |= {"phone": entry.phone, "number": entry.number, "passcode_hash": entry.passcode}
    found = {name: value for name, value in wanted.items() if value and value != getattr(person, name)}
    if unit_id != person.unit_id:
        found["unit_id"] = unit_id
    if not person.active:
        found["active"] = True
    if person.joined:
        found["joined"] = False
    return found
