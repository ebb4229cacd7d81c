"""Whatever was acknowledged is there after a kill."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from jido_server.errors import SessionInUse, SessionNotFound
from jido_server.storage.sqlite import SqliteStorage
from tests.storage.histories import SESSION, names, nth

Server = Callable[[], SqliteStorage]
KILLS = 30


class Nursery:
    """Writers to be killed."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self.writer = 0

    def start(self, session_id: str = SESSION) -> None:
        """Start a writer; it has begun, but may not hold the session yet."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{self._folder} {session_id}\n")
        self._process.stdin.flush()
        self.writer = int(self.next())

    def next(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def acknowledged(self, count: int) -> int:
        """Wait until ``count`` more are acknowledged, and return the last number."""
        last = 0
        for _ in range(count):
            while not (line := self.next()).isdigit():
                pass
            last = int(line)
        return last

    def kill(self) -> int:
        """Kill the writer, and return the last number acknowledged that was not read yet."""
        os.kill(self.writer, signal.SIGKILL)
        last = 0
        while (line := self.next()) != "end":
            last = int(line) if line.isdigit() else last
        return last


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with process:
        yield Nursery(process, tmp_path)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


def spin(seconds: float) -> None:
    """Let a moment pass that is shorter than a sleep can be."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_nothing_acknowledged_is_lost_by_kills_in_a_row(nursery: Nursery, server: Server) -> None:
    moments = random.Random(1)  # noqa: S311 - no secret
    before = 0
    for _ in range(KILLS):
        nursery.start()
        last = nursery.acknowledged(moments.randrange(1, 60))
        spin(moments.random() * 0.002)
        last = nursery.kill() or last
        storage = server()
        journal = storage.open(SESSION)
        assert journal.recovered is None
        kept = 0
        for kept, record in enumerate(journal.records(), 1):
            assert record == nth(kept)
        assert before <= last <= kept <= last + 1
        before = kept
        storage.close()


def test_a_session_that_was_being_made_is_there_if_it_was_told_of(
    nursery: Nursery, server: Server
) -> None:
    moments = random.Random(2)  # noqa: S311 - no secret
    storage = server()
    for _ in range(KILLS):
        session_id = str(uuid4())
        nursery.start(session_id)
        spin(moments.random() * 0.012)
        last = nursery.kill()
        try:
            journal = storage.open(session_id)
        except SessionNotFound:
            assert last == 0
        else:
            kept = journal.read()
            assert list(kept) == [nth(seq, session_id) for seq in range(1, len(kept) + 1)]
            assert last <= len(kept) <= last + 1
            journal.close()
    assert len(storage.saved()) <= KILLS


def test_the_hold_of_a_killed_server_is_gone_at_once(nursery: Nursery, server: Server) -> None:
    storage = server()
    nursery.start()
    nursery.acknowledged(3)
    assert storage.find(SESSION).is_open
    with pytest.raises(SessionInUse) as refused:
        storage.open(SESSION)
    assert refused.value.pid == nursery.writer
    with pytest.raises(SessionInUse):
        storage.delete(SESSION)
    nursery.kill()
    assert not storage.find(SESSION).is_open
    storage.open(SESSION).close()


def test_a_session_is_read_while_another_server_writes_it(nursery: Nursery, server: Server) -> None:
    storage = server()
    nursery.start()
    last = 0
    for _ in range(8):
        last = nursery.acknowledged(5)
        records = list(storage.records(SESSION))
        assert records == [nth(seq) for seq in range(1, len(records) + 1)]
        assert len(records) >= last
        assert storage.find(SESSION).last_seq >= last
    nursery.kill()


def test_a_killed_session_is_listed_and_deleted_whole(
    nursery: Nursery, server: Server, tmp_path: Path
) -> None:
    storage = server()
    nursery.start()
    last = nursery.acknowledged(30)
    last = nursery.kill() or last
    assert [saved.id for saved in storage.saved()] == [SESSION]
    assert storage.find(SESSION).last_seq >= last
    storage.delete(SESSION)
    assert names(tmp_path) == set()
