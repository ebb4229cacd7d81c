"""Some lines of a content that passes by in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jido_server.tools.limits import MOST_BYTES


class Window:
    """Keeps some lines, and counts all.

    Args:
        first: The first line to keep, from 1.
        count: How many lines to keep.

    Attributes:
        kept: These lines; of much more than an answer takes, only the beginning.
        total: How many lines there were in all.
    """

    def __init__(self, first: int, count: int) -> None:
        self.kept = bytearray()
        self.total = 0
        self._skip = first - 1
        self._want = count

    def watch(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Let blocks pass, and look at each."""
        last = b"\n"
        for block in blocks:
            self.total += block.count(b"\n")
            self._keep(block)
            last = block
            yield block
        self.total += not last.endswith(b"\n")

    def _keep(self, block: bytes) -> None:
        begin = 0
        if self._skip:
            here = block.count(b"\n")
            if here < self._skip:
                self._skip -= here
                return
            begin = _behind_lines(block, self._skip, 0)
            self._skip = 0
        here = min(self._want, block.count(b"\n", begin))
        end = len(block) if here < self._want else _behind_lines(block, self._want, begin)
        self._want -= here
        self.kept += block[begin : min(end, begin + MOST_BYTES + 1 - len(self.kept))]


def _behind_lines(block: bytes, lines: int, begin: int) -> int:
    """Return where the given number of lines, all in the block, ends."""
    for _ in range(lines):
        begin = block.index(b"\n", begin) + 1
    return begin
