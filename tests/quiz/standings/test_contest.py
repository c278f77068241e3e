"""The scripted contest ends in the tables that are written down, on both databases."""

from typing import Any

from contest import Contest, stored
from flask import Flask


def test_the_replay_ends_in_the_tables_written_down(app: Flask, time: Any) -> None:
    contest = Contest()
    contest.replay()
    assert contest.expected() == stored()
    assert contest.tables() == stored()
