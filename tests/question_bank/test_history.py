"""Least used first, evenly, within the band, and recomputable."""

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank import Difficulty, Kind, Question
from question_bank.__main__ import main
from question_bank.history import average
from question_bank.paper import History, Paper, PaperSpec, Pool, SpecLine, draw, expected_score


def pool(size: int = 60, *, hard: int = 0) -> Pool:
    """Singles, half of them easy and half medium but for ``hard``."""
    levels = [Difficulty.HARD] * hard + [Difficulty.EASY, Difficulty.MEDIUM] * size
    return Pool(
        Question(Kind.SINGLE, f"题 {n}", ("甲", "乙", "丙"), ("A",), difficulty=levels[n])
        for n in range(size)
    )


SPEC = PaperSpec((SpecLine(Kind.SINGLE, 20, 100),))


def asked(paper: Paper) -> set[str]:
    return {item.question.fingerprint for item in paper.items}


def test_a_second_paper_has_nothing_the_person_has_seen_while_there_is_something_else() -> None:
    questions = pool(60)
    seen: Counter[str] = Counter()
    for number in range(3):
        paper = asked(draw(questions, SPEC, seed=f"s:{number}", history=History(seen=seen)))
        assert not paper & seen.keys()
        seen.update(paper)
    assert set(seen.values()) == {1}
    assert len(seen) == 60


def test_by_chance_alone_it_has() -> None:
    """The control."""
    first, second = (asked(draw(pool(60), SPEC, seed=f"s:{number}")) for number in range(2))
    assert first & second


def test_every_question_is_asked_as_often_as_any_other() -> None:
    questions, counts = pool(70), Counter[str]()
    for person in range(50):
        counts.update(asked(draw(questions, SPEC, seed=f"e:{person}:1", history=History(asked=counts))))
    assert max(counts.values()) - min(counts[one] for one in questions.fingerprints) <= 1


def test_every_paper_is_of_about_the_same_difficulty() -> None:
    questions, counts, band = pool(90, hard=30), Counter[str](), Fraction(1)
    found = []
    for person in range(60):
        history = History(asked=counts, band=band)
        paper = draw(questions, SPEC, seed=f"e:{person}:1", history=history)
        counts.update(asked(paper))
        found.append(expected_score(paper))
    middle = average(questions, SPEC)
    assert all(abs(one - middle) <= band for one in found)
    assert max(counts.values()) - min(counts.values()) <= 4, "and still about evenly"


def test_without_a_band_some_are_not() -> None:
    """The control."""
    questions = pool(90, hard=30)
    found = [expected_score(draw(questions, SPEC, seed=f"e:{person}")) for person in range(60)]
    assert any(abs(one - average(questions, SPEC)) > 1 for one in found)


def test_a_band_nothing_reaches_leaves_the_nearest() -> None:
    questions = Pool(
        [
            Question(Kind.SINGLE, f"题 {n}", ("甲", "乙"), ("A",), difficulty=level)
            for n, level in enumerate(Difficulty)
        ]
    )
    spec = PaperSpec((SpecLine(Kind.SINGLE, 1, 100),))
    papers = {
        expected_score(draw(questions, spec, seed=f"{n}", history=History(band=Fraction(0))))
        for n in range(9)
    }
    assert papers == {75}


@given(
    seen=st.dictionaries(st.integers(0, 59), st.integers(0, 3)),
    counts=st.dictionaries(st.integers(0, 59), st.integers(0, 9)),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_pool_changes_nothing(
    seen: dict[int, int], counts: dict[int, int], order: object
) -> None:
    questions = list(pool(60, hard=20).questions)
    prints = [question.fingerprint for question in questions]
    history = History(
        {prints[n]: count for n, count in seen.items()},
        {prints[n]: count for n, count in counts.items()},
        Fraction(2),
    )
    first = draw(questions, SPEC, seed="x", history=history)
    order.shuffle(questions)  # type: ignore[attr-defined]
    again = draw(
        questions, SPEC, seed="x", history=History.from_json(json.loads(json.dumps(history.document())))
    )
    assert [(i.question, i.order) for i in first.items] == [(i.question, i.order) for i in again.items]


def test_an_empty_history_keeps_the_number_and_the_sections() -> None:
    assert len(draw(pool(60), SPEC, seed="x", history=History()).items) == 20


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "抽题经过应当写明"),
        ({"seen": {"a": -1}}, "次数应当是 0 以上的整数"),
        ({"asked": [1]}, "次数应当是 0 以上的整数"),
        ({"band": "x"}, "难度差应当是一个数"),
    ],
)
def test_a_history_that_cannot_be(document: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        History.from_json(document)


def test_the_command_draws_with_a_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, spec, history = tmp_path / "题.csv", tmp_path / "spec.json", tmp_path / "history.json"
    rows = "\n".join(f"题 {n},甲,乙,丙,A" for n in range(6))
    file.write_text(f"题干,选项A,选项B,选项C,答案\n{rows}\n", encoding="utf-8")
    spec.write_text(json.dumps(PaperSpec((SpecLine(Kind.SINGLE, 3, 100),)).document()), encoding="utf-8")
    command = ["draw", str(file), "--spec", str(spec), "--seed", "x", "--json"]
    assert main(command) == 0
    plain = [item["stem"] for item in json.loads(capsys.readouterr().out)["items"]]
    questions = [Question(Kind.SINGLE, stem, ("甲", "乙", "丙"), ("A",)) for stem in plain]
    seen = {question.fingerprint: 1 for question in questions}
    history.write_text(json.dumps({"seen": seen}), encoding="utf-8")
    assert main([*command, "--history", str(history)]) == 0
    other = [item["stem"] for item in json.loads(capsys.readouterr().out)["items"]]
    assert not set(plain) & set(other)
    history.write_text("{", encoding="utf-8")
    assert main([*command, "--history", str(history)]) == 1
    assert "抽题经过不是正确的 JSON" in capsys.readouterr().err
