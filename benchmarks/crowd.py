"""An exam that very many have sat already: rows made in bulk, totals by the services' own rebuild."""

from datetime import UTC, datetime
from typing import Any

from benchmarks import save
from quiz import config, create_app
from quiz.exams.models import Exam, Paper
from quiz.exams.queries import exam_by_code
from quiz.extensions import db, session_execute, to_millis, transaction
from quiz.sittings.closing import rebuild_totals
from quiz.sittings.services import make_papers
from quiz.standings import services
from quiz.standings.method import Method, Visibility

UNITS = 500
_CHUNK = 2_000
_PERSON = "INSERT INTO person (id, name, name_key, unit_id, phone, post, rank, identity, category) VALUES "
_SITTING = (
    "INSERT INTO sitting (exam_id, person_id, unit_id, paper_id, number, started_at, deadline, accept_until,"
    " submitted_at, closed_by, score, passed) VALUES "
)
_RESULT = (
    "INSERT INTO result (exam_id, person_id, unit_id, score, millis, sittings, passed, excellent,"
    " submitted_at) VALUES "
)


def prepare(environ: dict[str, str], *, sitters: int, crowd: int) -> str:
    """An open exam everybody may see: ``sitters`` with a paper ready, ``crowd`` with a result; its code."""
    code = save.prepare(environ, sitters, preset="fifty")
    app = create_app(config.load(environ))
    with app.app_context():
        at = datetime.now(UTC)
        with transaction():
            exam = exam_by_code(code)
            make_papers(exam, limit=sitters)
            _units(sitters)
            _crowd(exam, first=sitters + 1, count=crowd, at=to_millis(at))
            rebuild_totals(exam)
        with transaction():
            exam = exam_by_code(code)
            services.keep_heads(exam, at=at)
            services.decide(
                exam, method=Method(), visibility=Visibility.ALL, reason="测量", at=at, who="benchmark"
            )
        db.engine.dispose()
    return code


def _units(sitters: int) -> None:
    names = ",".join(f"({number}, '单位{number}', '', 'danwei{number:04}')" for number in range(2, UNITS + 1))
    session_execute(f"INSERT INTO unit (id, name, kind, pinyin) VALUES {names}", {})
    session_execute(f"UPDATE person SET unit_id = id % {UNITS} + 1 WHERE id <= {sitters}", {})


def _crowd(exam: Exam, *, first: int, count: int, at: int) -> None:
    paper = Paper(exam_id=exam.id, person_id=1, number=99, items=[], shape="")
    db.session.add(paper)
    db.session.flush()
    facts = {"exam": exam.id, "paper": paper.id, "at": at}
    for start in range(first, first + count, _CHUNK):
        _some(range(start, min(start + _CHUNK, first + count)), facts)


def _some(people: range, facts: dict[str, Any]) -> None:
    persons, sittings, results = [], [], []
    for number in people:
        unit, score, millis = number % UNITS + 1, number * 7919 % 10_001, 600_000 + number * 31 % 1_200_000
        passed, excellent = ("true" if score >= bar else "false" for bar in (6000, 9000))
        persons.append(f"({number}, '众{number}', '众{number}', {unit}, '139{number:08}', '', '', '', '')")
        sittings.append(
            f"(:exam, {number}, {unit}, :paper, 1, :at - {millis}, :at, :at, :at, 'person', {score},"
            f" {passed})"
        )
        results.append(f"(:exam, {number}, {unit}, {score}, {millis}, 1, {passed}, {excellent}, :at)")
    session_execute(_PERSON + ",".join(persons), {})
    session_execute(_SITTING + ",".join(sittings), facts)
    session_execute(_RESULT + ",".join(results), facts)
