"""Taking over rosters, and signing in with 工号 and 口令."""

from pathlib import Path
from typing import Any

import pytest
from factories import make_person, make_unit
from flask import Flask
from sqlalchemy import event, func, select

from question_bank.reading.sheet import Sheet
from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.people import queries, services
from quiz.people.models import Person, Unit
from quiz.people.roster import read
from quiz.people.rules import NotOnRoster, RosterRefused, WrongPasscode, mask_digits
from quiz.people.services import RosterOutcome


@pytest.fixture
def take(app: Flask, time: Any, tmp_path: Path) -> Any:
    """Import the rows of a csv, as the command does; the child process only where passcodes are hashed."""

    def run(
        *rows: str, create_units: bool = True, headings: str = "姓名,单位,手机号", **more: Any
    ) -> RosterOutcome:
        if "口令" in headings:
            file = tmp_path / "名册.csv"
            file.write_text("\n".join([headings, *rows]), encoding="utf-8")
            reading = services.read_roster(file)
        else:
            reading = read([Sheet("名册", [row.split(",") for row in [headings, *rows]])], file="名册.csv")
        with transaction():
            return services.import_roster(
                reading=reading, create_units=create_units, at=time.now(), who="olga", **more
            )

    return run


def counts(outcome: RosterOutcome) -> tuple[int, int, int, int]:
    return (
        outcome.persons_new,
        outcome.persons_changed,
        outcome.persons_unchanged,
        outcome.units_new,
    )


def test_a_first_roster_makes_units_and_persons(take: Any) -> None:
    outcome = take("王一,青石镇,13800000001", "李二,安澜县水利局,13800000002", "赵三,青石镇,13800000003")
    assert counts(outcome) == (3, 0, 0, 2)
    assert (outcome.persons, outcome.units, outcome.problems) == (3, 2, [])
    assert [(unit.name, unit.pinyin) for unit in queries.units()] == [
        ("安澜县水利局", "an lan xian shui li ju"),
        ("青石镇", "qing shi zhen"),
    ]
    assert services.identify_by_phone(name="王一", phone="13800000001").unit.name == "青石镇"


def test_the_same_roster_again_changes_nothing(take: Any) -> None:
    rows = ("王一,青石镇,13800000001,A1,8273", "李二,柳泉镇,,A2,9911")
    headings = "姓名,单位,手机号,工号,口令"
    assert counts(take(*rows, headings=headings)) == (2, 0, 0, 2)
    before = db.session.execute(select(Person.__table__)).all()
    assert counts(take(*rows, headings=headings)) == (0, 0, 2, 0)
    assert db.session.execute(select(Person.__table__)).all() == before


def test_a_change_of_unit_is_in_the_ledger_without_phones(take: Any) -> None:
    take("王一,青石镇,13800000001")
    person = db.session.scalars(select(Person)).one()
    first = person.unit_id
    assert counts(take("王一,柳泉镇,13800000001")) == (0, 1, 0, 1)
    db.session.refresh(person)
    deed = db.session.scalars(select(Deed).order_by(Deed.id.desc())).first()
    assert deed is not None
    assert deed.detail["unit_changes"] == [[person.id, first, person.unit_id]]
    assert "13800000001" not in str(deed.detail)


def test_unknown_units_wait_and_are_named_once(take: Any) -> None:
    make_unit("青石镇")
    rows = ("王一,青石镇,13800000001", "李二,新镇,13800000002", "赵三,新镇,13800000003")
    outcome = take(*rows, create_units=False)
    assert (counts(outcome), outcome.waiting) == ((1, 0, 0, 0), 2)
    assert [(one.row, one.code, one.value) for one in outcome.problems] == [(3, "unknown-unit", "新镇")]
    assert "2 人" in outcome.problems[0].message
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 1


def test_a_unit_meant_to_be_another_is_not_made(take: Any) -> None:
    unit = make_unit("县水利局")
    outcome = take("王一,水利局,13800000001", create_units=False, same_as={"水利局": "县水利局"})
    assert counts(outcome) == (1, 0, 0, 0)
    assert db.session.scalars(select(Person.unit_id)).all() == [unit.id]


def test_a_new_phone_for_somebody_known(take: Any) -> None:
    person = make_person("王一", unit=make_unit("青石镇"))
    outcome = take("王一,青石镇,13900000001", moved=frozenset({("名册", 2)}))
    assert counts(outcome) == (0, 1, 0, 0)
    assert services.identify_by_phone(name="王一", phone="13900000001").id == person.id
    with pytest.raises(NotOnRoster):
        services.identify_by_phone(name="王一", phone="13800000001")


def test_rows_with_errors_stay_out_and_the_others_come_in(take: Any) -> None:
    outcome = take("王一,青石镇,1.38E+10", "李二,青石镇,13800000002")
    assert counts(outcome) == (1, 0, 0, 1)
    assert [(one.row, one.code) for one in outcome.problems] == [(2, "digits-lost")]


def test_a_file_without_names_changes_nothing(take: Any) -> None:
    with pytest.raises(RosterRefused, match="姓名"):
        take("青石镇,13800000001", headings="单位,手机号")
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 0


def test_a_passcode_opens_the_door_and_is_nowhere_to_be_read(take: Any, tmp_path: Path) -> None:
    headings = "姓名,单位,工号,口令"
    take("王一,青石镇,007,8273", "李二,青石镇,008,8273", "赵三,青石镇,009,", headings=headings)
    assert services.identify_by_number(number="007", passcode="8273").name == "王一"
    for number, passcode in (("007", "8274"), ("7", "8273"), ("009", ""), ("010", "8273")):
        with pytest.raises(WrongPasscode):
            services.identify_by_number(number=number, passcode=passcode)
    hashes = db.session.scalars(select(Person.passcode_hash).order_by(Person.id)).all()
    assert len(set(hashes)) == 3, "equal passcodes must not look equal"
    reading = services.read_roster(tmp_path / "名册.csv")
    assert "8273" not in reading.to_json()


def test_a_changed_passcode_counts_as_a_change(take: Any) -> None:
    headings = "姓名,单位,工号,口令"
    take("王一,青石镇,007,8273", headings=headings)
    assert counts(take("王一,青石镇,007,1111", headings=headings)) == (0, 1, 0, 0)
    assert services.identify_by_number(number="007", passcode="1111").name == "王一"


def statements(work: Any) -> int:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_roster_of_thousands_costs_as_many_statements_as_one_of_three(take: Any) -> None:
    few = [f"王{n},第{n}镇,1380000000{n}" for n in range(3)]
    many = [f"李{n},第{n % 40}村,{13900000000 + n}" for n in range(2000)]
    cost = statements(lambda: take(*few))
    # psycopg and SQLAlchemy cut long lists of values into batches.
    assert statements(lambda: take(*many)) <= cost + 6
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2003


def test_the_absent_of_a_later_roster_stay(take: Any) -> None:
    take("王一,青石镇,13800000001", "李二,青石镇,13800000002")
    take("王一,青石镇,13800000001")
    assert db.session.scalars(select(Person.name).where(Person.active)).all() == ["王一", "李二"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("13800000001", "138****0001"),
        ("+86 138-0000-0001", "+86 138-****-0001"),
        ("1380000000", "13****0000"),
        ("1.38E+10", "1.38E+10"),
        ("王一", "王一"),
    ],
)
def test_phones_in_cells_are_masked(cell: str, shown: str) -> None:
    assert mask_digits(cell) == shown


def said_of(file: Path) -> str:
    try:
        return f"{len(services.read_roster(file).persons)} persons"
    except RosterRefused as refusal:
        return refusal.message


def test_real_rosters_are_read_or_refused_in_words(shared: Path) -> None:
    found = {file.name: said_of(file) for file in sorted((shared / "rosters").iterdir())}
    assert found
    for name, said in found.items():
        assert said.endswith(("persons", "。")), name
    whole = next(said for name, said in found.items() if name.startswith("ilhaha"))
    assert whole == "1 persons"


def test_every_way_to_write_a_number_but_its_own_is_unknown(take: Any) -> None:
    take("王一,青石镇,007,13579", headings="姓名,单位,工号,口令")
    assert services.identify_by_number(number="007", passcode="13579").name == "王一"
    for written in (" 007", "007 ", "００７"):
        with pytest.raises(WrongPasscode):
            services.identify_by_number(number=written, passcode="13579")
