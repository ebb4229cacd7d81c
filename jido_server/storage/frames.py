"""Finding the pages in a write-ahead log that were committed, even if SQLite gives up before.

SQLite reads a log up to the first frame that is not what was written. After a kill that is its
end; what a hurt frame hides is found here, https://sqlite.org/fileformat2.html#walformat.
"""

from __future__ import annotations

import struct
from pathlib import Path

from jido_server.storage.pages import PAGE, NumberedPage

HEADER = 32
FRAME_HEADER = 24
FRAME = FRAME_HEADER + PAGE

BYTE_ORDERS = {b"\x37\x7f\x06\x82": "<", b"\x37\x7f\x06\x83": ">"}
"""How checksums are made, by how the log begins."""


def log_pages(log: Path) -> list[NumberedPage]:
    """Return the pages in a log with their numbers, oldest first, as far as committed.

    A frame belongs to the log if it has the salt of the first one. The last one that ends a commit
    and is sound ends what was committed; those before it may be hurt.
    """
    content = log.read_bytes() if log.exists() else b""
    salt = content[HEADER + 8 : HEADER + 16]
    frames = [
        at
        for at in range(HEADER, len(content) - FRAME + 1, FRAME)
        if content[at + 8 : at + 16] == salt
    ]
    while frames and not _is_end(content, frames[-1]):
        frames.pop()
    return [
        (int.from_bytes(content[at : at + 4]), content[at + FRAME_HEADER : at + FRAME])
        for at in frames
    ]


def _is_end(content: bytes, at: int) -> bool:
    """Whether the frame at a place ends a commit, and is what was written after the one before."""
    if not any(content[at + 4 : at + 8]):
        return False
    before = at - 8 if at == HEADER else at - PAGE - 8
    first, second = struct.unpack(">2I", content[before : before + 8])
    order = BYTE_ORDERS.get(content[:4], "=")
    covered = content[at : at + 8] + content[at + FRAME_HEADER : at + FRAME]
    numbers = struct.unpack(f"{order}{len(covered) // 4}I", covered)
    for one, other in zip(numbers[::2], numbers[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.pack(">2I", first, second) == content[at + 16 : at + FRAME_HEADER]
