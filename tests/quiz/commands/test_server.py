"""mingshi demo, mingshi serve, up to the moment of serving."""

import os
import shutil

import pytest
from click.testing import CliRunner

from quiz import schema, serving
from quiz.cli import cli
from quiz.commands import server
from quiz.demo import making, welcome


@pytest.fixture
def served(monkeypatch):
    """What serving.serve() was called with; nothing is served. The environment is put back afterwards."""
    calls, before = [], dict(os.environ)
    monkeypatch.setattr(serving, "serve", lambda app, **how: calls.append((app.config, how)))
    monkeypatch.setattr(serving, "check_port", lambda host, port: None)
    monkeypatch.setattr(welcome, "own_address", lambda: "192.168.1.20")
    for name in ("DATABASE_URL", "SECRET_KEY", "MINGSHI_DATA", "MINGSHI_BASE_URL", "MINGSHI_PLACE"):
        os.environ.pop(name, None)
    yield calls
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def small(monkeypatch):
    """A county in no time: the demo itself is tested beside making.py."""
    made = []
    monkeypatch.setattr(making, "make", lambda at, tick: made.append(at))
    monkeypatch.setattr(making, "open_exam", lambda at: type("Exam", (), {"code": "7K3Q"}))
    return made


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_the_demo_says_where_and_who_and_serves_everybody(served, small, tmp_path):
    done = run("demo", "--port", 9000, "--data", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    for said in (
        "http://192.168.1.20:9000/e/7K3Q",
        "http://127.0.0.1:9000/board/7K3Q",
        "http://127.0.0.1:9000/admin/",
        making.PASSWORD,
        "13800000001",
        "AL0003",
    ):
        assert said in done.stdout
    ((settings, how),) = served
    assert how == {"host": "0.0.0.0", "port": 9000}
    assert settings["BASE_URL"] == "http://192.168.1.20:9000"


def test_a_second_demo_uses_the_first_and_fresh_makes_another(served, small, tmp_path):
    folder = tmp_path / "demo"
    run("demo", "--data", folder)
    kept = (folder / "secret_key").read_text()
    run("demo", "--data", folder)
    assert (len(small), (folder / "secret_key").read_text()) == (1, kept)
    run("demo", "--data", folder, "--fresh")
    assert (len(small), (folder / "secret_key").read_text() == kept) == (2, False)


def test_a_demo_that_was_interrupted_is_made_again(served, small, tmp_path):
    run("demo", "--data", tmp_path / "demo")
    (tmp_path / "demo" / server.MARK).write_text("")
    run("demo", "--data", tmp_path / "demo")
    assert len(small) == 2


@pytest.mark.parametrize("more", [[], ["--fresh"]])
def test_a_folder_with_real_data_is_left_alone(served, small, tmp_path, more):
    (tmp_path / "mingshi.db").write_bytes(b"real")
    done = run("demo", "--data", tmp_path, *more)
    assert (done.exit_code, served, small) == (1, [], [])
    assert (tmp_path / "mingshi.db").read_bytes() == b"real"
    assert "--data" in done.stderr


def test_the_demo_never_touches_the_database_in_use(served, small, tmp_path):
    os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/real"
    done = run("demo", "--data", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    assert served[0][0]["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///")
    assert "DATABASE_URL" not in os.environ, "the workers read it anew"


@pytest.fixture
def data(empty_sqlite, tmp_path, served):
    shutil.copy(empty_sqlite, tmp_path / "mingshi.db")
    return tmp_path


def test_serve_is_for_this_machine_unless_told_otherwise(served, data):
    assert run("serve", "--data", data).exit_code == 0
    assert served[0][1] == {"host": "127.0.0.1", "port": 8000, "workers": 1}


def test_serve_refuses_what_may_lose_data(served, data, monkeypatch):
    monkeypatch.setattr(serving, "wal_is_safe", lambda: False)
    done = run("serve", "--data", data, "--workers", 2)
    assert (done.exit_code, served) == (1, [])
    assert "PostgreSQL" in done.stderr
    monkeypatch.setattr(serving, "wal_is_safe", lambda: True)
    assert run("serve", "--data", data, "--workers", 2).exit_code == 0
    assert served[0][1]["workers"] == 2


def test_serve_refuses_a_database_that_is_behind(served, data, monkeypatch):
    monkeypatch.setattr(schema, "is_current", lambda: False)
    done = run("serve", "--data", data)
    assert (done.exit_code, served) == (1, [])
    assert "请先运行 mingshi db upgrade" in done.stderr


def test_what_the_code_leads_to_is_the_phone_address():
    words = welcome.sentences("7K3Q", address="192.168.1.20", port=8000, drawn=True)
    assert "█" in words
    assert "█" not in welcome.sentences("7K3Q", address="192.168.1.20", port=8000, drawn=False)


def test_every_command_of_the_interface_is_there():
    said = {words: run(*words.split(), "--help").exit_code for words in COMMANDS}
    assert set(said.values()) == {0}, said
    assert run("nonsense").exit_code == 2


COMMANDS = (
    "demo",
    "serve",
    "db upgrade",
    "doctor",
    "admin create",
    "bank import",
    "bank export",
    "roster import",
    "exam create",
    "exam close-due",
    "standings",
    "backup",
    "restore",
)
