"""Bringing what a writer commits to the disk, beside the writer."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from jido_server.storage.database import VERSION, connect
from jido_server.storage.folder import SessionFiles

CHECKPOINT_AT = 4 << 20
"""Bytes of log that are worth being brought into the database."""

HOLD_AT = 64 << 20
"""Bytes of log at which the writer has to wait: it hasn't paused for the length of one flush."""

PASSES = 3
"""How often a log that is too long is copied; each time less was added, so the wait is short."""

FRAME = 4096 + 24
"""Bytes of log for one page."""


class WriteAheadLog:
    """SQLite's log of one session's file, flushed by a thread that is not the writer's.

    The writer never flushes: a commit is in the system's hands at once, which a kill of the process
    can't change. Bringing it to the disk is one ``fsync`` of the log, as often as there is
    something new. When the log has grown, its pages are brought into the database, and it is cut
    to nothing as soon as the writer pauses.

    Without a flush of its own, the writer must not begin the log anew over old pages: after a loss
    of power the old beginning could be found with new pages behind it, or the other way round
    (SQLite's ticket ff5be73dee). So the log is begun anew here alone. While it is copied, ``pin``
    reads, which keeps the writer from doing that; then either it is cut, or the flusher writes its
    new beginning and flushes that, both while the gate keeps the writer out.

    Args:
        files: Where the history is.

    Attributes:
        gate: The writer takes it for every commit, and for all else that it does here.
    """

    def __init__(self, files: SessionFiles) -> None:
        self.gate = threading.Lock()
        self._files = files
        self._commits = 0
        self._unflushed = 0
        self._is_new = True

    @property
    def is_flushed(self) -> bool:
        """Whether nothing was committed since the last flush began."""
        return not self._unflushed

    @property
    def is_long(self) -> bool:
        """Whether so much was committed since then that a flush should not wait."""
        return self._unflushed >= CHECKPOINT_AT

    def committed(self, size: int) -> None:
        """Take note of a commit of ``size`` bytes."""
        self._commits += 1
        self._unflushed += size + FRAME

    def flush(self) -> None:
        """Bring to the disk what was committed before this call.

        Raises:
            FileNotFoundError: Somebody removed the history.
            OSError: The disk fails.
            sqlite3.Error: The log can't be brought into the database.
        """
        with self.gate:
            self._unflushed = 0
        self._files.database.stat()
        size = self._files.log.stat().st_size
        if self._is_new or size >= CHECKPOINT_AT:
            self._checkpoint()
        else:
            sync(self._files.log)
        if self._is_new:
            sync(self._files.database.parent)
            self._is_new = False

    def _checkpoint(self) -> None:
        path = self._files.database
        with closing(connect(path)) as pin, closing(connect(path)) as flusher:
            flusher.execute("PRAGMA synchronous = FULL")
            for _ in range(PASSES):
                before = self._commits
                is_long = _copy_beside(pin, flusher) >= HOLD_AT
                if before == self._commits or not is_long:
                    break
            with self.gate:
                pin.execute("ROLLBACK")
                if self._commits == before:
                    self._begin_anew(flusher, "TRUNCATE")
                elif is_long:
                    self._begin_anew(flusher, "RESTART")

    def _begin_anew(self, flusher: sqlite3.Connection, mode: str) -> None:
        is_held_up, _ = _copy(flusher, mode)
        if is_held_up or mode == "RESTART":
            flusher.execute(f"PRAGMA user_version = {VERSION}")  # writes a page, and is flushed


def _copy_beside(pin: sqlite3.Connection, flusher: sqlite3.Connection) -> int:
    """Copy the log while the writer goes on; return how long the log is then."""
    if pin.in_transaction:  # meanwhile the writer has added to the log, so it can't begin it anew
        pin.execute("ROLLBACK")
    pin.execute("BEGIN")
    pin.execute("SELECT seq FROM updates LIMIT 1").fetchone()
    _, frames = _copy(flusher, "PASSIVE")
    return frames * FRAME


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk.

    Raises:
        OSError: It is gone, or the disk fails.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(flusher: sqlite3.Connection, mode: str) -> tuple[bool, int]:
    """Copy the log into the database; return whether a reader held it up, and the log's frames."""
    is_held_up, frames, _ = flusher.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return bool(is_held_up), frames
