"""A unified diff of edits that are known: nothing is searched for, so it takes linear time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

import attrs

from jido_server.tools.replacement import Edit, apply_edits

CONTEXT = 3
NO_LINE_END = "\\ No newline at end of file\n"


@attrs.frozen
class Change:
    """Some lines, and what they became.

    Attributes:
        begin: How many lines stand before.
        old: The lines that go.
        new: The lines that come.
    """

    begin: int
    old: list[str]
    new: list[str]

    @property
    def end(self) -> int:
        """How many lines stand before what follows."""
        return self.begin + len(self.old)


def unified_diff(path: str, text: str, edits: list[Edit]) -> str:
    """Return what edits change, as ``diff -u`` would say it.

    Args:
        path: How the file is called.
        text: What it held.
        edits: In order, none over another.
    """
    lines = _lines(text)
    hunks = "".join(_hunks(lines, _changes(lines, text, edits)))
    return f"--- a/{path}\n+++ b/{path}\n{hunks}" if hunks else ""


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; nothing but a newline ends one."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _changes(lines: list[str], text: str, edits: list[Edit]) -> Iterator[Change]:
    """Yield the lines that change, whole, in order and none over another."""
    starts = list(accumulate(map(len, lines), initial=0))
    line = 0
    waiting = iter(edits)
    edit = next(waiting, None)
    while edit is not None:
        while starts[line + 1] <= edit.begin:
            line += 1
        begin = line
        together: list[Edit] = []
        # Take lines until one ends in both texts, and no edit reaches beyond it.
        while line == begin or not (
            line == len(lines) or _ends_line(text, together, starts[begin], starts[line])
        ):
            line += 1
            while edit is not None and edit.begin < starts[line]:
                together.append(edit)
                edit = next(waiting, None)
        new = apply_edits(text, together, starts[begin], starts[line])
        yield from _trimmed(Change(begin, lines[begin:line], _lines(new)))


def _ends_line(text: str, edits: list[Edit], begin: int, end: int) -> bool:
    """Tell whether a part of a text is whole lines after these edits, or nothing."""
    if edits[-1].end > end:
        return False
    for edit in reversed(edits):
        if edit.end < end:
            break
        if edit.text:
            return edit.text.endswith("\n")
        end = edit.begin
    return end == begin or text[end - 1] == "\n"


def _trimmed(change: Change) -> Iterator[Change]:
    """Yield the change without the lines at both ends that stay, if anything is left."""
    old, new = change.old, change.new
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    old, new = old[same:], new[same:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    if old or new:
        yield Change(change.begin + same, old, new)


def _hunks(lines: list[str], changes: Iterable[Change]) -> Iterator[str]:
    shift = 0
    near: list[Change] = []
    for change in changes:
        if near and change.begin - near[-1].end > 2 * CONTEXT:
            yield _hunk(lines, near, shift)
            shift += _growth(near)
            near = []
        near.append(change)
    if near:
        yield _hunk(lines, near, shift)


def _growth(changes: Iterable[Change]) -> int:
    return sum(len(change.new) - len(change.old) for change in changes)


def _hunk(lines: list[str], changes: list[Change], shift: int) -> str:
    """Return changes that are near each other, with the lines around them.

    Args:
        lines: All lines of the old text.
        changes: What changes.
        shift: How many lines were added before, those that went taken off.
    """
    first = max(0, changes[0].begin - CONTEXT)
    last = min(len(lines), changes[-1].end + CONTEXT)
    body: list[str] = []
    at = first
    for change in changes:
        body += _marked(" ", lines[at : change.begin])
        body += _marked("-", change.old)
        body += _marked("+", change.new)
        at = change.end
    body += _marked(" ", lines[at:last])
    old = _range(first, last - first)
    new = _range(first + shift, last - first + _growth(changes))
    return f"@@ -{old} +{new} @@\n{''.join(body)}"


def _marked(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line
        if not line.endswith("\n"):
            yield f"\n{NO_LINE_END}"


def _range(begin: int, count: int) -> str:
    """Return which lines; a range without lines is named by the line before it."""
    return f"{begin + 1 if count else begin},{count}"
