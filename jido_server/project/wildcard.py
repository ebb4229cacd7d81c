"""Wildcards in a name: ``*``, ``?`` and ``[a-z]``; and how what they fit is found in few steps.

What stands between two stars is a run of fixed length, and each run is put at the first place
behind the run before it. For wildcards that is always right, so no choice is taken back: the steps
are at most the length of the pattern times the length of the name. (An expression of ``re`` goes
back, and holds all threads meanwhile.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from jido_server.project.character_set import character_set

Test: TypeAlias = Callable[[str], bool]
"""Tells whether one character, or one name, fits."""

Run: TypeAlias = str | tuple[Test, ...]
"""Items that stand together; a text stands for its own characters."""


class _Star:
    """Stands for any number of items."""


STAR = _Star()

Token: TypeAlias = str | Test | _Star
"""One character, a test for one, or a star."""


Part: TypeAlias = list[Token]
"""One component of a pattern."""


def parts_of(pattern: str) -> list[Part] | None:
    """Return the components of a pattern, or None if it is malformed, and so fits nothing."""
    parts: list[Part] = [[]]
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "[":
            found = character_set(pattern, at)
            if found is None:
                return None
            test, at = found
            parts[-1].append(test)
            continue
        wild = _WILD.get(character)
        if character == "\\":
            if at == len(pattern):
                return None
            character = pattern[at]
            at += 1
        if character == "/":
            parts.append([])
        else:
            parts[-1].append(wild or character)
    return parts


def is_folders(part: Part) -> bool:
    """Tell whether a component is ``**``."""
    return len(part) > 1 and all(token is STAR for token in part)


def longest_literal(part: Part) -> str:
    """Return something that is in every name that fits a component."""
    runs = [""]
    for token in part:
        if isinstance(token, str):
            runs[-1] += token
        elif runs[-1]:
            runs.append("")
    return max(runs, key=len)


def name_test(part: Part) -> Test:
    """Return a test for names."""
    runs = [_run(run) for run in _between_stars(part)]
    match runs:
        case [str(text)]:
            return text.__eq__
        case ["", ""]:
            return _anything
        case ["", str(end)]:
            return lambda name: name.endswith(end)
        case [str(begin), ""]:
            return lambda name: name.startswith(begin)
    return lambda name: fits(runs, name)


def fits(runs: Sequence[Run], items: Sequence[str]) -> bool:
    """Tell whether items are these runs, with anything between one and the next.

    Args:
        runs: At least one.
        items: The characters of a name, or the names of a path.
    """
    first, last = runs[0], runs[-1]
    if len(runs) == 1:
        return len(items) == len(first) and _is_at(first, items, 0)
    at = len(first)
    end = len(items) - len(last)
    if end < at or not _is_at(first, items, 0) or not _is_at(last, items, end):
        return False
    for run in runs[1:-1]:
        found = _find(run, items, at, end)
        if found < 0:
            return False
        at = found + len(run)
    return True


def _find(run: Run, items: Sequence[str], begin: int, end: int) -> int:
    """Return the first place between two where a run is, or -1."""
    if isinstance(run, str) and isinstance(items, str):
        return items.find(run, begin, end)
    places = range(begin, end - len(run) + 1)
    return next((at for at in places if _is_at(run, items, at)), -1)


def _is_at(run: Run, items: Sequence[str], begin: int) -> bool:
    if isinstance(run, str):
        return items[begin : begin + len(run)] == run
    for offset, test in enumerate(run):  # noqa: SIM110 - twice as fast as `all`
        if not test(items[begin + offset]):
            return False
    return True


def _between_stars(part: Part) -> list[Part]:
    """Return the runs of a component; only the first and the last may be empty."""
    places = [-1, *(at for at, token in enumerate(part) if token is STAR), len(part)]
    runs = [part[begin + 1 : end] for begin, end in pairwise(places)]
    return [run for at, run in enumerate(runs) if run or at in {0, len(runs) - 1}]


def _run(part: Part) -> Run:
    """Return what has no stars as it is matched."""
    if all(isinstance(token, str) for token in part):
        return "".join(map(str, part))
    return tuple(
        token.__eq__ if isinstance(token, str) else token
        for token in part
        if not isinstance(token, _Star)
    )


def _anything(_item: str) -> bool:
    return True


_WILD: dict[str, Token] = {"*": STAR, "?": _anything}
