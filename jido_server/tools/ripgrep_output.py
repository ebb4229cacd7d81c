"""What ripgrep says with ``--json``: one event a line, taken as they come, within limits."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from typing import Any

import attrs
import orjson

LONGEST_EVENT = 1 << 20
"""Bytes; a line of a file that needs more is passed over, and the answer says that it is cut."""

MOST_BYTES = 192 << 10
"""Bytes of lines that are kept."""

LONGEST_LINE = 500
"""Bytes of one line that are kept: those around its first match."""

BEFORE_MATCH = 100


@attrs.frozen(kw_only=True)
class Line:
    """A line of a file, or what counts of it.

    Attributes:
        number: From 1.
        is_match: Whether it matches, or is there for context.
        offset: Where in the file the content begins, a byte order mark not counted.
        content: What is kept of it.
        cut_before: Whether the line begins before.
        cut_after: Whether it goes on behind.
    """

    number: int
    is_match: bool
    offset: int
    content: bytes
    cut_before: bool
    cut_after: bool


@attrs.frozen
class Hits:
    """The lines of one file.

    Attributes:
        path: As seen from the root.
        lines: In order.
    """

    path: str
    lines: list[Line]


class Output:
    """Takes the output of one search, of one process after the other.

    Args:
        limit: Most matches.
        counts: Tells whether a file does, by its path as seen from the root.

    Attributes:
        is_full: Whether no more is taken.
        is_complete: Whether the last process came to its end.
        passed_over: Whether a line was too long to be taken.
    """

    def __init__(self, limit: int, counts: Callable[[str], bool]) -> None:
        self.is_full = False
        self.is_complete = False
        self.passed_over = False
        self._left = limit
        self._bytes_left = MOST_BYTES
        self._counts = counts
        self._files: list[Hits] = []
        self._lines: list[Line] = []
        self._rest = b""
        self._skipping = False

    @property
    def files(self) -> list[Hits]:
        """What was found, in no order."""
        return [hits for hits in self._files if hits.lines]

    def begin(self) -> None:
        """Expect the output of a new process."""
        self.is_complete = False
        self._skipping = False
        self._rest = b""

    def feed(self, block: bytes) -> None:
        """Take some more bytes."""
        *events, self._rest = (self._rest + block).split(b"\n")
        for event in events:
            if self._skipping:
                self._skipping = False
            elif not self.is_full:
                self._take(orjson.loads(event))
        if len(self._rest) > LONGEST_EVENT:
            self._rest = b""
            self._skipping = self.passed_over = True

    def _take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "begin":
                self._begin(event["data"]["path"])
            case "match" | "context" as kind:
                self._add(_line(event["data"], is_match=kind == "match"))
            case "summary":
                self.is_complete = True

    def _begin(self, path: dict[str, str]) -> None:
        """Begin a file; one whose name isn't UTF-8 can't be asked for, and doesn't count."""
        name = path.get("text", "").replace(os.sep, "/").removeprefix("./")
        self._lines = []
        if self._counts(name):
            self._files.append(Hits(name, self._lines))

    def _add(self, line: Line) -> None:
        if not self._files or self._files[-1].lines is not self._lines:
            return
        size = len(line.content)
        if size > self._bytes_left or (line.is_match and not self._left):
            self.is_full = True
            return
        self._bytes_left -= size
        self._left -= line.is_match
        self._lines.append(line)


def _line(data: dict[str, Any], *, is_match: bool) -> Line:
    content = _bytes(data["lines"])
    first = data["submatches"][0]["start"] if data["submatches"] else 0
    begin = max(0, first - BEFORE_MATCH) if len(content) > LONGEST_LINE else 0
    end = begin + LONGEST_LINE
    return Line(
        number=data["line_number"],
        is_match=is_match,
        offset=data["absolute_offset"] + begin,
        content=content[begin:end],
        cut_before=begin > 0,
        cut_after=end < len(content),
    )


def _bytes(text: dict[str, str]) -> bytes:
    return text["text"].encode() if "text" in text else base64.b64decode(text["bytes"])
