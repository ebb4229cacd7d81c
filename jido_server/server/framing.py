"""The framing of LSP, without any input or output: bytes in, bodies out."""

from __future__ import annotations

import re

import attrs

MAX_BODY_BYTES = 64 << 20
MAX_SKIPPED_BYTES = 1 << 30
"""A body beyond its limit is skipped up to this size; beyond it the stream is given up."""
MAX_HEADER_BYTES = 8 << 10

_USUAL = re.compile(rb"Content-Length: (\d{1,20})\r\n\r\n")
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(
    rb"^[ \t]*content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)


@attrs.frozen
class Malformed:
    """Something that is not a message.

    Attributes:
        reason: What is wrong with it.
        fatal: Whether nothing that follows can be understood.
    """

    reason: str
    fatal: bool


class Framer:
    """Cuts a stream of bytes into the bodies of messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._body_size: int | None = None
        self._to_skip = 0

    def feed(self, data: bytes) -> None:
        """Take bytes as they came."""
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        del self._buffer[: self._at]
        self._at = 0
        self._buffer += data

    def next(self) -> bytes | Malformed | None:
        """Return the next body, or what is in its place, or None until more bytes were fed."""
        if self._body_size is None and (malformed := self._take_header()) is not None:
            return malformed
        if self._body_size is None:
            return None
        end = self._at + self._body_size
        if len(self._buffer) < end:
            return None
        body = bytes(memoryview(self._buffer)[self._at : end])
        self._at = end
        self._body_size = None
        return body

    def _take_header(self) -> Malformed | None:
        """Find out how long the next body is, if its header is here."""
        usual = _USUAL.match(self._buffer, self._at)
        if usual is None:
            return self._take_unusual_header()
        self._at = usual.end()
        return self._take_length(usual[1])

    def _take_unusual_header(self) -> Malformed | None:
        end = _END_OF_HEADER.search(self._buffer, self._at, self._at + MAX_HEADER_BYTES)
        if end is None:
            if len(self._buffer) - self._at < MAX_HEADER_BYTES:
                return None
            return Malformed(f"no header ends within {MAX_HEADER_BYTES} bytes", fatal=True)
        length = _CONTENT_LENGTH.search(bytes(self._buffer[self._at : end.start()]))
        self._at = end.end()
        if length is None:
            return Malformed("a header without a Content-Length", fatal=False)
        return self._take_length(length[1])

    def _take_length(self, length: bytes) -> Malformed | None:
        # No length that could be meant has more digits; int() of a very long one would be slow.
        size = int(length[:20])
        if size <= MAX_BODY_BYTES:
            self._body_size = size
            return None
        if size <= MAX_SKIPPED_BYTES:
            here = min(size, len(self._buffer) - self._at)
            self._at += here
            self._to_skip = size - here
        return Malformed(
            f"a message of {size} bytes is larger than the limit of {MAX_BODY_BYTES}",
            fatal=size > MAX_SKIPPED_BYTES,
        )


def header(body: bytes) -> bytes:
    """Return what comes before ``body``."""
    return b"Content-Length: %d\r\n\r\n" % len(body)


def frame(body: bytes) -> bytes:
    """Return ``body`` with its header before it."""
    return header(body) + body
