"""Reading what is kept in the file of one session."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from itertools import count

from jido_server.storage.rows import COLUMNS, Row, check
from jido_server.storage.trouble import Damaged, NoHistory

AT_A_TIME = 1000
"""Rows taken from the database at once: few in memory, and nobody is in the way for long."""


def rows(connection: sqlite3.Connection, after: int, limit: int | None) -> Iterator[Row]:
    """Give the rows whose number is above ``after`` one by one, at most ``limit``.

    Raises:
        Damaged: One is missing or not what was written.
        sqlite3.Error: They can't be read.
    """
    left = sys.maxsize if limit is None else limit
    while left > 0:
        size = min(AT_A_TIME, left)
        page = connection.execute(_PAGE, (after, size)).fetchall()
        for seq, row in zip(count(after + 1), page, strict=False):
            check(row, seq)
            yield row
        if len(page) < size:
            return
        after += size
        left -= size


def last_row(connection: sqlite3.Connection) -> Row:
    """Return the last row.

    Raises:
        NoHistory: There is none.
        Damaged: It is not what was written.
        sqlite3.Error: It can't be read.
    """
    row: Row | None = connection.execute(_LAST).fetchone()
    if row is None:
        raise NoHistory
    check(row, row[0])
    return row


def row_at(connection: sqlite3.Connection, seq: int) -> Row:
    """Return the row with a number.

    Raises:
        Damaged: It is missing or not what was written.
        sqlite3.Error: It can't be read.
    """
    row: Row | None = connection.execute(_ONE, (seq,)).fetchone()
    if row is None:
        raise Damaged(f"record {seq} is missing")
    check(row, seq)
    return row


_PAGE = f"SELECT {COLUMNS} FROM updates WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own names
_LAST = f"SELECT {COLUMNS} FROM updates ORDER BY seq DESC LIMIT 1"  # noqa: S608 - our own names
_ONE = f"SELECT {COLUMNS} FROM updates WHERE seq = ?"  # noqa: S608 - our own names
