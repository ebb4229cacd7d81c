"""Making a hurt history whole again, as far as it can be read."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import count, takewhile
from pathlib import Path

from jido_server.storage import history
from jido_server.storage.database import (
    check_version,
    connect,
    connect_to_read,
    migrate,
    transaction,
)
from jido_server.storage.folder import SessionFiles, make_private
from jido_server.storage.frames import log_pages
from jido_server.storage.pages import database_pages, rows_in
from jido_server.storage.rows import INSERT, Row
from jido_server.storage.trouble import Damaged, NoHistory, is_damage
from jido_server.storage.write_ahead_log import sync


def make_whole(files: SessionFiles) -> str | None:
    """See to it that every record in a file is what was written.

    A hurt file is copied, and replaced by one with all records that are found without a gap. It may
    be broken off at any moment, and is then done again or finished the next time.

    Args:
        files: Of a session that the caller holds, and to which nothing is connected.

    Returns:
        What happened, in one sentence; None if nothing was hurt.

    Raises:
        NewerVersion: A newer server wrote the file.
        NoHistory: There is no record in it.
        Damaged: Not one record can be read; the file is left as it is.
        OSError: The disk doesn't let us.
        sqlite3.Error: The file can't be read, but not because it is hurt.
    """
    if files.recovered.exists():
        _replace(files)
    last = _last_if_whole(files)
    if last and last >= _last_in_log(files):
        return None
    good = _readable(files)
    if not good:
        if last == 0:
            raise NoHistory
        raise Damaged("its file is hurt and no record in it can be read; it is left as it is")
    copy = _copy(files)
    _write(files, good)
    _replace(files)
    return (
        f"Its file was hurt and has been recovered up to record {len(good)}; "
        f"the hurt one is kept as {str(copy)!r}."
    )


def _last_if_whole(files: SessionFiles) -> int | None:
    """Return the number of the last record, or None if something is hurt."""
    last = 0
    try:
        with closing(connect_to_read(files.database)) as connection:
            check_version(connection)
            for row in history.rows(connection, 0, None):
                last = row[0]
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except NoHistory:
        return 0
    except Damaged:
        return None
    except sqlite3.Error as error:
        if is_damage(error):
            return None
        raise
    return last if verdict == "ok" else None


def _last_in_log(files: SessionFiles) -> int:
    """Return the number of the last record in the log, whether SQLite can still reach it or not."""
    log = log_pages(files.log)
    pages = dict(log)
    for _, page in reversed(log):
        if numbers := [row[0] for row in rows_in(page, pages)]:
            return max(numbers)
    return 0


def _readable(files: SessionFiles) -> list[Row]:
    """Return all rows from the first on without a gap, wherever they lie."""
    numbered = database_pages(files.database) + log_pages(files.log)
    pages = dict(numbered)
    found = {row[0]: row for _, page in numbered for row in rows_in(page, pages)}
    return [found[seq] for seq in takewhile(found.__contains__, count(1))]


def _copy(files: SessionFiles) -> Path:
    """Copy the hurt file, with its log, to a name that is free."""
    path = files.database
    free = (path.with_name(f"{path.name}.corrupt-{number}") for number in count(1))
    copy = next(name for name in free if not name.exists())
    log = copy.with_name(copy.name + "-wal")
    try:
        for source, target in ((files.database, copy), (files.log, log)):
            if source.exists():
                make_private(target)
                shutil.copyfile(source, target)
                sync(target)
    except OSError:
        copy.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
        raise
    return copy


def _write(files: SessionFiles, good: list[Row]) -> None:
    """Write a new history, completely on the disk before it gets its name."""
    files.unfinished.unlink(missing_ok=True)
    make_private(files.unfinished)
    with closing(connect(files.unfinished)) as connection:
        migrate(connection)
        with transaction(connection):
            connection.executemany(INSERT, good)
        connection.execute("PRAGMA journal_mode = WAL")
    sync(files.unfinished)
    files.unfinished.rename(files.recovered)
    sync(files.recovered.parent)


def _replace(files: SessionFiles) -> None:
    """Put the recovered history in the place of the hurt one, whose log must not outlive it."""
    files.log.unlink(missing_ok=True)
    files.shared_memory.unlink(missing_ok=True)
    files.recovered.replace(files.database)
    sync(files.database.parent)
