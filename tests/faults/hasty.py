"""The control of test_sync.py: a server that tells SQLite not to wait for the disk at each commit."""

import sqlite3

from flask import Flask

import quiz
from quiz import extensions

_careful = extensions._set_pragmas


def _hasty(connection: sqlite3.Connection) -> None:
    _careful(connection)
    connection.execute("PRAGMA synchronous=NORMAL")


def create_app() -> Flask:
    extensions._set_pragmas = _hasty
    return quiz.create_app()
