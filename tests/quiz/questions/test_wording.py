"""What a version of a question says, and how two differ."""

import pytest

from question_bank import Kind, Question
from question_bank.question import MOST_TAGS
from quiz.questions import wording
from quiz.questions.wording import Unfit, Wording

BEFORE = {
    "kind": "single",
    "stem": "借期几天？",
    "options": ["三十天", "十天"],
    "key": ["A"],
    "difficulty": 1,
}


def test_only_fields_that_differ_are_told_with_their_pieces():
    after = BEFORE | {"options": ["三十天", "九天"], "key": ["B"], "tags": ["重点"], "points": "2"}
    found = {one.name: one for one in wording.differences(BEFORE, after)}
    assert list(found) == ["选项", "答案", "分值", "标签"]
    assert ("十", True) in found["选项"].before
    assert ("九", True) in found["选项"].after
    assert (found["答案"].before, found["答案"].after) == ([("A", True)], [("B", True)])
    assert (found["标签"].before, found["标签"].after) == ([], [("重点", True)])


def test_every_field_is_shown_in_words():
    document = {"kind": "true_false", "key": ["F"], "state": "draft", "practisable": False, "difficulty": 3}
    shown = {name: wording.shown(name, document) for name in wording.FIELDS}
    assert shown["kind"] == "判断题"
    assert (shown["key"], shown["state"]) == ("错误", "草稿")
    assert (shown["practisable"], shown["difficulty"]) == ("不供练习", "难")
    assert wording.shown("key", {"kind": "fill", "key": ["县级|||县", "三十"]}) == "县级 或 县；三十"


def test_what_cannot_be_scored_is_refused_with_its_faults():
    with pytest.raises(Unfit) as refused:
        Wording(Question(Kind.SINGLE, "题干", ("甲", ""), ("C",))).check()
    assert {(fault.code, fault.label) for fault in refused.value.faults} == {
        ("empty-option", "B"),
        ("key-beyond-options", ""),
    }


def test_tags_are_cut_from_one_line():
    assert wording.clean_tags("重点、 新题,重点；") == ("重点", "新题")
    assert len(wording.clean_tags("、".join(map(str, range(40))))) == MOST_TAGS


def test_text_keeps_its_lines_and_loses_what_is_invisible():
    assert wording.clean(" 一\r\n二\0\u202e \n", longest=10) == "一\n二"
