"""The framing of LSP, without any input or output: bytes in, bodies out."""

from __future__ import annotations

import re

import attrs

MAX_BODY_BYTES = 64 << 20
MAX_SKIPPED_BYTES = 1 << 30
"""A body beyond its limit is skipped up to this size; beyond it the stream is given up."""
MAX_HEADER_BYTES = 8 << 10

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(
    rb"^[ \t]*content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)


@attrs.frozen
class Body:
    """The body of a message."""

    content: bytes


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
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body_size: int | None = None
        self._to_skip = 0

    def feed(self, data: bytes) -> None:
        """Take bytes as they came."""
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._buffer += data

    def next(self) -> Body | Malformed | None:
        """Return what comes next, or None until more bytes were fed."""
        if self._body_size is None:
            end = _END_OF_HEADER.search(self._buffer, 0, MAX_HEADER_BYTES)
            if end is None:
                if len(self._buffer) < MAX_HEADER_BYTES:
                    return None
                return Malformed(f"no header ends within {MAX_HEADER_BYTES} bytes", fatal=True)
            header = bytes(self._buffer[: end.start()])
            del self._buffer[: end.end()]
            if malformed := self._read_header(header):
                return malformed
        return self._take_body()

    def _read_header(self, header: bytes) -> Malformed | None:
        length = _CONTENT_LENGTH.search(header)
        if length is None:
            return Malformed("a header without a Content-Length", fatal=False)
        # No length that could be meant has more digits; int() of a very long one would be slow.
        size = int(length[1][:20])
        if size <= MAX_BODY_BYTES:
            self._body_size = size
            return None
        if size <= MAX_SKIPPED_BYTES:
            here = min(size, len(self._buffer))
            del self._buffer[:here]
            self._to_skip = size - here
        return Malformed(
            f"a message of {size} bytes is larger than the limit of {MAX_BODY_BYTES}",
            fatal=size > MAX_SKIPPED_BYTES,
        )

    def _take_body(self) -> Body | None:
        size = self._body_size
        if size is None or len(self._buffer) < size:
            return None
        body = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        self._body_size = None
        return Body(body)


def frame(body: bytes) -> bytes:
    """Return ``body`` with its header before it."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
