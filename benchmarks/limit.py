"""The limit program: the least that Flask can do to keep an answer, to measure ours against.

Bare Flask, its own signed session cookie, one hand-written upsert, one commit per request, SQLite in WAL
with synchronous=FULL. No validation, no deadline, no owner check: nothing could be left out.
Set LIMIT_DB to a PostgreSQL URL for the other column.
"""

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, request, session

DATABASE = os.environ.get("LIMIT_DB", "limit.db")
TABLE = (
    "CREATE TABLE IF NOT EXISTS response (sitting_id integer, position integer, answer text, "
    "revision integer, PRIMARY KEY (sitting_id, position))"
)
UPSERT = (
    "INSERT INTO response VALUES ({0}, {0}, {0}, {0}) ON CONFLICT (sitting_id, position) "
    "DO UPDATE SET answer = excluded.answer, revision = excluded.revision"
)
app = Flask(__name__)
app.secret_key = "the limit program"
local = threading.local()


POSTGRES = DATABASE.startswith("postgresql")
STATEMENT = UPSERT.format("%s" if POSTGRES else "?")


def connection() -> Any:
    """One connection for each thread of the server."""
    if not hasattr(local, "connection"):
        local.connection = connect()
    return local.connection


def connect() -> Any:
    if POSTGRES:
        return psycopg.connect(DATABASE)
    made = sqlite3.connect(DATABASE, timeout=10)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("PRAGMA synchronous=FULL")
    return made


with connect() as first:
    first.execute(TABLE)


@app.post("/sign-in")
def sign_in():
    session["person"] = request.get_json()["person"]
    return {"person": session["person"]}


@app.put("/sittings/<int:sitting>/responses/<int:position>")
def save(sitting: int, position: int):
    body = request.get_json()
    if "person" not in session:
        return {"kept": False}, 401
    connection().execute(STATEMENT, (sitting, position, ",".join(body["answer"]), body["revision"]))
    connection().commit()
    return {"kept": True, "revision": body["revision"]}
