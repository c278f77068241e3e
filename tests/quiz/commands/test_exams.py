"""mingshi exam create, mingshi exam close-due."""

from datetime import UTC, datetime

import pytest
from conftest import NOON
from factories import Phone, make_bank, make_exam, make_person, make_unit

from quiz.exams import queries
from quiz.exams.models import Paper
from quiz.extensions import db
from quiz.sittings.models import Sitting


@pytest.fixture
def bank(app):
    return make_bank(at=NOON)


def test_an_exam_opens_now_and_closes_in_a_week(document, bank):
    found = document("exam", "create", "--title", "考试", "--bank", "条例题库", "--preset", "jining")
    exam = queries.exam_by_code(found["code"])
    assert found == {"code": exam.code, "id": exam.id, "items": 80, "full": 100.0}
    assert (exam.opens_at, (exam.closes_at - NOON).days, exam.minutes, exam.mode) == (NOON, 7, 60, "exam")


@pytest.mark.parametrize(("more", "units"), [([], ["青石镇"]), (["--visibility", "own"], [])])
def test_whoever_made_it_by_command_reads_its_standings(document, bank, client, more, units):
    """INTERFACE promises the rows; on the organiser's page a cadre exam begins 仅本单位."""
    words = ["--title", "考试", "--bank", "条例题库", "--preset", "jining", *more]
    exam = queries.exam_by_code(document("exam", "create", *words)["code"])
    phone = Phone(client, exam, make_person(unit=make_unit()))
    phone.submit(phone.start().get_json()["sitting"])
    stranger = client.application.test_client()
    rows = stranger.get(f"/api/v1/exams/{exam.code}/standings/units").get_json()["rows"]
    assert [row["unit"] for row in rows] == units


def test_times_are_local_unless_they_say_otherwise(document, bank):
    times = ["--opens", "2026-12-01T09:00", "--closes", "2026-12-01T11:00+00:00", "--minutes", "30"]
    words = ["--title", "考试", "--bank", "条例题库", "--preset", "fifty", "--mode", "contest", *times]
    exam = queries.exam_by_code(document("exam", "create", *words)["code"])
    assert exam.opens_at == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert exam.closes_at == datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
    assert (exam.minutes, exam.mode) == (30, "contest")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--bank", "没有的", "--preset", "jining"], 1, "没有叫“没有的”的题库。"),
        (["--bank", "条例题库", "--preset", "xinjiang", "--minutes", "0"], 1, "答题时间应当是"),
        (["--bank", "条例题库", "--preset", "beijing"], 2, "--preset 只能是 jining、"),
        (["--bank", "条例题库", "--preset", "jining", "--opens", "明天"], 2, "2026-12-01T09:00"),
        (["--preset", "jining"], 2, "缺少 --bank。"),
        (["--bank", "条例题库", "--preset", "jining", "--nonsense"], 2, "没有 --nonsense 这个选项。"),
    ],
)
def test_refusals_say_what_to_correct(mingshi, bank, words, code, said):
    done = mingshi("exam", "create", "--title", "考试", *words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


def test_close_due_finalises_what_is_over(mingshi, client, bank, time):
    exam = make_exam(bank, at=NOON)
    phone = Phone(client, exam, make_person(unit=make_unit()))
    phone.start()
    assert mingshi("exam", "close-due").stdout == "没有到时间的答卷。\n"
    time.move(hours=1, seconds=5)
    assert mingshi("exam", "close-due").stdout == "收上来 1 份答卷。\n"
    db.session.rollback()
    assert db.session.query(Sitting).one().closed_by == "deadline"


def test_standings_rank_units_and_mask_persons(mingshi, document, client, bank):
    exam = make_exam(bank, at=NOON)
    phone = Phone(client, exam, make_person("欧阳安宁", unit=make_unit()))
    phone.submit(phone.start().get_json()["sitting"])
    rows = document("standings", exam.code)["rows"]
    assert [(row["rank"], row["unit"], row["took_part"]) for row in rows] == [(1, "青石镇", 1)]
    assert document("standings", exam.code.lower(), "--by", "persons")["rows"][0]["name"] == "欧**宁"
    assert "欧**宁" in mingshi("standings", exam.code, "--by", "persons").stdout
    assert mingshi("standings", exam.code).stdout.startswith("名次\t得分")


def test_standings_of_nothing_are_refused(mingshi):
    done = mingshi("standings", "ZZZZ")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "没有这个场次码" in done.stderr


def test_every_paper_is_drawn_again_from_what_was_kept(mingshi, document, client, bank):
    exam = make_exam(bank, at=NOON)
    person = make_person(unit=make_unit())
    phone = Phone(client, exam, person)
    phone.start()
    found = document("exam", "redraw", exam.code)
    assert found == {"pool": exam.pool_fingerprint, "papers": 1, "different": []}
    paper = db.session.query(Paper).one()
    paper.items = paper.items[::-1]
    db.session.commit()
    told = mingshi("exam", "redraw", exam.code)
    assert (told.exit_code, "1 份试卷和记录不符" in told.stdout) == (1, True)
