"""mingshi db upgrade, doctor, backup, restore, and what every command does about the database."""

import json

import pytest
from click.testing import CliRunner
from conftest import NOON
from factories import make_bank

from quiz.cli import cli


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """``bare("serve")`` in a new data folder."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("MINGSHI_DATA", str(tmp_path / "new"))
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def test_upgrade_makes_a_database_that_serves(bare, tmp_path):
    assert bare("db", "upgrade").exit_code == 0
    assert bare("db", "upgrade").exit_code == 0
    assert bare("exam", "close-due").exit_code == 0
    assert (tmp_path / "new" / "mingshi.db").exists()


@pytest.mark.parametrize("words", [["serve"], ["exam", "close-due"]])
def test_nothing_runs_on_a_database_that_is_not_at_head(bare, words, tmp_path):
    done = bare(*words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "数据库还没有升级到这个版本。请先运行 mingshi db upgrade。\n"
    assert not (tmp_path / "new" / "mingshi.db").exists()


def test_doctor_finds_nothing_bad_here(document, mingshi):
    assert document("doctor")["good"] is True
    assert mingshi("doctor").exit_code == 0


def test_doctor_exits_with_1_before_the_upgrade(bare):
    done = bare("doctor", "--json")
    findings = {finding["name"]: finding["state"] for finding in json.loads(done.stdout)["findings"]}
    assert (done.exit_code, findings["database"], findings["data"]) == (1, "bad", "good")


def test_a_backup_is_restored_by_command(bare, tmp_path):
    bare("db", "upgrade")
    file = tmp_path / "backup"
    assert bare("backup", file).exit_code == 0
    assert bare("restore", file, "--data", tmp_path / "again").exit_code == 0
    assert bare("doctor", "--data", tmp_path / "again").exit_code == 0
    assert bare("restore", file, "--data", tmp_path / "again").exit_code == 1
    assert bare("restore", file).exit_code == 2


def test_a_wrong_setting_is_a_sentence(bare, monkeypatch):
    monkeypatch.setenv("MINGSHI_PROXIES", "two")
    done = bare("doctor")
    assert (done.exit_code, done.stderr) == (1, "MINGSHI_PROXIES 应当是一个整数，现在是“two”。\n")


def test_a_folder_that_cannot_be_made_is_a_sentence(bare, tmp_path):
    (tmp_path / "file").touch()
    done = bare("db", "upgrade", "--data", tmp_path / "file" / "folder")
    assert done.exit_code == 1
    assert done.stderr.startswith("不能读写")


def test_the_backup_of_the_database_in_use_holds_it(mingshi, tmp_path, app):
    make_bank(at=NOON)
    done = mingshi("backup", tmp_path / "backup")
    assert done.exit_code == 0, done.stderr
