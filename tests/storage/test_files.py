"""What lies in the state folder, and for whom."""

from __future__ import annotations

import sqlite3
import stat
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import platformdirs
import pytest

from jido_server.errors import SessionNotFound, StorageFailed
from jido_server.storage.database import VERSION
from jido_server.storage.folder import state_folder
from jido_server.storage.sqlite import SqliteStorage
from tests.storage.histories import OTHER, SESSION, database, keep, messages, names

Server = Callable[[], SqliteStorage]


def kept(storage: SqliteStorage, count: int = 3, session_id: str = SESSION) -> None:
    journal = storage.create(session_id)
    keep(journal, messages(count, session_id=session_id))
    journal.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_state_folder_is_the_one_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JIDO_STATE_DIR", str(tmp_path / "state"))
    assert state_folder() == tmp_path / "state"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIDO_STATE_DIR", "here")
    assert state_folder() == tmp_path / "here"


@pytest.mark.parametrize("value", [None, ""])
def test_the_state_folder_is_the_platforms_own_else(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("JIDO_STATE_DIR", raising=False)
    if value is not None:
        monkeypatch.setenv("JIDO_STATE_DIR", value)
    assert state_folder() == platformdirs.user_state_path("jido_code")


def test_only_the_owner_can_read_what_was_said(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state"
    with closing(SqliteStorage(state)) as storage:
        keep(storage.create(SESSION), messages(3))
        assert mode(state) == mode(state / "sessions") == 0o700
        files = {path.name: mode(path) for path in (state / "sessions").iterdir()}
    assert set(files) == {
        f"{SESSION}{end}" for end in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".lock")
    }
    assert set(files.values()) == {0o600}


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir(mode=0o755)
    with closing(SqliteStorage(tmp_path)) as storage:
        kept(storage)
    assert mode(tmp_path / "sessions") == 0o700


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "state")) as storage:
        assert storage.saved() == []
        with pytest.raises(SessionNotFound):
            storage.open(SESSION)
    assert not (tmp_path / "state").exists()


def test_a_closed_session_is_one_file(server: Server, tmp_path: Path) -> None:
    storage = server()
    kept(storage)
    assert names(tmp_path) == {f"{SESSION}.sqlite3"}
    storage.saved()
    list(storage.records(SESSION))
    assert names(tmp_path) == {f"{SESSION}.sqlite3"}


def test_a_deleted_session_leaves_nothing(server: Server, tmp_path: Path) -> None:
    storage = server()
    kept(storage)
    copy = database(tmp_path).with_name(f"{SESSION}.sqlite3.corrupt-1")
    copy.write_bytes(b"what was said")
    storage.delete(SESSION)
    assert names(tmp_path) == set()


def test_a_deletion_that_was_broken_off_is_finished_when_it_is_asked_for_again(
    server: Server, tmp_path: Path
) -> None:
    storage = server()
    kept(storage)
    database(tmp_path).rename(database(tmp_path).with_name(f"{SESSION}.sqlite3-wal"))
    storage.delete(SESSION)
    assert names(tmp_path) == set()


def test_a_deletion_spares_a_session_with_a_longer_id(server: Server) -> None:
    storage = server()
    kept(storage)
    kept(storage, session_id=SESSION + "-2")
    storage.delete(SESSION)
    assert [saved.last_seq for saved in storage.saved()] == [3]


def test_other_files_in_the_folder_are_no_sessions(server: Server, tmp_path: Path) -> None:
    storage = server()
    kept(storage)
    (tmp_path / "sessions" / "notes.txt").write_text("mine")
    (tmp_path / "sessions" / ".hidden.sqlite3").write_text("mine")
    assert [saved.id for saved in storage.saved()] == [SESSION]


def test_an_id_that_is_a_path_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="can't be the id"):
        server().create("../outside")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("in_the_way", ["state", "state/sessions"])
def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path, in_the_way: str) -> None:
    (tmp_path / in_the_way).parent.mkdir(exist_ok=True)
    (tmp_path / in_the_way).touch()
    with closing(SqliteStorage(tmp_path / "state")) as storage:
        with pytest.raises(StorageFailed):
            storage.create(SESSION)
        with pytest.raises(StorageFailed):
            storage.saved()


def test_a_history_of_a_newer_server_is_left_as_it_is(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = server()
    kept(storage)
    kept(storage, session_id=OTHER)
    with closing(sqlite3.connect(database(tmp_path))) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = database(tmp_path).read_bytes()
    for ask in (storage.open, storage.find, lambda id_: list(storage.records(id_))):
        with pytest.raises(StorageFailed, match=f"{SESSION}.*newer"):
            ask(SESSION)
    assert [saved.id for saved in storage.saved()] == [OTHER]
    assert f"{SESSION}" in caplog.text
    assert database(tmp_path).read_bytes() == before
    assert names(tmp_path) == {f"{SESSION}.sqlite3", f"{OTHER}.sqlite3"}


@pytest.mark.parametrize("changed", ["kind", "payload"])
def test_an_update_of_a_newer_server_is_told_and_left_as_it_is(
    server: Server, tmp_path: Path, changed: str
) -> None:
    storage = server()
    kept(storage)
    values = {"kind": "'somethingNew'", "payload": "CAST('{}' AS BLOB)"}
    with closing(sqlite3.connect(database(tmp_path), isolation_level=None)) as connection:
        connection.execute(f"UPDATE updates SET {changed} = {values[changed]} WHERE seq = 3")  # noqa: S608 - our own names
        row = connection.execute("SELECT * FROM updates WHERE seq = 3").fetchone()
        head = "{} {} {} {} {}".format(*row[:3], *row[4:6]).encode()
        checksum = zlib.crc32(row[3], zlib.crc32(head))
        connection.execute("UPDATE updates SET checksum = ? WHERE seq = 3", (checksum,))
    journal = storage.open(SESSION)
    assert journal.recovered is None
    for read in (journal.read, lambda: list(storage.records(SESSION))):
        with pytest.raises(StorageFailed, match="newer"):
            read()


def test_a_history_that_was_removed_while_open_is_told(server: Server, tmp_path: Path) -> None:
    journal = server().create(SESSION)
    records = iter(messages(100_000, size=10))
    keep(journal, [next(records)])
    for path in (tmp_path / "sessions").iterdir():
        path.unlink()
    with pytest.raises(StorageFailed, match="removed"):
        keep(journal, records)


def test_servers_hold_their_own_sessions_in_one_folder(server: Server) -> None:
    here, there = server(), server()
    keep(here.create(SESSION), messages(3))
    keep(there.create(OTHER), messages(4, session_id=OTHER))
    for storage in (here, there):
        assert {saved.id: saved.is_open for saved in storage.saved()} == {
            SESSION: True,
            OTHER: True,
        }
    here.close()
    assert list(there.open(SESSION).read()) == messages(3)
