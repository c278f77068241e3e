"""Deeds on questions: each keeps a version, leaves a record, and refuses what is out of date."""

from dataclasses import replace
from typing import Any

import pytest
from factories import make_bank, make_exam, make_questions
from sqlalchemy import select

from question_bank import Difficulty, Kind
from question_bank import Question as BankQuestion
from quiz.audit.models import Deed
from quiz.exams.queries import frozen_pool
from quiz.extensions import db, transaction
from quiz.questions import catalogue, editing, queries, wording
from quiz.questions.models import Bank, Question, QuestionVersion
from quiz.questions.wording import Wording

FRESH = BankQuestion(Kind.SINGLE, "借期几天？", ("三十天", "十天"), ("A",), basis="《规则》第一条")


@pytest.fixture
def bank(app: Any, time: Any) -> Bank:
    return make_bank(make_questions(single=3, multiple=1, true_false=1), at=time.now())


def given(row: Question, **changes: Any) -> Wording:
    return Wording(replace(row.as_bank_question(), **changes), tuple(row.tags), row.practisable)


def edit(number: int, seen: int, at: Any, who: str = "olga", **changes: Any) -> Question:
    with transaction():
        row = catalogue.question(number)
        return editing.edit(row, seen=seen, given=given(row, **changes), at=at, who=who)


def move(number: int, deed: str, at: Any, who: str = "olga") -> Question:
    with transaction():
        row = catalogue.question(number)
        editing.move(row, deed=deed, seen=row.version, at=at, who=who)
        return row


def create(bank: Bank, at: Any, who: str = "olga", question: BankQuestion = FRESH) -> Question:
    with transaction():
        return editing.create(bank, given=Wording(question, ("新",)), at=at, who=who)


def versions(number: int) -> list[tuple[int, str, str]]:
    kept = select(QuestionVersion).where(QuestionVersion.question_id == number)
    rows = db.session.scalars(kept.order_by(QuestionVersion.number))
    return [(row.number, row.deed, row.who) for row in rows]


def test_an_edit_keeps_what_was_and_what_is(bank: Bank, time: Any):
    row = edit(1, 1, time.now(), stem="改过的题干")
    assert (row.version, row.stem, row.author, row.state) == (2, "改过的题干", "olga", "approved")
    assert versions(1) == [(1, "import", ""), (2, "edit", "olga")]
    latest, first = catalogue.history(row)
    assert first.version.document["stem"] == "单选题干 0"
    assert [change.name for change in latest.changes] == ["题干"]
    assert db.session.scalars(select(Deed.what).where(Deed.subject == "question:1")).all() == [
        "question.edit"
    ]


def test_saving_without_a_change_makes_no_version(bank: Bank, time: Any):
    edit(1, 1, time.now())
    assert (catalogue.question(1).version, catalogue.question(1).author) == (1, "")


def test_the_second_of_two_is_refused(bank: Bank, time: Any):
    edit(1, 1, time.now(), stem="先到的")
    with pytest.raises(wording.Stale):
        edit(1, 1, time.now(), who="bo", stem="后到的")
    assert catalogue.question(1).stem == "先到的"
    assert [who for _, _, who in versions(1)] == ["", "olga"]


def test_an_edit_into_a_question_the_bank_has_is_refused(bank: Bank, time: Any):
    twin = catalogue.question(2).as_bank_question()
    with pytest.raises(wording.SameQuestion):
        edit(1, 1, time.now(), stem=twin.stem, options=twin.options, key=twin.key)
    assert catalogue.question(1).stem == "单选题干 0"
    with pytest.raises(wording.SameQuestion):
        create(bank, time.now(), question=twin)


def test_a_question_that_cannot_be_scored_is_not_kept(bank: Bank, time: Any):
    with pytest.raises(wording.Unfit):
        edit(1, 1, time.now(), key=())
    with pytest.raises(wording.Unfit):
        create(bank, time.now(), question=replace(FRESH, options=("一",)))
    assert versions(1) == []


def test_a_new_question_is_a_draft_until_it_is_approved(bank: Bank, time: Any):
    row = create(bank, time.now())
    assert (row.state, row.tags, row.author) == ("draft", ["新"], "olga")
    assert row.id not in {one.id for one in queries.approved(bank.id)}
    row = move(row.id, "approve", time.now())
    assert (row.state, row.reviewer, row.version) == ("approved", "olga", 2)
    assert row.id in {one.id for one in queries.approved(bank.id)}
    assert versions(row.id) == [(1, "create", "olga"), (2, "approve", "olga")]


@pytest.mark.parametrize(
    ("state", "deed"), [("approved", "approve"), ("approved", "restore"), ("draft", "x")]
)
def test_a_deed_out_of_place_is_refused(bank: Bank, time: Any, state: str, deed: str):
    number = 1 if state == "approved" else create(bank, time.now()).id
    with pytest.raises(wording.NotNow):
        move(number, deed, time.now())


def test_a_retired_question_comes_back_as_a_draft(bank: Bank, time: Any):
    assert move(1, "retire", time.now()).state == "retired"
    assert 1 not in {one.id for one in queries.approved(bank.id)}
    assert move(1, "restore", time.now()).state == "draft"


class TestSecondReviewer:
    @pytest.fixture(autouse=True)
    def _reviewed(self, bank: Bank, time: Any):
        with transaction():
            editing.set_reviewed(bank, reviewed=True, at=time.now(), who="olga")

    def test_the_author_cannot_approve_their_own(self, bank: Bank, time: Any):
        row = create(bank, time.now())
        with pytest.raises(wording.OwnWork):
            move(row.id, "approve", time.now())
        assert move(row.id, "approve", time.now(), who="bo").reviewer == "bo"

    def test_an_edited_question_waits_for_another_person(self, bank: Bank, time: Any):
        assert edit(1, 1, time.now(), stem="改过").state == "draft"
        with pytest.raises(wording.OwnWork):
            move(1, "approve", time.now())
        assert move(1, "approve", time.now(), who="bo").state == "approved"

    def test_many_at_once_leave_out_ones_own(self, bank: Bank, time: Any):
        mine, other = (
            create(bank, time.now()).id,
            create(bank, time.now(), "bo", replace(FRESH, stem="二？")).id,
        )
        with transaction():
            done = editing.change_many(
                bank, ids=[mine, other], deed="approve", value="", at=time.now(), who="olga"
            )
        assert (done.done, done.own) == (1, 1)
        assert [catalogue.question(number).state for number in (mine, other)] == ["draft", "approved"]

    def test_what_is_imported_waits_too(self, bank: Bank, time: Any):
        make_bank([replace(FRESH, stem="导入的？")], at=time.now())
        found = db.session.scalars(select(Question).where(Question.stem == "导入的？")).one()
        assert found.state == "draft"


@pytest.mark.parametrize(
    ("deed", "value", "field", "after"),
    [
        ("chapter", "第三章 附则", "chapter", "第三章 附则"),
        ("difficulty", "3", "difficulty", 3),
        ("tag", "重点、新题", "tags", ["重点", "新题"]),
        ("no-practise", "", "practisable", False),
        ("retire", "", "state", "retired"),
    ],
)
def test_many_are_changed_as_one_version_each(
    bank: Bank, time: Any, deed: str, value: str, field: str, after: Any
):
    for expected in (2, 0):
        with transaction():
            done = editing.change_many(
                bank, ids=[1, 2, 2, 99], deed=deed, value=value, at=time.now(), who="olga"
            )
        assert done.done == expected
    assert [getattr(catalogue.question(number), field) for number in (1, 2)] == [after, after]
    assert [kept for kept, _, _ in versions(2)] == [1, 2]
    assert versions(3) == []
    told = db.session.scalars(select(Deed).where(Deed.what == "question.bulk").order_by(Deed.id)).first()
    assert told.detail["questions"] == [1, 2]


def test_a_tag_is_taken_away_again(bank: Bank, time: Any):
    for deed in ("tag", "untag"):
        with transaction():
            editing.change_many(bank, ids=[1], deed=deed, value="重点", at=time.now(), who="olga")
    assert catalogue.question(1).tags == []


@pytest.mark.parametrize(
    ("ids", "deed", "value"),
    [([], "chapter", "x"), ([1], "", ""), ([1], "difficulty", "9"), ([1], "tag", " ")],
)
def test_nothing_to_do_is_said(bank: Bank, time: Any, ids: list[int], deed: str, value: str):
    with pytest.raises(wording.NothingChosen), transaction():
        editing.change_many(bank, ids=ids, deed=deed, value=value, at=time.now(), who="olga")


def test_questions_of_another_bank_are_left_alone(bank: Bank, time: Any):
    other = make_bank(make_questions(single=1, multiple=0, true_false=0), name="别的", at=time.now())
    with transaction():
        done = editing.change_many(other, ids=[1], deed="retire", value="", at=time.now(), who="olga")
    assert (done.done, catalogue.question(1).state) == (0, "approved")


def test_merging_keeps_one_and_both_say_so(bank: Bank, time: Any):
    edit(1, 1, time.now(), basis="")
    edit(2, 1, time.now(), basis="《规则》第一条")
    with transaction():
        keep, drop = catalogue.question(1), catalogue.question(2)
        editing.merge(keep, drop, seen=(2, 2), at=time.now(), who="olga")
    keep, drop = catalogue.question(1), catalogue.question(2)
    assert (keep.state, drop.state) == ("approved", "retired")
    assert keep.basis == "《规则》第一条"
    notes = [catalogue.history(row)[0].version.document["note"] for row in (keep, drop)]
    assert notes == ["第 2 号题并到这里", "已并到第 1 号题"]
    assert versions(1)[-1] == (3, "merge", "olga")


def test_merging_is_refused_when_one_has_changed(bank: Bank, time: Any):
    edit(2, 1, time.now(), stem="刚改过")
    with pytest.raises(wording.Stale), transaction():
        editing.merge(catalogue.question(1), catalogue.question(2), seen=(1, 1), at=time.now(), who="olga")
    assert catalogue.question(2).state == "approved"


def test_what_changed_behind_the_versions_is_kept_before_the_next(bank: Bank, time: Any):
    edit(1, 1, time.now(), stem="改过")
    with transaction():
        catalogue.question(1).state = "retired"
    with transaction():
        row = catalogue.question(1)
        editing.edit(row, seen=2, given=given(row, difficulty=Difficulty.HARD), at=time.now(), who="bo")
    assert [deed for _, deed, _ in versions(1)] == ["import", "edit", "import", "edit"]


def test_an_exam_made_before_keeps_its_wording(app: Any, time: Any):
    bank = make_bank(at=time.now())
    exam = make_exam(bank, at=time.now())
    edit(1, 1, time.now(), stem="改了也不影响")
    move(2, "retire", time.now())
    stems = {question.stem for question in frozen_pool(exam.id).by_id.values()}
    assert {"单选题干 0", "单选题干 1"} <= stems
    assert "改了也不影响" not in stems
