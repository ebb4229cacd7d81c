"""Killing writers, and counting what that costs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Self

import attrs

from jido_server.storage.sqlite import SqliteStorage
from tests.storage.histories import SESSION, nth


class Nursery:
    """Where writers come from that are to be killed.

    Attributes:
        folder: Their state folder.
        writer: The process that was started last.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writer = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait() == 0

    def start(self, session_id: str = SESSION) -> None:
        """Start a writer; it has begun, but may not hold the session yet."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{self.folder} {session_id}\n")
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


def spin(seconds: float) -> None:
    """Let a moment pass that is shorter than a sleep can be."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


LONG = 3000
"""Records after which a new history is begun, or most of the time would go into reading it."""


@attrs.define
class Toll:
    """What kills cost.

    Attributes:
        acknowledged: How many records were acknowledged in all.
        lost: How many of them were not there after a kill.
        different: How many records were there, but not as they had been appended.
        recovered: How often something in the file was hurt.
    """

    acknowledged: int = 0
    lost: int = 0
    different: int = 0
    recovered: int = 0


def kill_in_a_row(nursery: Nursery, kills: int) -> Toll:
    """Kill writers of one session at random moments, and look after each what is left."""
    moments = random.Random(kills)  # noqa: S311 - no secret
    toll = Toll()
    before = 0
    for _ in range(kills):
        nursery.start()
        last = nursery.acknowledged(moments.randrange(1, 60))
        spin(moments.random() * 0.002)
        last = nursery.kill() or last
        with closing(SqliteStorage(nursery.folder)) as storage:
            journal = storage.open(SESSION)
            kept = list(journal.read())
            journal.close()
            if is_over := len(kept) > LONG:
                storage.delete(SESSION)
        toll.acknowledged += last - before
        toll.lost += max(0, last - len(kept))
        toll.different += sum(record != nth(seq) for seq, record in enumerate(kept, 1))
        toll.recovered += journal.recovered is not None
        before = 0 if is_over else len(kept)
    return toll
