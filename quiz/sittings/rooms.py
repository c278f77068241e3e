"""The seat list of an exam, from the roster as it is now. A read model: changes nothing."""

from sqlalchemy import select

from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.sittings import rooming


def seat_list(exam: Exam, *, seats: int) -> list[list[Person]]:
    """Room → the people in it by seat: everybody who may sit the exam. BadSeats."""
    rooming.check_seats(seats)
    wanted = select(Person).join(Unit, Unit.id == Person.unit_id).where(Person.active)
    wanted = exams.only_invited(wanted, exam).order_by(Unit.pinyin, Unit.id, Person.id)
    units: dict[int, list[Person]] = {}
    for person in db.session.scalars(wanted):
        units.setdefault(person.unit_id, []).append(person)
    return rooming.seated(list(units.values()), seats=seats)
