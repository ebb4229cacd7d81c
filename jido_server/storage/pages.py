"""Finding rows in the pages of a hurt file, wherever they lie.

A row proves itself by its checksum, is never changed and never removed. So nothing that could be
hurt is needed to find it: neither the header of the file, nor the schema, nor the inner pages of
the tree. What a page and a record look like is SQLite's file format, https://sqlite.org/fileformat2.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jido_server.storage.rows import Row, check
from jido_server.storage.trouble import Damaged

PAGE = 4096
"""Bytes in a page: SQLite's default since 2016."""

FILE_HEADER = 100
TABLE_LEAF = b"\x0d"
COLUMNS = 7

LARGEST_INTEGER, ZERO, ONE, FIRST_BLOB = 6, 8, 9, 12
"""What the types in a record's header mean."""

GOES_ON = 0x80
"""Marks a byte of a number that is not its last."""

NumberedPage = tuple[int, bytes]


def database_pages(path: Path) -> list[NumberedPage]:
    """Return the pages of a database file with their numbers, from 1."""
    content = path.read_bytes()
    starts = range(0, len(content), PAGE)
    return [(number, content[at : at + PAGE]) for number, at in enumerate(starts, 1)]


def rows_in(page: bytes, pages: Mapping[int, bytes]) -> Iterator[Row]:
    """Give the rows that begin in a page and are what was written.

    Args:
        page: Any page.
        pages: Where a long row goes on.
    """
    for start in (0, FILE_HEADER):  # the first page begins with the header of the file
        if page[start : start + 1] != TABLE_LEAF:
            continue
        count = int.from_bytes(page[start + 3 : start + 5])
        for at in range(start + 8, start + 8 + 2 * count, 2):
            try:
                row = _row(page, int.from_bytes(page[at : at + 2]), pages)
                check(row, row[0])
            except (Damaged, LookupError, ValueError):
                continue
            yield row


def _row(page: bytes, at: int, pages: Mapping[int, bytes]) -> Row:
    size, at = _varint(page, at)
    seq, at = _varint(page, at)
    local = _local_size(size)
    parts = [page[at : at + local]]
    following = page[at + local : at + local + 4]
    for _ in range(-(-(size - local) // (PAGE - 4))):
        further = pages[int.from_bytes(following)]
        following, part = further[:4], further[4:]
        parts.append(part)
    _, timestamp, kind, payload, messages, session, checksum = _columns(b"".join(parts)[:size])
    return (seq, timestamp, kind, payload, messages, session, checksum)


def _local_size(size: int) -> int:
    """Return how many bytes of a record are in its leaf; the others are in pages of their own."""
    if size <= PAGE - 35:
        return size
    least = (PAGE - 12) * 32 // 255 - 23
    wanted = least + (size - least) % (PAGE - 4)
    return wanted if wanted <= PAGE - 35 else least


def _columns(record: bytes) -> Iterator[Any]:
    body, at = _varint(record, 0)
    for _ in range(COLUMNS):
        kind, at = _varint(record, at)
        size = _size(kind)
        yield _value(kind, record[body : body + size])
        body += size


def _size(kind: int) -> int:
    if kind >= FIRST_BLOB:
        return (kind - FIRST_BLOB) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind]


def _value(kind: int, content: bytes) -> object:
    if kind in {ZERO, ONE}:
        return kind - ZERO
    if kind <= LARGEST_INTEGER:
        return int.from_bytes(content, signed=True)
    return content.decode() if kind % 2 else content


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, and the place after it."""
    value = 0
    for byte in content[at : at + 8]:
        at += 1
        value = value << 7 | byte & ~GOES_ON
        if not byte & GOES_ON:
            return value, at
    return value << 8 | content[at], at + 1
