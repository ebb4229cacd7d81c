"""The journal of one session on the disk, while this server holds it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence

from jido_server.errors import StorageFailed
from jido_server.storage import history
from jido_server.storage.flusher import Flusher
from jido_server.storage.folder import SessionFiles
from jido_server.storage.hold import Hold
from jido_server.storage.rows import INSERT, decode, encode
from jido_server.storage.summary import Summary
from jido_server.storage.trouble import Trouble, refusal, refusing
from jido_server.storage.write_ahead_log import WriteAheadLog
from jido_server.updates import Record

log = logging.getLogger(__name__)


class SqliteJournal:
    """The history of one session in its own file.

    A commit puts its pages at the end of SQLite's log; the system has them then, and no end of the
    process can lose them. The flusher brings them to the disk within a second.

    Args:
        session_id: Whose history.
        files: Where it is.
        hold: The right to write it; released by ``close``.
        connection: Writes, and never flushes; from ``database.connect``.
        flusher: Is told when something is to be flushed.
        summary: What the history amounts to.
        recovered: What was lost when it was recovered.

    Attributes:
        recovered: What was lost when it was recovered; None if it was not hurt.
    """

    def __init__(  # noqa: PLR0913 - what it takes hold of
        self,
        session_id: str,
        files: SessionFiles,
        *,
        hold: Hold,
        connection: sqlite3.Connection,
        flusher: Flusher,
        summary: Summary,
        recovered: str | None = None,
    ) -> None:
        self.recovered = recovered
        self._session_id = session_id
        self._files = files
        self._hold = hold
        self._connection = connection
        self._flusher = flusher
        self._summary = summary
        self._log = WriteAheadLog(files)
        self._flushing = threading.Lock()
        self._is_closed = False
        self._is_lost = False
        self._is_warned = False

    def append(self, record: Record) -> None:
        """Keep ``record``; when this returns, a kill of the process can't lose it.

        Raises:
            StorageFailed: It could not be kept, and nothing was changed.
        """
        if self._is_lost:
            raise StorageFailed(f"session {self._session_id!r}: its file was removed")
        summary = self._summary.after(record)
        row = encode(record, summary)
        with self._log.gate:
            try:
                self._connection.execute(INSERT, row)
            except Trouble as error:
                raise refusal(self._session_id, error) from error
            if self._log.is_flushed:
                self._flusher.notice(self)
            self._log.committed(len(row[3]))
        self._summary = summary
        if self._log.is_long:
            self._flusher.hurry()

    def read(self, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        """Return the records whose number is above ``after``, oldest first, at most ``limit``.

        Raises:
            StorageFailed: They can't be read.
        """
        return list(self.records(after, limit))

    def records(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Give the records that ``read`` returns one by one.

        Raises:
            StorageFailed: They can't be read.
        """
        with refusing(self._session_id):
            for row in history.rows(self._connection, after, limit):
                yield decode(row, self._session_id)

    def flush(self) -> None:
        """Bring to the disk what was kept before this call; a failure is told in the log."""
        with self._flushing:
            if self._is_closed:
                return
            try:
                self._log.flush()
            except FileNotFoundError:
                self._is_lost = True
                log.error("The file of session %s was removed; it keeps nothing", self._session_id)  # noqa: TRY400 - no fault of ours
            except (OSError, sqlite3.Error) as error:
                self._warn(error)
                self._flusher.notice(self)  # it may go better the next time
            else:
                self._is_warned = False

    def close(self) -> None:
        """Flush to the disk, and let go of the history; what was kept stays."""
        with self._flushing:
            if self._is_closed:
                return
            self._is_closed = True
            with self._log.gate:
                try:
                    self._connection.execute("PRAGMA synchronous = FULL")
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                except sqlite3.Error as error:
                    self._warn(error)
                self._connection.close()
            self._hold.release()

    def _warn(self, error: Exception) -> None:
        if not self._is_warned:
            log.warning("Session %s is not on the disk yet: %s", self._session_id, error)
        self._is_warned = True
