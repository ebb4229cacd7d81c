"""The content of an open file, read within limits.

A file may grow while it is read, or have no size to tell (as in ``/proc``), so the limits are kept
by counting what is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain

from jido_server.errors import FileTooLarge

_BLOCK = 1 << 18

FURTHEST = 1 << 30
"""Bytes of a file in which a window of lines is looked for."""


class Content:
    """What is in a file.

    Attributes:
        fd: Where it is read; whoever opened it closes it.
        size: Its bytes when it was opened.
        asked: The path that an error names.
    """

    __slots__ = ("asked", "fd", "size")

    def __init__(self, fd: int, size: int, asked: str) -> None:
        self.fd = fd
        self.size = size
        self.asked = asked

    def whole(self, limit: int) -> bytes:
        """Return all of it, having read at most one byte beyond the limit.

        Raises:
            FileTooLarge: There is more than ``limit`` bytes.
        """
        if self.size > limit:
            raise self._too_large(self.size, limit)
        os.lseek(self.fd, 0, os.SEEK_SET)
        first = os.read(self.fd, self.size + 1)
        if len(first) == self.size:
            return first  # as usual: one byte more was asked for, and is not there
        content = bytearray(first)
        while len(content) <= limit:
            block = os.read(self.fd, min(_BLOCK, limit + 1 - len(content)))
            if not block:
                return bytes(content)
            content += block
        raise self._too_large(len(content), limit)

    def part(self, offset: int, size: int) -> bytes:
        """Return at most ``size`` bytes from ``offset`` on."""
        os.lseek(self.fd, offset, os.SEEK_SET)
        return os.read(self.fd, size)

    def lines(self, first: int, count: int | None, limit: int) -> tuple[bytes, bool]:
        """Return some lines, and whether the file has anything before or after them.

        Args:
            first: From 1.
            count: Most lines; None for all there are.
            limit: Most bytes of them together.

        Raises:
            FileTooLarge: They have more, or begin beyond ``FURTHEST``.
        """
        blocks = self._blocks()
        skipped, rest = self._skip(blocks, first - 1)
        content, complete = self._take(chain([rest], blocks), count, limit)
        return content, skipped or not complete

    def _blocks(self) -> Iterator[bytes]:
        os.lseek(self.fd, 0, os.SEEK_SET)
        while block := os.read(self.fd, _BLOCK):
            yield block

    def _skip(self, blocks: Iterator[bytes], lines: int) -> tuple[bool, bytes]:
        """Return whether anything was skipped, and what was read beyond it."""
        skipped = 0
        for block in blocks if lines > 0 else ():
            here = block.count(b"\n")
            if here >= lines:
                return True, block[_end_of_line(block, lines) :]
            lines -= here
            skipped += len(block)
            if skipped > FURTHEST:
                raise self._too_large(skipped, FURTHEST)
        return skipped > 0, b""

    def _take(self, blocks: Iterator[bytes], count: int | None, limit: int) -> tuple[bytes, bool]:
        """Return so many lines, and whether the file ends with them."""
        content = bytearray()
        missing = float("inf") if count is None else count
        for block in blocks:
            here = block.count(b"\n")
            end = len(block) if here < missing else _end_of_line(block, int(missing))
            content += block[:end]
            if len(content) > limit:
                raise self._too_large(len(content), limit)
            if here >= missing:
                return bytes(content), end == len(block) and not next(blocks, b"")
            missing -= here
        return bytes(content), True

    def _too_large(self, seen: int, limit: int) -> FileTooLarge:
        return FileTooLarge(self.asked, max(self.size, seen), limit)


def _end_of_line(block: bytes, lines: int) -> int:
    """Return where the given number of lines ends in a block that has as many."""
    end = 0
    for _ in range(lines):
        end = block.index(b"\n", end) + 1
    return end
