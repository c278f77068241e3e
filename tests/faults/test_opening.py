"""A short opening minute on one SQLite file: nobody is refused, no locked database is seen (promise B12)."""

import argparse

from benchmarks.opening import play


def test_a_crowd_meets_no_locked_database() -> None:
    options = argparse.Namespace(persons=60, within=2, seconds=5, every=1)
    seen, gone, locked, _ = play(options)
    assert seen.start.answered == options.persons
    assert seen.save.answered >= options.persons
    assert [seen.sign_in.refused, seen.start.refused, seen.save.refused, seen.broken] == [[], [], [], []]
    assert (gone, locked) == (0, 0)
