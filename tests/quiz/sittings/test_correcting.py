"""The rules of correcting, as tables of cases; hundredths of a point."""

import pytest

from question_bank import Kind, Question
from question_bank.marking import MultiplePolicy
from question_bank.paper import Item
from quiz.sittings import correcting
from quiz.sittings.correcting import Amendment, BadCorrection, Deed

SINGLE = Question(Kind.SINGLE, "单选", ("甲", "乙", "丙"), ("A",))
MULTIPLE = Question(Kind.MULTIPLE, "多选", ("甲", "乙", "丙"), ("A", "B"))
JUDGE = Question(Kind.TRUE_FALSE, "判断", (), ("T",))
FILL = Question(Kind.FILL, "填空：__、__", (), ("一", "二"))
#: Item 1's options are shown as C A B: its key A reads B on this paper.
ITEMS = [
    Item(1, 11, SINGLE, (2, 0, 1), 100),
    Item(2, 12, MULTIPLE, (0, 1, 2), 200),
    Item(3, 13, JUDGE, (), 100),
    Item(4, 14, FILL, (), 300),
]
RIGHT = {1: ["B"], 2: ["A", "B"], 3: ["T"], 4: ["一", "二"]}
ALL, SCALED, REKEY = Deed


@pytest.mark.parametrize(
    ("answers", "amendments", "score"),
    [
        (RIGHT, [], 700),
        ({}, [], 0),
        # 全员给分: unanswered and wrong alike, never more than the points.
        ({}, [Amendment(12, ALL)], 200),
        ({2: ["C"]}, [Amendment(12, ALL)], 200),
        (RIGHT, [Amendment(12, ALL)], 700),
        # 按比例折算: 5 points left of 7; 1/5 × 7 = 1.40, 4/5 × 7 = 5.60.
        (RIGHT, [Amendment(12, SCALED)], 700),
        ({1: ["B"]}, [Amendment(12, SCALED)], 140),
        ({2: ["A", "B"]}, [Amendment(12, SCALED)], 0),
        ({1: ["B"], 4: ["一", "二"]}, [Amendment(12, SCALED)], 560),
        # 6 left of 7: 1/6 × 7 = 1.1666… → 1.17; 4 left of 7: 1/4 × 7 = 1.75.
        ({1: ["B"]}, [Amendment(13, SCALED)], 117),
        ({1: ["B"]}, [Amendment(14, SCALED)], 175),
        # Two voided 按比例折算: 4 left of 7; a given item is among those scaled.
        ({1: ["B"]}, [Amendment(12, SCALED), Amendment(13, SCALED)], 175),
        ({}, [Amendment(12, SCALED), Amendment(13, ALL)], 140),
        # Nothing left: everybody has everything.
        ({}, [Amendment(row, SCALED) for row in (11, 12, 13, 14)], 700),
        # 改答案, in the question's own labels: its B is shown as C.
        ({1: ["B"]}, [Amendment(11, REKEY, ("B",))], 0),
        ({1: ["C"]}, [Amendment(11, REKEY, ("B",))], 100),
        ({1: ["B"]}, [Amendment(11, REKEY, ("A", "B"))], 100),
        ({1: ["C"]}, [Amendment(11, REKEY, ("A", "B"))], 100),
        ({1: ["A"]}, [Amendment(11, REKEY, ("A", "B"))], 0),
        ({2: ["A", "B"]}, [Amendment(12, REKEY, ("A", "B", "C"))], 0),
        ({2: ["A", "B", "C"]}, [Amendment(12, REKEY, ("A", "B", "C"))], 200),
        ({3: ["F"]}, [Amendment(13, REKEY, ("F",))], 100),
        ({3: ["F"]}, [Amendment(13, REKEY, ("T", "F"))], 100),
        ({4: ["壹", "二"]}, [Amendment(14, REKEY, ("一|||壹", "二"))], 300),
        # A question this paper does not hold.
        (RIGHT, [Amendment(99, ALL), Amendment(98, SCALED)], 700),
    ],
)
def test_score(answers, amendments, score):
    assert correcting.score(ITEMS, answers, MultiplePolicy.STRICT, amendments) == score


def test_the_policy_holds_for_a_new_key():
    half = correcting.score(
        ITEMS, {2: ["A", "B"]}, MultiplePolicy.HALF, [Amendment(12, REKEY, ("A", "B", "C"))]
    )
    assert half == 100


def test_stored_and_back():
    amendments = (Amendment(11, REKEY, ("A", "C")), Amendment(12, SCALED))
    assert correcting.in_force(correcting.stored(amendments)) == amendments


@pytest.mark.parametrize(
    ("question", "key", "words"),
    [
        (SINGLE, (), "请填写新的答案"),
        (SINGLE, ("A",), "一样"),
        (SINGLE, ("D",), "选项里选"),
        (SINGLE, ("B", "B"), "选项里选"),
        (JUDGE, ("A",), "选项里选"),
        (FILL, ("一",), "2 个空"),
        (FILL, ("一", " "), "请填写新的答案"),
    ],
)
def test_a_key_that_cannot_be(question, key, words):
    with pytest.raises(BadCorrection, match=words):
        correcting.check(question, Amendment(1, REKEY, key), reason="答案印错")


def test_a_reason_is_needed():
    for reason in ("", "  ", "长" * 201):
        with pytest.raises(BadCorrection, match="原因"):
            correcting.check(SINGLE, Amendment(1, ALL), reason=reason)


@pytest.mark.parametrize(
    ("amendment", "place", "words"),
    [
        (Amendment(11, ALL), 0, "本题已更正：本题作废，每人都得 1 分。"),
        (Amendment(11, SCALED), 0, "本题已更正：本题作废，不计分，总分按其余题目折算。"),
        (Amendment(11, REKEY, ("B",)), 0, "本题已更正：答案由 B 改为 C。"),
        (Amendment(11, REKEY, ("A", "B")), 0, "本题已更正：答案由 B 改为 B 或 C。"),
        (Amendment(12, REKEY, ("A", "C")), 1, "本题已更正：答案由 AB 改为 AC。"),
        (Amendment(13, REKEY, ("F",)), 2, "本题已更正：答案由 正确 改为 错误。"),
        (Amendment(14, REKEY, ("一|||壹", "二")), 3, "本题已更正：答案由 一；二 改为 一 或 壹；二。"),
    ],
)
def test_sentence(amendment, place, words):
    assert correcting.sentence(ITEMS[place], amendment) == words
