"""Deeds on an import, without HTTP."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from factories import make_account, make_bank, make_exam, make_questions
from flask import Flask

from question_bank import Difficulty, Kind, Question
from question_bank.duplicates import near
from question_bank.placed import Placed
from question_bank.report import Problem, Report
from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.people.models import Account
from quiz.questions import catalogue, editing, importing, queries, rules
from quiz.questions.models import BankImport, QuestionVersion
from quiz.questions.models import Question as StoredQuestion
from quiz.questions.services import add_questions, import_report
from quiz.questions.wording import Wording


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


def test_what_was_worked_out_before_the_lock_is_followed(
    app: Flask, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = make_preview(time)
    ready = importing.plan(found, at=time.now())
    monkeypatch.setattr(importing, "plan", lambda *_, **__: pytest.fail("worked out within the transaction"))
    with transaction():
        assert importing.import_preview(found, at=time.now(), who="olga", ready=ready) == 3
    assert (found.fixes["left"], queries.outcome(found).left) == (0, 0)


def test_what_was_decided_after_the_plan_counts(app: Flask, time: Any) -> None:
    found = make_preview(time)
    ready = importing.plan(found, at=time.now())
    with transaction():
        importing.correct(found, place=("题目", 2), question=None, at=time.now(), who="bo")
    with transaction():
        assert importing.import_preview(found, at=time.now(), who="olga", ready=ready) == 2
    with transaction():
        again = importing.plan(found, at=time.now())
        assert importing.import_preview(found, at=time.now(), who="olga", ready=again) == 2


def test_a_question_that_came_into_the_bank_after_the_plan_is_not_stored_twice(app: Flask, time: Any) -> None:
    found = make_preview(time)
    ready = importing.plan(found, at=time.now())
    bank = queries.bank(found.bank_id)
    with transaction():
        [first, *_] = make_report().questions
        add_questions(bank, questions=[(first.question, 1)], at=time.now())
    with transaction():
        assert importing.import_preview(found, at=time.now(), who="olga", ready=ready) == 2
    assert stored() == 3


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
    assert queries.waiting_imports()[0].left == 2
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
    queries.reading.cache_clear()
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


def history(number: int) -> list[tuple[str, str, list[str]]]:
    row = catalogue.question(number)
    told = [
        (past.version.deed, past.note, [one.name for one in past.changes]) for past in catalogue.history(row)
    ]
    return told[::-1]


TRUE = Question(Kind.TRUE_FALSE, "信访事项可以电话提出。", (), ("T",))
SAME = Question(Kind.SINGLE, "信访事项应当在多久以内办结呢？", ("六个月", "两个月", "一年"), ("B",), "见条例")


@pytest.mark.parametrize(("choice", "said"), [("", 0), ("skip", 0), ("keep", 1), ("replace", 1)])
def test_a_question_equal_to_one_of_the_bank_is_skipped_kept_beside_it_or_gives_it_what_it_lacks(
    app: Flask, time: Any, choice: str, said: int
) -> None:
    bank = make_bank([SAME], name="条例", at=time.now())
    told = replace(SAME, explanation="", basis="《条例》第三十四条", difficulty=Difficulty.HARD)
    found = keep(Report("题库.xlsx", [Placed(SHEET, 2, told)]), time)
    if choice:
        with transaction():
            importing.choose(found, choice=choice, place=(SHEET, 2))
    assert press(found, time) == said
    rows = queries.approved(bank.id)
    assert len(rows) == (2 if choice == "keep" else 1)
    assert {row.fingerprint for row in rows} == {SAME.fingerprint}
    if choice == "replace":
        assert (rows[0].explanation, rows[0].basis, rows[0].difficulty) == ("见条例", "《条例》第三十四条", 3)
        last = ("replace", f"来自“题库.xlsx”工作表“{SHEET}”第 2 行", ["依据", "难度"])
        assert history(rows[0].id) == [("import", "", []), last]
    if said:
        with transaction():
            importing.undo(found, at=time.now(), who="olga")
        [row] = queries.approved(bank.id)
        assert row.as_bank_question() == SAME


def test_rows_equal_to_each_other_may_all_be_kept_and_coming_again_adds_none(app: Flask, time: Any) -> None:
    report = Report("题库.xlsx", [Placed(SHEET, row, SAME) for row in (2, 3, 4)])
    found = keep(report, time)
    with transaction():
        importing.choose(found, choice="keep", place=None, equal=True)
    assert press(found, time) == 3
    assert found.fixes["tally"] == {"new": 1, "replaced": 0, "copies": 2}
    again = keep(report, time)
    assert queries.outcome(again).count("repeated") == 3
    assert press(again, time) == 0


def test_the_last_of_several_rows_for_one_question_takes_its_place(app: Flask, time: Any) -> None:
    make_bank([SAME], name="条例", at=time.now())
    rows = [Placed(SHEET, row, replace(SAME, explanation=f"第 {row} 行")) for row in (2, 3)]
    found = keep(Report("题库.xlsx", rows), time)
    with transaction():
        outcome = importing.choose(found, choice="replace", place=None, equal=True)
    assert outcome.plan == {"replaced": 1}
    assert outcome.line((SHEET, 2)).findings[-1].message == "由第 3 行代替，不入库"
    assert press(found, time) == 1
    assert db.session.query(StoredQuestion).one().explanation == "第 3 行"


def test_what_was_changed_after_the_import_is_not_undone(app: Flask, time: Any) -> None:
    bank = make_bank([SAME], name="条例", at=time.now())
    found = keep(Report("题库.xlsx", [Placed(SHEET, 2, replace(SAME, basis="第三条"))]), time)
    with transaction():
        importing.choose(found, choice="replace", place=None, equal=True)
    press(found, time)
    [row] = queries.approved(bank.id)
    with transaction():
        changed = Wording(replace(SAME, basis="第五条"))
        editing.edit(row, seen=row.version, given=changed, at=time.now(), who="bo")
    with transaction():
        importing.undo(found, at=time.now(), who="olga")
    assert (found.fixes["back"], found.fixes["changed_since"]) == (0, 1)
    assert catalogue.question(row.id).basis == "第五条"


def test_an_imported_question_costs_no_version_and_still_says_where_it_comes_from(
    app: Flask, time: Any
) -> None:
    found = keep(Report("题库.xlsx", [Placed("单选", 2, SAME), Placed("判断", 2, TRUE)]), time)
    press(found, time)
    assert db.session.query(QuestionVersion).count() == 0
    first, second = (row.id for row in queries.approved(found.bank_id))
    assert history(first) == [("import", "来自“题库.xlsx”工作表“单选”第 2 行", [])]
    assert history(second) == [("import", "来自“题库.xlsx”工作表“判断”第 2 行", [])]


@pytest.mark.parametrize(("choice", "approved"), [("skip", 1), ("keep", 2), ("replace", 1)])
def test_a_question_like_one_of_the_bank_is_skipped_kept_or_takes_its_place(
    app: Flask, time: Any, choice: str, approved: int
) -> None:
    old = Question(Kind.SINGLE, "信访事项应当在多久以内办结呢？", ("六个月", "两个月", "一年"), ("B",))
    new = Question(Kind.SINGLE, "信访事项应该在多久以内办结呢？", ("六个月", "两个月", "一年"), ("B",))
    bank = make_bank([old], name="条例", at=time.now())
    report = Report("题库.xlsx", [Placed(SHEET, 2, new)])
    held = [(row.id, row.as_bank_question()) for row in queries.approved(bank.id)]
    report.near = near(report.questions, held)
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


def test_an_import_without_a_preview_is_listed_told_in_the_history_and_undone(app: Flask, time: Any) -> None:
    bank = make_bank([], name="条例", at=time.now())
    with transaction():
        assert import_report(bank, report=make_report(), accept=False, at=time.now(), who="命令行") == 3
    [line] = queries.imports(bank_id=bank.id)
    assert (line.who, line.state, line.found.imported, line.left) == ("命令行", "stored", 3, 0)
    [first, *_] = queries.approved(bank.id)
    assert history(first.id) == [("import", "来自“题库.xlsx”工作表“题目”第 2 行", [])]
    with transaction():
        importing.undo(line.found, at=time.now(), who="olga")
    assert stored() == 0
    assert queries.imports()[0].state == "undone"


def test_a_discarded_draft_leaves_a_record(app: Flask, time: Any) -> None:
    found = keep(read(), time)
    with transaction():
        importing.discard_preview(found, at=time.now(), who="olga")
    assert queries.imports() == []
    assert db.session.query(Deed).filter_by(what="bank.import.discard").one().detail["file"] == "题库.xlsx"
