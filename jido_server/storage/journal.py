"""What a journal is, and the one in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from jido_server.errors import SessionInUse, SessionNotFound, StorageFailed
from jido_server.model import SavedSession
from jido_server.storage.summary import NOTHING, Summary, describe, newest_first
from jido_server.updates import Record


class Journal(Protocol):
    """The history of one session: records are added at the end and never changed.

    Attributes:
        recovered: What was lost when a hurt history was recovered, and where the copy of it is, in
            one sentence; None if nothing was hurt.
    """

    recovered: str | None

    def append(self, record: Record) -> None:
        """Keep ``record``; when this returns, a kill of the process can't lose it.

        Raises:
            StorageFailed: It could not be kept, and nothing was changed.
        """
        ...

    def read(self, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        """Return the records whose number is above ``after``, oldest first, at most ``limit``.

        Raises:
            StorageFailed: They can't be read.
        """
        ...

    def records(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Give the records that ``read`` returns one by one.

        Only a few of them are in memory at a time.

        Raises:
            StorageFailed: They can't be read.
        """
        ...

    def close(self) -> None:
        """Flush to the disk, and let go of the history; what was kept stays.

        It may take as long as the disk does, and may be called from any thread, also again.
        """
        ...


class Storage(Protocol):
    """Where journals are kept. Every method may be called from any thread."""

    def create(self, session_id: str) -> Journal:
        """Begin the history of a new session.

        Raises:
            StorageFailed: There is no place for it.
        """
        ...

    def open(self, session_id: str) -> Journal:
        """Take hold of a history that nobody holds, to go on with it.

        A hurt history is recovered up to its last good record, and ``Journal.recovered`` says so.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: A living server holds it, this one or another.
            StorageFailed: It can't be read, and was left as it is.
        """
        ...

    def saved(self) -> list[SavedSession]:
        """Return what is said of every session that can be read, newest first.

        A hurt one doesn't hide the others; the log says which it is.

        Raises:
            StorageFailed: The folder itself can't be read.
        """
        ...

    def find(self, session_id: str) -> SavedSession:
        """Return what is said of one stored session, whoever holds it.

        Raises:
            SessionNotFound: Nothing is stored of it.
            StorageFailed: It can't be read.
        """
        ...

    def records(
        self, session_id: str, after: int = 0, limit: int | None = None
    ) -> Iterator[Record]:
        """Give the records of a stored session, whoever holds it, as ``Journal.records`` does.

        Raises:
            SessionNotFound: Nothing is stored of it.
            StorageFailed: It can't be read.
        """
        ...

    def delete(self, session_id: str) -> None:
        """Remove all that is stored of a session that nobody holds.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: A living server holds it, this one or another.
            StorageFailed: It could not be removed.
        """
        ...

    def close(self) -> None:
        """Close every journal that is still open, and end what runs in the background."""
        ...


class MemoryJournal:
    """A journal that lives as long as its process.

    Attributes:
        recovered: None, memory is not hurt.
        is_open: Whether somebody holds it.
    """

    recovered: str | None = None

    def __init__(self) -> None:
        self.is_open = True
        self._summary: Summary = NOTHING
        self._records: list[Record] = []

    def append(self, record: Record) -> None:
        """Keep ``record`` at the end.

        Raises:
            StorageFailed: It doesn't follow the last one, or the journal is closed.
        """
        if not self.is_open:
            raise StorageFailed("the session is closed")
        self._summary = self._summary.after(record)
        self._records.append(record)

    def read(self, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        """Return the records whose number is above ``after``, oldest first, at most ``limit``."""
        return self._records[after : None if limit is None else after + limit]

    def records(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Give the records that ``read`` returns one by one."""
        return islice(self._records, after, None if limit is None else after + limit)

    def close(self) -> None:
        """Let go of it; there is nothing to flush."""
        self.is_open = False

    def describe(self) -> SavedSession | None:
        """Return what is said of the session; None if nothing is yet."""
        if not self._summary.session:
            return None
        opening = self._records[self._summary.session - 1]
        return describe(opening, self._records[-1], self._summary.messages, is_open=self.is_open)


class MemoryStorage:
    """Storage that lives as long as its process."""

    def __init__(self) -> None:
        self._journals: dict[str, MemoryJournal] = {}

    def create(self, session_id: str) -> Journal:
        """Begin the history of a new session.

        Raises:
            StorageFailed: There is one already.
        """
        if session_id in self._journals:
            raise StorageFailed(f"the session {session_id!r} is stored already")
        return self._journals.setdefault(session_id, MemoryJournal())

    def open(self, session_id: str) -> Journal:
        """Take hold of a history that nobody holds, to go on with it.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: It is held.
        """
        journal = self._free(session_id)
        journal.is_open = True
        return journal

    def saved(self) -> list[SavedSession]:
        """Return what is said of every stored session, newest first."""
        told = [journal.describe() for journal in self._journals.values()]
        return newest_first(saved for saved in told if saved is not None)

    def find(self, session_id: str) -> SavedSession:
        """Return what is said of one stored session.

        Raises:
            SessionNotFound: Nothing is stored of it.
        """
        saved = self._stored(session_id).describe()
        if saved is None:
            raise SessionNotFound(session_id)
        return saved

    def records(
        self, session_id: str, after: int = 0, limit: int | None = None
    ) -> Iterator[Record]:
        """Give the records of a stored session, whoever holds it.

        Raises:
            SessionNotFound: Nothing is stored of it.
        """
        return self._stored(session_id).records(after, limit)

    def delete(self, session_id: str) -> None:
        """Remove all that is stored of a session that nobody holds.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: It is held.
        """
        self._free(session_id)
        del self._journals[session_id]

    def close(self) -> None:
        """Close every journal that is still open."""
        for journal in self._journals.values():
            journal.close()

    def _stored(self, session_id: str) -> MemoryJournal:
        journal = self._journals.get(session_id)
        if journal is None or not journal.read(limit=1):
            raise SessionNotFound(session_id)
        return journal

    def _free(self, session_id: str) -> MemoryJournal:
        journal = self._stored(session_id)
        if journal.is_open:
            raise SessionInUse(session_id, os.getpid())
        return journal
