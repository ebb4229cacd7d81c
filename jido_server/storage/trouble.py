"""What can go wrong with the file of a session, and what callers are told of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from jido_server.errors import SessionInUse, SessionNotFound, StorageFailed


class Damaged(Exception):
    """Something in the file is not what was written."""


class NewerVersion(Exception):
    """A newer jido_server wrote the file; this one must not touch it."""


class NoHistory(Exception):
    """The file holds no record; its server ended before it had told anybody of the session."""


class Held(Exception):
    """Another holds the session.

    Attributes:
        pid: The process, if it can be told.
    """

    def __init__(self, pid: int | None) -> None:
        super().__init__()
        self.pid = pid


Trouble = (Damaged, NewerVersion, NoHistory, Held, OSError, sqlite3.Error)
"""All of it."""


@contextmanager
def refusing(session_id: str) -> Iterator[None]:
    """Turn whatever goes wrong with a session's file into an error for callers.

    Raises:
        SessionNotFound: Nothing is stored of it.
        SessionInUse: A living server holds it, this one or another.
        StorageFailed: Anything else, in words that a person understands.
    """
    try:
        yield
    except Trouble as error:
        raise refusal(session_id, error) from error


def refusal(session_id: str, error: Exception) -> SessionNotFound | SessionInUse | StorageFailed:
    """Return the error for callers."""
    match error:
        case NoHistory():
            return SessionNotFound(session_id)
        case Held():
            return SessionInUse(session_id, error.pid)
        case NewerVersion():
            meaning = "a newer jido-server wrote it; this one leaves it as it is"
        case OSError():
            meaning = error.strerror or str(error)
        case sqlite3.ProgrammingError():
            meaning = "it is closed"
        case sqlite3.Error():
            meaning = _MEANINGS.get(_primary_code(error), str(error))
        case _:
            meaning = str(error)
    return StorageFailed(f"session {session_id!r}: {meaning}")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is hurt, not that it can't be used now."""
    if isinstance(error, sqlite3.OperationalError) and not _primary_code(error):
        return True  # a text is not UTF-8, says the module and not SQLite
    return _primary_code(error) in _DAMAGE


def _primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's code without its detail; 0 for what is not SQLite's own."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""The last is what our few statements get when the schema isn't ours any more."""

_MEANINGS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "the file can't be opened",
    sqlite3.SQLITE_PERM: "access to the file is denied",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_BUSY: "another program keeps the file locked",
    sqlite3.SQLITE_LOCKED: "another program keeps the file locked",
    sqlite3.SQLITE_CORRUPT: "the file is hurt",
    sqlite3.SQLITE_NOTADB: "the file is hurt",
    sqlite3.SQLITE_TOOBIG: "it is too large",
}
