"""A full disk and a read-only folder: a clear error, and nothing has changed."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from jido_server.errors import StorageFailed
from jido_server.model import ToolCall
from jido_server.storage.sqlite import SqliteStorage
from jido_server.updates import Record, ToolCallAdded
from tests.storage.child import run_alone
from tests.storage.histories import (
    OTHER,
    SESSION,
    database,
    history,
    keep,
    keep_until_refused,
    message,
    messages,
    names,
    nth,
    time,
)

Server = Callable[[], SqliteStorage]


def endless() -> Iterator[Record]:
    return (nth(seq) for seq in count(1))


def limit_files(size: int) -> None:
    """Let no file of this process grow beyond ``size``, as on a disk with no more room."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def full_while_writing(folder: str, size: str) -> int:
    with closing(SqliteStorage(Path(folder))) as storage:
        journal = storage.create(SESSION)
        limit_files(int(size))
        last, error = keep_until_refused(journal, endless())
        assert SESSION in error.reason
        for _ in range(3):  # it stays refused, and stays as it was
            with pytest.raises(StorageFailed):
                keep(journal, [Record(SESSION, last + 1, time(0), message("y" * 50_000))])
            assert list(journal.read()) == [nth(seq) for seq in range(1, last + 1)]
        limit_files(resource.RLIM_INFINITY)
        keep(journal, [nth(last + 1)])
    return last + 1


@pytest.mark.parametrize("size", [40_000, 123_456, 1_000_000])
def test_a_full_disk_refuses_and_room_lets_it_go_on(
    server: Server, tmp_path: Path, size: int
) -> None:
    last = int(run_alone(full_while_writing, tmp_path, size))
    journal = server().open(SESSION)
    assert journal.recovered is None
    assert list(journal.read()) == [nth(seq) for seq in range(1, last + 1)]


def killed_on_a_full_disk(folder: str) -> None:
    storage = SqliteStorage(Path(folder))
    journal = storage.create(SESSION)
    limit_files(500_000)
    last, _ = keep_until_refused(journal, endless())
    os.write(1, str(last).encode())
    os._exit(0)  # the end of the process at this very moment


def test_a_kill_on_a_full_disk_loses_nothing_acknowledged(server: Server, tmp_path: Path) -> None:
    last = int(run_alone(killed_on_a_full_disk, tmp_path))
    assert list(server().open(SESSION).read()) == [nth(seq) for seq in range(1, last + 1)]


def full_from_the_start(folder: str) -> None:
    with closing(SqliteStorage(Path(folder))) as storage:
        limit_files(3000)
        with pytest.raises(StorageFailed, match=SESSION):
            storage.create(SESSION)
        assert storage.saved() == []
        limit_files(resource.RLIM_INFINITY)
        keep(storage.create(SESSION), messages(3))


def test_a_session_that_finds_no_room_is_not_there(server: Server, tmp_path: Path) -> None:
    run_alone(full_from_the_start, tmp_path)
    assert list(server().open(SESSION).read()) == messages(3)


def test_a_full_database_says_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = sqlite3.connect

    def small(*args: object, **options: object) -> sqlite3.Connection:
        connection = plain(*args, **options)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 30")
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", small)
    journal = server().create(SESSION)
    last, error = keep_until_refused(journal, endless())
    assert error.reason == f"session {SESSION!r}: the disk is full"
    assert list(journal.read()) == [nth(seq) for seq in range(1, last + 1)]


@pytest.mark.parametrize("value", [10**30, "\ud800", float, {1: 2}])
def test_what_json_can_not_hold_is_refused(server: Server, value: object) -> None:
    journal = server().create(SESSION)
    keep(journal, messages(2))
    call = ToolCall(
        id="t", name="n", arguments={}, result=value, status="completed", timestamp=time(1)
    )
    with pytest.raises(StorageFailed, match="not JSON"):
        keep(journal, history([ToolCallAdded(call)], after=2))
    keep(journal, history([message("next")], after=2))


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder to which everybody can get, below none that is private."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def everything_is_refused(folder: str) -> None:
    with closing(SqliteStorage(Path(folder))) as storage:
        assert [saved.id for saved in storage.saved()] == [SESSION]
        assert not storage.find(SESSION).is_open
        assert list(storage.records(SESSION)) == messages(3)
        for ask, session_id in (
            (storage.open, SESSION),
            (storage.delete, SESSION),
            (storage.create, OTHER),
        ):
            with pytest.raises(StorageFailed, match=f"{session_id}.*(permitted|denied)"):
                ask(session_id)


def test_a_read_only_folder_can_be_read_and_refuses_all_else(public_folder: Path) -> None:
    with closing(SqliteStorage(public_folder)) as storage:
        journal = storage.create(SESSION)
        keep(journal, messages(3))
        journal.close()
    sessions = public_folder / "sessions"
    before = database(public_folder).read_bytes()
    database(public_folder).chmod(0o444)
    sessions.chmod(0o555)
    run_alone(everything_is_refused, public_folder, as_nobody=True)
    sessions.chmod(0o755)
    assert database(public_folder).read_bytes() == before
    assert names(public_folder) == {f"{SESSION}.sqlite3"}


def nothing_can_be_read(folder: str) -> None:
    with closing(SqliteStorage(Path(folder))) as storage:
        with pytest.raises(StorageFailed, match="can't be read"):
            storage.saved()
        for ask in (storage.open, storage.find, storage.delete, storage.create):
            with pytest.raises(StorageFailed):
                ask(SESSION)


def test_a_folder_that_is_closed_to_us_is_told(public_folder: Path) -> None:
    with closing(SqliteStorage(public_folder)) as storage:
        keep(storage.create(SESSION), messages(3))
    (public_folder / "sessions").chmod(0o000)
    run_alone(nothing_can_be_read, public_folder, as_nobody=True)
    (public_folder / "sessions").chmod(0o755)


def full_while_flushing(folder: str) -> None:
    told: list[str] = []

    class Remembering(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    logging.getLogger("jido_server").addHandler(Remembering())
    with closing(SqliteStorage(Path(folder))) as storage:
        journal = storage.create(SESSION)
        keep(journal, messages(300, size=2000))
        limit_files(100_000)
        journal.close()
        limit_files(resource.RLIM_INFINITY)
    assert len(told) == 1
    assert "not on the disk yet" in told[0]


def test_what_can_not_be_flushed_is_kept_in_the_log(server: Server, tmp_path: Path) -> None:
    run_alone(full_while_flushing, tmp_path)
    assert list(server().open(SESSION).read()) == messages(300, size=2000)
