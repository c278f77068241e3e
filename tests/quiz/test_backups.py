"""A backup holds one moment of a running exam, and what it holds comes back."""

import json
import shutil
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest
from conftest import NOON
from factories import Phone, make_bank, make_exam, make_person, make_unit
from sqlalchemy import text

from quiz import backups, config, create_app
from quiz.extensions import db, saver

WRITE = "INSERT INTO unit (name, kind, pinyin) VALUES (:name, '', '') RETURNING id"


@pytest.fixture
def kept(app, settings, tmp_path):
    """SQLite only: the data folder with a secret key as serving leaves it."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the online backup is SQLite's; pg_dump is tested below")
    return Path(settings["DATA"])


def units(folder):
    with sqlite3.connect(folder / "mingshi.db") as connection:
        found = [name for (name,) in connection.execute("SELECT name FROM unit ORDER BY id")]
    connection.close()
    return found


def test_answers_come_back(kept, client, tmp_path):
    exam = make_exam(make_bank(at=NOON), at=NOON)
    phone = Phone(client, exam, make_person(unit=make_unit()))
    sitting = phone.start().get_json()["sitting"]
    assert phone.save(sitting, 1, ["A"]).status_code == 200
    manifest = backups.back_up(tmp_path / "backup", at=NOON)
    assert list(manifest["members"]) == ["mingshi.db", "secret_key"]
    backups.restore(tmp_path / "backup", tmp_path / "again")
    again = create_app(config.load({}, data=tmp_path / "again"))
    assert again.config["SECRET_KEY"] == (kept / "secret_key").read_text()
    with again.app_context():
        assert db.session.scalar(text("SELECT answer FROM response")) == '["A"]'
        db.session.remove()
        db.engine.dispose()


def test_under_writes_it_holds_one_moment(kept, app, tmp_path):
    """Everything acknowledged before the backup is in it, and nothing later than a gap."""
    stop, acknowledged, begun = threading.Event(), [], threading.Event()

    def write():
        with app.app_context():
            while not stop.is_set():
                name = f"单位{len(acknowledged):06}"
                saver().run(WRITE, {"name": name})
                acknowledged.append(name)
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(10)
        for number in range(5):
            before = len(acknowledged)
            backups.back_up(tmp_path / f"backup{number}", at=NOON)
            backups.restore(tmp_path / f"backup{number}", tmp_path / f"again{number}")
            found = units(tmp_path / f"again{number}")
            assert len(found) >= before
            assert found == [f"单位{n:06}" for n in range(len(found))]
    finally:
        stop.set()
        writer.join()


def test_copying_the_files_would_not_do(kept, tmp_path):
    """The control: what the online backup holds is missing from a copy of the database file."""
    make_unit()
    shutil.copy(kept / "mingshi.db", tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as connection:
        copied = connection.execute("SELECT count(*) FROM unit").fetchone()
    connection.close()
    backups.back_up(tmp_path / "backup", at=NOON)
    backups.restore(tmp_path / "backup", tmp_path / "again")
    assert (copied, units(tmp_path / "again")) == ((0,), ["青石镇"])


def test_only_its_owner_may_read_it_and_no_half_file_stays(kept, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    backups.back_up(folder / "backup", at=NOON)
    assert (folder / "backup").stat().st_mode & 0o777 == 0o600
    with pytest.raises(backups.CannotBackUp, match="换一个文件名"):
        backups.back_up(folder / "backup", at=NOON)
    assert [path.name for path in folder.iterdir()] == ["backup"]


def test_a_damaged_database_is_not_backed_up(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "_is_sound", lambda database: False)
    with pytest.raises(backups.CannotBackUp, match="完整性检查"):
        backups.back_up(tmp_path / "backup", at=NOON)
    assert not (tmp_path / "backup").exists()


def test_nothing_is_overwritten_by_restoring(kept, tmp_path):
    backups.back_up(tmp_path / "backup", at=NOON)
    before = {path.name: path.read_bytes() for path in kept.iterdir() if path.is_file()}
    with pytest.raises(backups.CannotRestore, match="空目录"):
        backups.restore(tmp_path / "backup", kept)
    assert {name: (kept / name).read_bytes() for name in before} == before


def every_tenth_byte_flipped(packed):
    for place in range(30, len(packed), len(packed) // 40):
        damaged = bytearray(packed)
        damaged[place] ^= 0xFF
        yield bytes(damaged)


def test_a_damaged_backup_leaves_nothing_behind(kept, tmp_path):
    backups.back_up(tmp_path / "backup", at=NOON)
    packed = (tmp_path / "backup").read_bytes()
    refused = 0
    for damaged in [b"", packed[: len(packed) // 2], *every_tenth_byte_flipped(packed)]:
        (tmp_path / "damaged").write_bytes(damaged)
        try:
            backups.restore(tmp_path / "damaged", tmp_path / "again")
        except backups.CannotRestore:
            refused += 1
            assert not (tmp_path / "again").exists()
        else:  # a byte nobody reads, in the zip's own bookkeeping
            assert units(tmp_path / "again") == []
            shutil.rmtree(tmp_path / "again")
    assert refused > 30


def test_names_that_lead_out_of_the_folder_are_not_followed(kept, tmp_path):
    backups.back_up(tmp_path / "backup", at=NOON)
    with zipfile.ZipFile(tmp_path / "backup") as good:
        members = {name: good.read(name) for name in good.namelist()}
    manifest = json.loads(members["manifest.json"])
    manifest["members"]["../escaped"] = "0"
    with zipfile.ZipFile(tmp_path / "evil", "w") as evil:
        for name, content in (members | {"../escaped": b"x"}).items():
            evil.writestr(name, json.dumps(manifest) if name == "manifest.json" else content)
    backups.restore(tmp_path / "evil", tmp_path / "folder" / "again")
    assert sorted(path.name for path in (tmp_path / "folder").rglob("*")) == [
        "again",
        "mingshi.db",
        "secret_key",
    ]


def test_postgresql_is_dumped_and_its_restore_explained(app, tmp_path):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("about pg_dump")
    if shutil.which("pg_dump") is None:
        pytest.skip("postgres: pg_dump is not installed")
    make_unit()
    assert "mingshi.dump" in backups.back_up(tmp_path / "backup", at=NOON)["members"]
    with pytest.raises(backups.CannotRestore, match="pg_restore"):
        backups.restore(tmp_path / "backup", tmp_path / "again")


def test_without_pg_dump_there_is_a_sentence(app, tmp_path, monkeypatch):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("about pg_dump")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(backups.CannotBackUp, match="没有找到 pg_dump"):
        backups.back_up(tmp_path / "backup", at=NOON)
