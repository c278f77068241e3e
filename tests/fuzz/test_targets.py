"""The fuzz targets over their seeds and some bytes that broke a reader once; the search is run.py fuzz."""

import sys

import pytest

from question_bank.reading import read
from tests.fuzz import __main__ as fuzz
from tests.fuzz import targets
from tests.fuzz.targets import SEEDS, TARGETS

#: What the search found, by target.
FOUND = {
    "parsers": [b"|||"],
    "open_document": [b"<table:ta\x04\x00<tab<table:table-row><table:le:table-cell office:value-tytap"],
    "workbook": [
        b'<row r="1"><c r="Auuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu1" t="innc></row><row r="1"><c r="A2"c>'
        b'<c r5"C2" t="in,ineStr"><iq><t>x</t></is></c>'
    ],
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_passes_its_seed_cut_anywhere(name: str) -> None:
    seed = SEEDS[name]
    for data in (seed, seed[: len(seed) // 2], seed[7:], b"", b"\xff\xfe\x00<&", *FOUND.get(name, [])):
        TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"parsers"}))
def test_a_seed_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a target whose files are always refused would never find anything."""
    reports = []
    monkeypatch.setattr(
        targets, "read", lambda *file, **named: reports.append(read(*file, **named)) or reports[0]
    )
    TARGETS[name](SEEDS[name])
    assert reports[0].questions


def test_without_atheris_the_search_is_skipped_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz.util, "find_spec", lambda name: None)
    assert fuzz.main(["5"]) == 0
    assert "skipped: atheris is not installed" in capsys.readouterr().err


def test_a_broken_target_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz.util, "find_spec", lambda name: sys)
    monkeypatch.setattr(fuzz, "_whole", lambda name, seconds, folder: name != "prose")
    assert fuzz.main(["70"]) == 1
    assert "broken: prose" in capsys.readouterr().err
