"""What a journal is, and the one in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jido_server.updates import Record


class Journal(Protocol):
    """The history of one session: records are added at the end and never changed."""

    def append(self, record: Record) -> None:
        """Keep ``record``; when this returns, a kill of the process can't lose it.

        Raises:
            StorageFailed: It could not be kept, and nothing was changed.
        """
        ...

    def read(self, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        """Return the records whose number is above ``after``, oldest first, at most ``limit``."""
        ...

    def close(self) -> None:
        """Flush, and let go of the history; what was kept stays."""
        ...


class Storage(Protocol):
    """Where journals are kept."""

    def create(self, session_id: str) -> Journal:
        """Begin the history of a new session.

        Raises:
            StorageFailed: There is no place for it.
        """
        ...


class MemoryJournal:
    """A journal that lives as long as its process."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def append(self, record: Record) -> None:
        """Keep ``record`` at the end."""
        self._records.append(record)

    def read(self, after: int = 0, limit: int | None = None) -> Sequence[Record]:
        """Return the records whose number is above ``after``, oldest first, at most ``limit``."""
        return self._records[after : None if limit is None else after + limit]

    def close(self) -> None:
        """Do nothing: there is nothing to flush."""


class MemoryStorage:
    """Storage that lives as long as its process."""

    def create(self, session_id: str) -> Journal:  # noqa: ARG002 - nothing is looked up by it
        """Begin the history of a new session."""
        return MemoryJournal()
