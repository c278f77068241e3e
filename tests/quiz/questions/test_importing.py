"""Deeds on an import, without HTTP."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from factories import make_account, make_bank, make_exam, make_questions
from flask import Flask

from question_bank import Kind, Question
from question_bank.report import Placed, Problem, Report
from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.people.models import Account
from quiz.questions import importing, queries, rules
from quiz.questions.models import BankImport
from quiz.questions.models import Question as StoredQuestion
from quiz.questions.services import import_report


def make_report(*, errors: int = 0, questions: int = 3) -> Report:
    made = [Question(Kind.TRUE_FALSE, f"第 {n} 句。", (), ("T",)) for n in range(questions)]
    problems = [Problem("题目", 90 + n, "答案", "no-key", "error", "没有答案") for n in range(errors)]
    return Report("题库.xlsx", [Placed("题目", row, q) for row, q in enumerate(made, start=2)], problems)


def stored() -> int:
    return db.session.query(StoredQuestion).count()


def test_a_failed_import_leaves_nothing(app: Flask, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = make_preview(time)
    monkeypatch.setattr(importing, "record", lambda **more: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction():
        importing.import_preview(found, at=time.now(), who="olga")
    assert stored() == 0
    assert db.session.get(BankImport, found.id).imported_at is None


def make_preview(time: Any) -> BankImport:
    account = make_account(at=time.now())
    with transaction():
        return importing.keep_preview(report=make_report(), bank_name="条例", account=account, at=time.now())


def press_at_once(app: Flask, press: Callable[[threading.Barrier], None]) -> int:
    """Four threads press; returns how many imports the ledger knows."""
    start = threading.Barrier(4)

    def run() -> None:
        with app.app_context():
            press(start)
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return db.session.query(Deed).filter_by(what="bank.import").count()


def test_four_at_once_import_once(app: Flask, time: Any) -> None:
    import_id, at, counts = make_preview(time).id, time.now(), []
    db.session.remove()

    def press(start: threading.Barrier) -> None:
        start.wait()
        with transaction():
            found = queries.bank_import(import_id)
            counts.append(importing.import_preview(found, at=at, who="olga"))

    assert press_at_once(app, press) == 1
    assert counts == [3, 3, 3, 3]
    assert stored() == 3


def test_control_looking_first_and_acting_later_imports_often(app: Flask, time: Any) -> None:
    """Without the conditional update every press that looked in time would import."""
    import_id, at = make_preview(time).id, time.now()
    db.session.remove()

    def press(start: threading.Barrier) -> None:
        waiting = queries.bank_import(import_id).imported_at is None
        start.wait()
        if waiting:
            with transaction():
                found = queries.bank_import(import_id)
                bank, report = queries.bank(found.bank_id), Report.from_json(found.report)
                import_report(bank, report=report, accept=True, at=at, who="olga")

    assert press_at_once(app, press) == 4


SHEET = "题目"


def read(*, good: int = 2, bad: int = 2) -> Report:
    """Good judge questions from row 2; singles with two letters from row 50."""
    found = make_report(questions=good)
    for row in range(50, 50 + bad):
        question = Question(Kind.SINGLE, f"两个字母 {row}", ("甲", "乙", "丙"), ("A", "B"))
        found.unfit.append(Placed(SHEET, row, question))
        problem = Problem(SHEET, row, "答案", "many-keys-for-single", "error", "答案有 2 个", "AB")
        found.problems.append(problem)
    return found


def keep(report: Report, time: Any, *, name: str = "条例") -> BankImport:
    account = db.session.query(Account).first() or make_account(at=time.now())
    with transaction():
        return importing.keep_preview(report=report, bank_name=name, account=account, at=time.now())


def press(found: BankImport, time: Any) -> int:
    with transaction():
        return importing.import_preview(found, at=time.now(), who="olga")


def test_good_rows_go_in_now_and_the_rest_later(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    assert press(found, time) == 2
    assert queries.waiting_imports()[0][2] == 2
    for row, expected in ((50, 3), (51, 4)):
        with transaction():
            how = {"fix": "to-multiple", "at": time.now(), "who": "olga"}
            importing.fix_row(found, place=(SHEET, row), **how)
        assert press(found, time) == expected
        assert press(found, time) == expected
    assert (stored(), queries.waiting_imports()) == (4, [])
    assert db.session.query(Deed).filter_by(what="bank.import").count() == 3


def test_a_fix_that_is_not_offered_is_refused(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    how = {"at": time.now(), "who": "olga"}
    for place, fix in (((SHEET, 50), "key-true"), ((SHEET, 50), "edit-key"), ((SHEET, 999), "to-multiple")):
        with pytest.raises(rules.NotFixed), transaction():
            importing.fix_row(found, place=place, fix=fix, **how)
    with pytest.raises(rules.NotFixed), transaction():
        importing.correct(found, place=(SHEET, 999), question=None, **how)


def test_a_row_that_is_stored_cannot_be_changed(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    press(found, time)
    with pytest.raises(rules.NotFixed), transaction():
        importing.correct(found, place=(SHEET, 2), question=None, at=time.now(), who="olga")


def test_all_of_a_kind_are_corrected_at_once(app: Flask, time: Any) -> None:
    found = keep(read(bad=5), time)
    with transaction():
        importing.correct(found, place=(SHEET, 54), question=None, at=time.now(), who="olga")
        how = {"problem": "many-keys-for-single", "fix": "to-multiple", "at": time.now(), "who": "olga"}
        assert importing.fix_alike(found, **how) == 4
        assert importing.fix_alike(found, **how) == 0
    assert press(found, time) == 6


def test_what_was_decided_survives_a_restart(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    with transaction():
        importing.fix_row(found, place=(SHEET, 50), fix="to-multiple", at=time.now(), who="olga")
    number = found.id
    db.session.remove()
    queries._reading.cache_clear()
    assert len(queries.outcome(queries.bank_import(number)).fresh) == 3
    with transaction():
        importing.restore(queries.bank_import(number), place=(SHEET, 50))
    assert len(queries.outcome(queries.bank_import(number)).fresh) == 2


def test_undoing_takes_out_what_came_in_and_nothing_else(app: Flask, time: Any) -> None:
    make_bank([Question(Kind.TRUE_FALSE, "本来就有。", (), ("T",))], name="条例", at=time.now())
    found = keep(read(), time)
    press(found, time)
    assert stored() == 3
    for _ in range(2):
        with transaction():
            importing.undo(found, at=time.now(), who="olga")
    assert [row.stem for row in db.session.query(StoredQuestion)] == ["本来就有。"]
    assert db.session.query(Deed).filter_by(what="bank.import.undo").count() == 1
    with pytest.raises(rules.ImportOver), transaction():
        importing.import_preview(found, at=time.now(), who="olga")


def test_questions_of_an_exam_are_retired_by_undoing_and_used_again_by_importing(
    app: Flask, time: Any
) -> None:
    report = Report("题库.xlsx")
    for row, question in enumerate(make_questions(), start=2):
        report.questions.append(Placed(SHEET, row, question))
    found = keep(report, time)
    press(found, time)
    make_exam(queries.bank(found.bank_id), at=time.now())
    with transaction():
        importing.undo(found, at=time.now(), who="olga")
    assert stored() == 80
    assert queries.approved(found.bank_id) == []
    assert (found.fixes["removed"], found.fixes["kept"]) == (0, 80)

    again = keep(report, time)
    assert press(again, time) == 80
    assert (stored(), len(queries.approved(found.bank_id))) == (80, 80)


def test_a_question_retired_by_hand_is_not_used_again_silently(app: Flask, time: Any) -> None:
    found = keep(read(bad=0), time)
    press(found, time)
    with transaction():
        db.session.query(StoredQuestion).first().state = "retired"
    assert queries.outcome(keep(read(bad=0), time)).count("repeated") == 2


@pytest.mark.parametrize(("choice", "approved"), [("skip", 1), ("keep", 2), ("replace", 1)])
def test_a_question_like_one_of_the_bank_is_skipped_kept_or_takes_its_place(
    app: Flask, time: Any, choice: str, approved: int
) -> None:
    old = Question(Kind.SINGLE, "信访事项应当在多久以内办结呢？", ("六个月", "两个月", "一年"), ("B",))
    new = Question(Kind.SINGLE, "信访事项应该在多久以内办结呢？", ("六个月", "两个月", "一年"), ("B",))
    bank = make_bank([old], name="条例", at=time.now())
    report = Report("题库.xlsx", [Placed(SHEET, 2, new)])
    importing.compare(report, bank_name="条例")
    found = keep(report, time)
    assert press(found, time) == 0
    with transaction():
        importing.choose(found, choice=choice, place=None)
    assert press(found, time) == (0 if choice == "skip" else 1)
    assert len(queries.approved(bank.id)) == approved
    if choice != "skip":
        with transaction():
            importing.undo(found, at=time.now(), who="olga")
        assert [row.stem for row in queries.approved(bank.id)] == [old.stem]


def test_a_choice_needs_a_row_that_asks_for_one(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    for choice, place in (("skip", (SHEET, 2)), ("other", None)):
        with pytest.raises(rules.NotFixed), transaction():
            importing.choose(found, choice=choice, place=place)


def test_rows_given_up_wait_no_longer(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    press(found, time)
    with transaction():
        importing.close(found, at=time.now(), who="olga")
    assert queries.waiting_imports() == []
    with pytest.raises(rules.ImportOver), transaction():
        importing.restore(found, place=(SHEET, 50))


def test_the_same_file_is_noticed_until_it_is_undone(app: Flask, time: Any) -> None:
    first, second = (keep(read(), time) for _ in range(2))
    with transaction():
        first.digest = second.digest = "d"
    assert queries.same_file(first) is None
    assert queries.same_file(second) is first
    press(first, time)
    with transaction():
        importing.undo(first, at=time.now(), who="olga")
    assert queries.same_file(second) is None
