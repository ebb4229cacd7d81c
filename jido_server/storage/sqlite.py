"""Storage on the disk: one SQLite file per session, held by one server at a time.

There are no snapshots: to check and replay 100,000 updates takes well under a second, and a second
way to come to a state would be a second way to come to a wrong one.
"""

from __future__ import annotations

import logging
import sys
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from jido_server.errors import SessionNotFound, StorageFailed
from jido_server.model import SavedSession
from jido_server.storage import history
from jido_server.storage.database import check_version, connect, connect_to_read, migrate
from jido_server.storage.flusher import Flusher
from jido_server.storage.folder import Folder, SessionFiles, make_private
from jido_server.storage.hold import Hold, is_held
from jido_server.storage.journal import Journal
from jido_server.storage.recovery import make_whole
from jido_server.storage.rows import decode, summary_of
from jido_server.storage.sqlite_journal import SqliteJournal
from jido_server.storage.summary import NOTHING, describe, newest_first
from jido_server.storage.trouble import NoHistory, refusing
from jido_server.storage.write_ahead_log import sync
from jido_server.updates import Record

log = logging.getLogger(__name__)


class SqliteStorage:
    """Histories in the folder ``sessions`` of the user's state folder, one file each.

    Args:
        state_folder: Made when it is first needed, for its owner alone.
    """

    def __init__(self, state_folder: Path) -> None:
        self._folder = Folder(state_folder / "sessions")
        self._flusher = Flusher()
        self._journals: weakref.WeakSet[SqliteJournal] = weakref.WeakSet()

    def create(self, session_id: str) -> Journal:
        """Begin the history of a new session.

        Raises:
            StorageFailed: There is no place for it, or there is one already.
        """
        files = self._folder.files(session_id)
        if files is None:
            raise StorageFailed(f"{session_id!r} can't be the id of a session")
        with refusing(session_id), ExitStack() as undo:
            self._folder.make()
            hold = undo.enter_context(Hold(files.lock))
            make_private(files.database)
            undo.callback(files.remove)
            connection = undo.enter_context(closing(connect(files.database)))
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection)
            undo.pop_all()
        return self._keep(
            SqliteJournal(
                session_id,
                files,
                hold=hold,
                connection=connection,
                flusher=self._flusher,
                summary=NOTHING,
            )
        )

    def open(self, session_id: str) -> Journal:
        """Take hold of a history that nobody holds, to go on with it.

        All of it is checked, and a hurt one is recovered.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: A living server holds it, this one or another.
            StorageFailed: It can't be read, and was left as it is.
        """
        with refusing(session_id), ExitStack() as undo:
            files = self._stored(session_id)
            hold = undo.enter_context(Hold(files.lock))
            recovered = make_whole(files)
            connection = undo.enter_context(closing(connect(files.database)))
            migrate(connection)
            summary = summary_of(history.last_row(connection))
            undo.pop_all()
        if recovered:
            log.warning("Session %s: %s", session_id, recovered)
        return self._keep(
            SqliteJournal(
                session_id,
                files,
                hold=hold,
                connection=connection,
                flusher=self._flusher,
                summary=summary,
                recovered=recovered,
            )
        )

    def saved(self) -> list[SavedSession]:
        """Return what is said of every session that can be read, newest first.

        Raises:
            StorageFailed: The folder itself can't be read.
        """
        told = []
        for session_id in self._folder.session_ids():
            try:
                told.append(self.find(session_id))
            except SessionNotFound:
                continue  # just made and without a record yet, or just deleted
            except StorageFailed as error:
                log.warning("Not listed: %s", error.reason)
        return newest_first(told)

    def find(self, session_id: str) -> SavedSession:
        """Return what is said of one stored session, whoever holds it.

        Raises:
            SessionNotFound: Nothing is stored of it.
            StorageFailed: It can't be read.
        """
        with refusing(session_id):
            files = self._stored(session_id)
            with closing(connect_to_read(files.database)) as connection:
                check_version(connection)
                last = history.last_row(connection)
                summary = summary_of(last)
                if not summary.session:
                    raise NoHistory
                opening = history.row_at(connection, summary.session)
            return describe(
                decode(opening, session_id),
                decode(last, session_id),
                summary.messages,
                is_open=is_held(files.lock),
            )

    def records(
        self, session_id: str, after: int = 0, limit: int | None = None
    ) -> Iterator[Record]:
        """Give the records of a stored session one by one, whoever holds it.

        Raises:
            SessionNotFound: Nothing is stored of it.
            StorageFailed: They can't be read.
        """
        left = sys.maxsize if limit is None else limit
        while left > 0:
            size = min(left, history.AT_A_TIME)
            page = self._page(session_id, after, size)
            yield from page
            if len(page) < size:
                return
            after += size
            left -= size

    def delete(self, session_id: str) -> None:
        """Remove all that is stored of a session that nobody holds, copies of hurt files too.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: A living server holds it, this one or another.
            StorageFailed: It could not be removed; the rest goes when it is tried again.
        """
        with refusing(session_id):
            files = self._folder.files(session_id)
            if files is None or not files.all():
                raise NoHistory
            with Hold(files.lock):
                files.remove()
                sync(self._folder.path)

    def close(self) -> None:
        """Close every journal that is still open, and end the thread that flushes."""
        for journal in list(self._journals):
            journal.close()
        self._flusher.close()

    def _stored(self, session_id: str) -> SessionFiles:
        files = self._folder.files(session_id)
        if files is None or not files.database.exists():
            raise NoHistory
        return files

    def _page(self, session_id: str, after: int, size: int) -> list[Record]:
        """Return some records over a connection of their own; a slow reader holds none."""
        with refusing(session_id):
            files = self._stored(session_id)
            with closing(connect_to_read(files.database)) as connection:
                check_version(connection)
                return [decode(row, session_id) for row in history.rows(connection, after, size)]

    def _keep(self, journal: SqliteJournal) -> SqliteJournal:
        self._journals.add(journal)
        return journal
