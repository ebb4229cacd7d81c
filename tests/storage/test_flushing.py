"""What was kept gets to the disk soon, beside the writer, and its log stays short."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jido_server.storage import flusher, write_ahead_log
from jido_server.storage.database import connect_to_read
from jido_server.storage.sqlite import SqliteStorage
from jido_server.storage.sqlite_journal import SqliteJournal
from tests.storage.histories import SESSION, database, keep, nth

Server = Callable[[], SqliteStorage]
FRAME = 4096 + 24


class Writer:
    """Appends to one journal, and knows its log."""

    def __init__(self, storage: SqliteStorage, folder: Path) -> None:
        journal = storage.create(SESSION)
        assert isinstance(journal, SqliteJournal)
        self.journal = journal
        self.log = database(folder).with_name(f"{SESSION}.sqlite3-wal")
        self.last = 0
        self.write()

    def write(self, records: int = 1) -> None:
        keep(self.journal, [nth(self.last + number) for number in range(1, records + 1)])
        self.last += records

    @property
    def size(self) -> int:
        """Bytes in the log."""
        return self.log.stat().st_size

    @property
    def beginning(self) -> bytes:
        """The header of the log; another one each time it is begun anew."""
        with self.log.open("rb") as file:
            return file.read(32)

    def check(self) -> None:
        assert list(self.journal.read()) == [nth(seq) for seq in range(1, self.last + 1)]


@pytest.fixture
def writer(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """A writer whose flusher waits until it is hurried."""
    monkeypatch.setattr(flusher, "EVERY", 1000)
    return Writer(server(), tmp_path)


@pytest.fixture
def busy_writer(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """A writer that never pauses: it always writes between the copying of the log and its end."""
    copy = write_ahead_log._copy  # noqa: SLF001 - the moment between two steps can't be hit otherwise

    def copy_and_write(connection: sqlite3.Connection, mode: str) -> tuple[bool, int]:
        answer = copy(connection, mode)
        if mode == "PASSIVE":
            writer.write()
        return answer

    monkeypatch.setattr(write_ahead_log, "_copy", copy_and_write)
    monkeypatch.setattr(flusher.Flusher, "hurry", lambda _: None)  # the test flushes by itself
    return writer


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        os.sched_yield()


def test_what_is_written_is_flushed_by_itself(server: Server, tmp_path: Path) -> None:
    writer = Writer(server(), tmp_path)
    wait_until(lambda: writer.size == 0)  # the first flush of a session brings all into its file
    writer.check()


def test_a_writer_in_a_hurry_is_not_waited_for(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "CHECKPOINT_AT", 10 * FRAME)
    beginning = writer.beginning

    def is_begun_anew() -> bool:
        writer.write()  # else the end of a hurry could be too little for another
        return writer.beginning != beginning

    wait_until(is_begun_anew)
    writer.check()


def test_the_first_flush_makes_the_file_whole_by_itself(writer: Writer, tmp_path: Path) -> None:
    writer.write(20)
    writer.journal.flush()
    assert writer.size == 0
    with closing(connect_to_read(database(tmp_path))) as reader:
        assert reader.execute("SELECT max(seq) FROM updates").fetchone() == (writer.last,)


def test_later_ones_leave_a_short_log_as_it_is(writer: Writer) -> None:
    writer.journal.flush()
    writer.write(5)
    before = writer.size
    writer.journal.flush()
    assert writer.size == before
    writer.check()


def test_a_long_log_is_cut_when_the_writer_pauses(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "CHECKPOINT_AT", 10 * FRAME)
    writer.journal.flush()
    for _ in range(5):
        writer.write(20)
        assert writer.size > 10 * FRAME
        writer.journal.flush()
        assert writer.size == 0
    writer.check()


def test_a_log_that_is_being_copied_is_not_begun_anew(busy_writer: Writer) -> None:
    busy_writer.write(20)
    size, beginning = busy_writer.size, busy_writer.beginning
    busy_writer.journal.flush()
    assert busy_writer.size > size
    assert busy_writer.beginning == beginning
    busy_writer.write(20)
    assert busy_writer.beginning == beginning
    busy_writer.check()


def test_the_log_of_a_writer_that_never_pauses_has_a_limit(
    busy_writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "CHECKPOINT_AT", 10 * FRAME)
    monkeypatch.setattr(write_ahead_log, "HOLD_AT", 100 * FRAME)
    beginnings = set()
    for _ in range(60):
        busy_writer.write(10)
        busy_writer.journal.flush()
        beginnings.add(busy_writer.beginning)
        assert busy_writer.size < 200 * FRAME
    assert len(beginnings) > 3
    busy_writer.check()


def test_a_reader_in_the_way_does_not_hold_up_the_writer(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "CHECKPOINT_AT", 10 * FRAME)
    monkeypatch.setattr("jido_server.storage.database.PATIENCE", 0)
    writer.write(20)
    with closing(connect_to_read(database(tmp_path))) as reader:
        reader.execute("BEGIN")
        seen = reader.execute("SELECT max(seq) FROM updates").fetchone()
        beginning = writer.beginning
        for _ in range(3):
            writer.journal.flush()
            writer.write(20)
            assert writer.beginning == beginning
        assert reader.execute("SELECT max(seq) FROM updates").fetchone() == seen
    writer.journal.flush()
    assert writer.size == 0
    writer.check()


def test_writing_beside_flushes_keeps_everything(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "CHECKPOINT_AT", 10 * FRAME)
    monkeypatch.setattr(write_ahead_log, "HOLD_AT", 100 * FRAME)
    is_done = threading.Event()

    def flush() -> None:
        while not is_done.is_set():
            writer.journal.flush()

    thread = threading.Thread(target=flush)
    thread.start()
    writer.write(1500)
    is_done.set()
    thread.join()
    writer.check()


@pytest.mark.parametrize("seed", range(12))
def test_a_loss_of_power_costs_only_what_was_not_flushed(
    busy_writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    with monkeypatch.context() as patch:
        patch.setattr(write_ahead_log, "CHECKPOINT_AT", 10 * FRAME)
        patch.setattr(write_ahead_log, "HOLD_AT", 50 * FRAME)
        for _ in range(chance.randrange(1, 15)):
            busy_writer.write(chance.randrange(1, 30))
            busy_writer.journal.flush()
    busy_writer.write(chance.randrange(1, 30))
    busy_writer.journal.flush()
    flushed, on_disk = busy_writer.last, busy_writer.log.read_bytes()
    busy_writer.write(chance.randrange(1, 60))
    after = tmp_path / "after" / "sessions"
    after.mkdir(parents=True)
    database(after.parent).write_bytes(database(tmp_path).read_bytes())
    written = busy_writer.log.read_bytes()
    torn = b"".join(
        chance.choice((block(on_disk, at), block(written, at)))
        for at in range(0, len(written), 4096)
    )
    database(after.parent).with_name(busy_writer.log.name).write_bytes(torn)
    with closing(SqliteStorage(after.parent)) as storage:
        read = list(storage.open(SESSION).read())
    assert read == [nth(seq) for seq in range(1, len(read) + 1)]
    assert len(read) >= flushed


def block(content: bytes, at: int) -> bytes:
    """Return what a disk writes at once; behind the end of a file there are zeros."""
    return content[at : at + 4096].ljust(4096, b"\0")


def test_a_disk_that_fails_is_told_once_and_tried_again(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    writer.journal.flush()

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        for _ in range(3):
            writer.write()
            writer.journal.flush()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert SESSION in caplog.text
    writer.journal.flush()
    writer.check()


def test_a_closed_journal_has_nothing_to_flush(writer: Writer) -> None:
    writer.journal.close()
    writer.journal.flush()


def test_the_flushers_thread_ends_with_its_storage(tmp_path: Path) -> None:
    before = threading.active_count()
    storage = SqliteStorage(tmp_path)
    assert threading.active_count() == before + 1
    storage.close()
    storage.close()
    assert threading.active_count() == before
