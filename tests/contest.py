"""A scripted contest of 40 units over three days, replayed sitting by sitting, with its final tables.

    python3 run.py contest

Everybody's days follow from a formula, everything else from the services the phones use: papers are drawn,
answers stored, sittings marked, one person is moved, one sitting is voided. The final tables stand in
contest.csv, written down by the independent ranker (naive.py), and must come out again to the last digit.
"""

import csv
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from factories import decide_ranking, make_bank, make_exam
from flask_migrate import upgrade
from naive import Sat, ranks
from sqlalchemy import insert, select

from quiz import config, create_app
from quiz.exams.models import Exam
from quiz.extensions import db, saver, transaction
from quiz.people.models import Person, Unit
from quiz.sittings import closing, queries, running, services
from quiz.sittings.models import Response, Sitting
from quiz.standings import services as standings
from quiz.standings.rules import Formula, shown
from quiz.standings.tables import Board, Table

FILE = Path(__file__).with_name("contest.csv")
UNITS, DAYS = 40, 3
OPENS = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
TABLES = ("r50m50", "mean", "percap", "sum", "top")
#: 第 n 单位 has three to seven heads.
HEADS = {f"第 {number:02} 单位": 3 + number % 5 for number in range(1, UNITS + 1)}
MOVED, VOIDED = "人 17", "人 30"


def script() -> list[tuple[int, int, int]]:
    """(day, person, items answered right of 20), in the order they hand in."""
    persons = sum(HEADS.values())
    return [
        (day, person, 20 - (7 * person + 11 * day + person * day) % 21 * 2 // 3)
        for day in range(DAYS)
        for person in range(persons)
        if (person * 3 + day * 5) % 4
    ]


class Contest:
    """The replay: a county of its own, and what happened in the words of the independent ranker."""

    def __init__(self) -> None:
        self.units = {name: Unit(name=name, pinyin=name) for name in HEADS}
        with transaction():
            db.session.add_all(self.units.values())
            db.session.flush()
            homes = [unit for name, unit in self.units.items() for _ in range(HEADS[name])]
            self.people = [
                Person(name=f"人 {n}", name_key=f"人{n}", unit_id=unit.id, phone=f"139{n:08}")
                for n, unit in enumerate(homes)
            ]
            db.session.add_all(self.people)
        settings = {"chances": DAYS, "counts": "best", "hours": 24 * DAYS, "preset": "monthly"}
        self.exam: Exam = make_exam(make_bank(at=OPENS), at=OPENS, **settings)
        with transaction():
            standings.keep_heads(self.exam, at=OPENS)

    def replay(self) -> None:
        for number, (day, person, right) in enumerate(script()):
            self._sit(self.people[person], OPENS + timedelta(days=day, seconds=20 * number % 30_000), right)
        end = OPENS + timedelta(days=DAYS)
        with transaction():
            person = next(one for one in self.people if one.name == MOVED)
            unit = self.units["第 40 单位"]
            standings.move(self.exam, person, unit, reason="选错单位", at=end, who="replay")
        with transaction():
            person = next(one for one in self.people if one.name == VOIDED)
            best = max(queries.sittings_of(self.exam.id, person.id), key=lambda one: one.score)
            running.void(best, reason="替考", at=end, who="replay")

    def _sit(self, person: Person, at: datetime, right: int) -> None:
        with transaction():
            sitting, _ = services.start(exam=self.exam, person=person, at=at)
            items = queries.items_of(sitting.paper)
            rows = [
                {
                    "sitting_id": sitting.id,
                    "position": item.position,
                    "answer": json.dumps(list(item.key) if item.position <= right else []),
                    "revision": 1,
                    "saved_at": at,
                }
                for item in items
            ]
            db.session.execute(insert(Response), rows)
            closing.submit(sitting, at=at + timedelta(minutes=5))

    def sat(self) -> list[Sat]:
        names = {unit.id: name for name, unit in self.units.items()}
        found = db.session.scalars(select(Sitting).order_by(Sitting.id))
        return [
            Sat(str(one.person_id), names[one.unit_id], Fraction(one.score), one.voided_at is not None)
            for one in found
        ]

    def tables(self) -> list[list[str]]:
        """Formula, rank, unit, score to two places: every table, by rank and name."""
        rows = []
        for name in TABLES:
            decide_ranking(self.exam, at=OPENS, formula=Formula(name), top=3)
            for entry in Board(self.exam, table=Table.JURY, at=OPENS).ranked:
                rows.append([name, str(entry.rank), entry.row.unit, shown(entry.score)])
        return sorted(rows, key=lambda row: (TABLES.index(row[0]), int(row[1]), row[2]))

    def expected(self) -> list[list[str]]:
        """The same from the independent ranker."""
        rows: list[list[str]] = []
        for name in TABLES:
            found = ranks(HEADS, self.sat(), formula=name, top=3)
            scored = ((unit, rank, score) for unit, (rank, score) in found.items())
            rows += [[name, str(rank), unit, _rounded(score)] for unit, rank, score in scored]
        return sorted(rows, key=lambda row: (TABLES.index(row[0]), int(row[1]), row[2]))


def _rounded(score: Fraction | None) -> str:
    hundredths = (200 * score.numerator + score.denominator) // (2 * score.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02}"


def stored() -> list[list[str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def write(rows: list[list[str]]) -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["formula", "rank", "unit", "score"], *rows])


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({}, data=folder))
        with app.app_context():
            upgrade()
            contest = Contest()
            contest.replay()
            found, expected = contest.tables(), contest.expected()
            saver().close()
            db.session.remove()
            db.engine.dispose()
    if arguments == ["--write"]:
        write(expected)
    wrong = [row for row in found if row not in stored()]
    print(f"{UNITS} 个单位，{DAYS} 天，{len(script())} 份答卷，{len(TABLES)} 种计分办法，共 {len(found)} 行")
    for row in wrong:
        print("不一致", *row)
    print("终榜和写定的一致。" if not wrong else f"{len(wrong)} 行和写定的不一致。")
    return int(bool(wrong) or found != expected)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
