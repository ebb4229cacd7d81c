"""How much a tool may answer: what a model can read, and a client can show."""

from __future__ import annotations

from collections.abc import Iterable

MOST_BYTES = 256 << 10
MOST_ITEMS = 1000


def how_many_fit(texts: Iterable[str]) -> int:
    """Return how many texts fit into one answer, from the first one on."""
    room = MOST_BYTES
    count = 0
    for text in texts:
        room -= len(text.encode())
        if room < 0 or count == MOST_ITEMS:
            break
        count += 1
    return count


def cut(text: bytes) -> bytes:
    """Return as much of a text as fits into one answer: whole lines, if one is that short."""
    if len(text) <= MOST_BYTES:
        return text
    end = text.rfind(b"\n", 0, MOST_BYTES) + 1
    return text[: end or MOST_BYTES]
