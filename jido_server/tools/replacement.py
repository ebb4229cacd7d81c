r"""Replacing text exactly, such that all that isn't replaced stays byte for byte.

A model says ``\n`` where a file may have ``\r\n``. Texts are compared with plain line ends, the
places found are taken back to the text as it is, and what is put in gets the line ends that stood
there, or else those that are most frequent in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

import attrs

CRLF = "\r\n"


@attrs.frozen
class Edit:
    """One place of a text, and what it is to be.

    Attributes:
        begin: Index of the first character that goes.
        end: Index behind the last one.
        text: What comes instead.
    """

    begin: int
    end: int
    text: str


def find_edits(text: str, old: str, new: str) -> list[Edit]:
    """Return an edit for every place where ``old`` stands, in order and none over another."""
    carriage_returns = [found.start() for found in re.finditer(CRLF, text)]
    plain = text.replace(CRLF, "\n")
    sought = old.replace(CRLF, "\n")
    # Where the plain text has the line ends that were two characters.
    shortened = [index - count for count, index in enumerate(carriage_returns)]
    usual = CRLF if len(carriage_returns) * 2 > plain.count("\n") else "\n"
    edits = []
    for found in _places(plain, sought):
        begin = found + bisect_left(shortened, found)
        end = found + len(sought) + bisect_left(shortened, found + len(sought))
        line_end = _line_end(text[begin:end]) or usual
        edits.append(Edit(begin, end, new.replace(CRLF, "\n").replace("\n", line_end)))
    return edits


def apply_edits(text: str, edits: list[Edit], begin: int = 0, end: int | None = None) -> str:
    """Return the text from ``begin`` to ``end``, which no edit crosses, after these edits."""
    parts = []
    for edit in edits:
        parts += [text[begin : edit.begin], edit.text]
        begin = edit.end
    return "".join([*parts, text[begin:end]])


def _places(text: str, sought: str) -> Iterator[int]:
    found = text.find(sought)
    while found >= 0:
        yield found
        found = text.find(sought, found + len(sought))


def _line_end(text: str) -> str | None:
    if CRLF in text:
        return CRLF
    return "\n" if "\n" in text else None
