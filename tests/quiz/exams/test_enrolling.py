"""What is asked of who joins a contest, and the version of what they agree to."""

from dataclasses import replace

import pytest

from quiz.exams import enrolling
from quiz.exams.enrolling import Asked, BadClass, BadSeat, BadTerms, ChoiceNeeded, Terms


def test_the_version_is_of_the_words_and_of_nothing_else() -> None:
    terms = Terms()
    assert replace(terms, pupils=True).version == terms.version
    assert replace(terms, consent=terms.consent + "。").version != terms.version


def test_terms_are_read_as_they_were_written() -> None:
    terms = Terms(category=Asked.REQUIRED, categories=("进机关", "进网络"), other=False)
    assert enrolling.from_document(terms.document()) == terms


@pytest.mark.parametrize(
    "wrong",
    [
        {"categories": ()},
        {"identity": Asked.REQUIRED, "identities": ()},
        {"categories": tuple(map(str, range(31)))},
        {"identities": ("长" * 21,)},
        {"consent": "同意"},
        {"consent": "长" * 2001},
    ],
)
def test_terms_that_cannot_be_asked_are_refused(wrong: dict[str, object]) -> None:
    enrolling.check(Terms())
    enrolling.check(Terms(category=Asked.OFF, categories=()))
    with pytest.raises(BadTerms):
        enrolling.check(replace(Terms(), **wrong))


def test_one_choice_a_line() -> None:
    assert enrolling.read_choices(" 进机关 \r\n\n进 乡村\n进机关\n") == ("进机关", "进 乡村")


@pytest.mark.parametrize(
    ("asked", "given", "kept"),
    [
        ("off", "进机关", ""),
        ("optional", "", ""),
        ("optional", "进机关", "进机关"),
        ("required", "进机关", "进机关"),
    ],
)
def test_what_was_chosen(asked: str, given: str, kept: str) -> None:
    assert enrolling.chosen(Asked(asked), ("进机关",), given, words="五进类别") == kept


@pytest.mark.parametrize(
    ("asked", "given"), [("required", ""), ("optional", "进月球"), ("required", "进月球")]
)
def test_what_was_not_chosen_of_the_list(asked: str, given: str) -> None:
    with pytest.raises(ChoiceNeeded):
        enrolling.chosen(Asked(asked), ("进机关",), given, words="五进类别")


def test_a_class_has_no_room_for_a_name() -> None:
    enrolling.check_class("0502", "17")
    enrolling.check_class("5-2b", "")
    for wrong in ("", "五二班", "张三", "123456789", "05 02"):
        with pytest.raises(BadClass):
            enrolling.check_class(wrong, "")
    for wrong in ("x", "1234", "一"):
        with pytest.raises(BadSeat):
            enrolling.check_class("0502", wrong)
