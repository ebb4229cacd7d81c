"""Connections to the file of one session, and its schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jido_server.storage.trouble import Damaged, NewerVersion, NoHistory

MIGRATIONS = (
    """
    CREATE TABLE updates (
        seq INTEGER PRIMARY KEY,
        timestamp TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload BLOB NOT NULL,
        messages INTEGER NOT NULL,
        session INTEGER NOT NULL,
        checksum INTEGER NOT NULL
    )
    """,
)
"""What leads from each version of the schema to the next; a new file goes through all of them."""

VERSION = len(MIGRATIONS)

CACHE_KIB = 256
"""What a writer keeps of its file; it only adds at the end, and there is one for every session."""

PATIENCE = 0.25
"""Seconds to wait for a stranger, such as a person with a database browser."""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that writes, and on which nothing is ever flushed to the disk.

    What it commits survives any end of the process, because the system has it. It doesn't
    checkpoint by itself either; both are done in the background.

    Raises:
        sqlite3.Error: The file can't be opened.
    """
    connection = _connect(f"{path.as_uri()}?mode=rw")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing.

    A file without a log is whole by itself and is read as it is, without locks or files beside it;
    should somebody write it at that moment, the checksums of the rows tell.

    Raises:
        NoHistory: The file is empty; SQLite would take its log for a mistake and remove it.
        OSError: It can't be looked at.
        sqlite3.Error: It can't be opened.
    """
    if not path.stat().st_size:
        raise NoHistory
    has_log = path.with_name(path.name + "-wal").exists()
    return _connect(f"{path.as_uri()}?mode=ro" + ("" if has_log else "&immutable=1"))


def check_version(connection: sqlite3.Connection) -> None:
    """See to it that this server knows the schema.

    Raises:
        NewerVersion: A newer server wrote it.
        NoHistory: Nothing was ever kept in the file.
        Damaged: It was once known.
        sqlite3.Error: It can't be read.
    """
    version = _version_of(connection)
    if version > VERSION:
        raise NewerVersion
    if version == 0:
        if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None:
            raise NoHistory
        raise Damaged("its version is gone")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema to this version; all of it or nothing.

    Raises:
        sqlite3.Error: It failed, and nothing was changed.
    """
    version = _version_of(connection)
    if version == VERSION:
        return
    with transaction(connection):
        for migration in MIGRATIONS[version:]:
            connection.execute(migration)
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done within, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # some errors have rolled it back already
            connection.execute("ROLLBACK")
        raise


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
