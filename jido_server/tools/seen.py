"""What one session has seen of its project's files: the guard against overwriting the rest.

A file is known by the hash of its whole content, not by its time: a change that was taken back is
no change, and one within the same tick of the clock is one.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from jido_server.errors import FileTooLarge, StaleFile
from jido_server.project.content import FURTHEST
from jido_server.project.reading import OpenFile

BLOCK = 1 << 18
MOST_FILES = 10_000
"""Beyond this, what was read longest ago counts as never read."""

Fingerprint = bytes


def fingerprint(blocks: Iterable[bytes]) -> Fingerprint:
    """Return the hash of a content that comes in blocks."""
    digest = hashlib.blake2b(digest_size=16)
    for block in blocks:
        digest.update(block)
    return digest.digest()


def blocks_of(file: OpenFile, asked: str) -> Iterator[bytes]:
    """Yield the content of a file.

    Raises:
        FileTooLarge: It is more than can be read through in a reasonable time.
    """
    offset = 0
    while block := file.part(offset, BLOCK):
        yield block
        offset += len(block)
        if offset > FURTHEST:
            raise FileTooLarge(asked, max(file.size, offset), FURTHEST)


class SeenFiles:
    """The files that a session's tools have read or written, as they were then."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, Fingerprint] = OrderedDict()

    def note(self, path: str, content: Fingerprint) -> None:
        """Remember what a file held.

        Args:
            path: Absolute and resolved.
            content: The hash of all of it.
        """
        self._files[path] = content
        self._files.move_to_end(path)
        if len(self._files) > MOST_FILES:
            self._files.popitem(last=False)

    def check(self, path: str, content: Fingerprint, asked: str, *, unread: bool = False) -> None:
        """Make sure that overwriting a file loses nothing that was never seen.

        Args:
            path: Absolute and resolved.
            content: The hash of what the file holds now.
            asked: The path as the model gave it.
            unread: Whether a file that was never read may be overwritten as well.

        Raises:
            StaleFile: It was never read, or it has changed since.
        """
        known = self._files.get(path)
        if known != content and not (known is None and unread):
            raise StaleFile(asked)
