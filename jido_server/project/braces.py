"""Braces in a pattern: ``{a,b}`` and ``{1..3}`` stand for several patterns."""

from __future__ import annotations

import re
from itertools import pairwise

_RANGE = re.compile(r"(-?\d{1,18})\.\.(-?\d{1,18})|([a-zA-Z])\.\.([a-zA-Z])", re.ASCII)


class TooMany(Exception):
    """The braces stand for more patterns than may be."""


def without_braces(pattern: str, most: int) -> list[str]:
    """Return the patterns that one with braces stands for; one without stands for itself.

    As in a shell, braces without a comma or a range stand for themselves.

    Raises:
        TooMany: There are more than ``most``.
    """
    done: list[str] = []
    ahead = [pattern]
    while ahead:
        text = ahead.pop()
        expanded = _without_one(text, most)
        if not expanded:
            done.append(text)
        ahead.extend(reversed(expanded))
        if len(done) + len(ahead) > most:
            raise TooMany
    return list(dict.fromkeys(done))


def _without_one(text: str, most: int) -> list[str]:
    """Return what a pattern stands for by one of its braces; nothing if there are none."""
    found: list[str] = []
    opened: list[list[int]] = []  # of each brace that is open: its place, then those of its commas
    at = 0
    while at < len(text) and (opened or not found):
        match text[at]:
            case "\\":
                at += 1
            case "{":
                opened.append([at])
            case "," if opened:
                opened[-1].append(at)
            case "}" if opened:
                places = [*opened.pop(), at]
                inside = _inside(text, places, most)
                found = [text[: places[0]] + part + text[at + 1 :] for part in inside] or found
        at += 1
    return found


def _inside(text: str, places: list[int], most: int) -> list[str]:
    """Return what one pair of braces stands for; nothing if it stands for itself."""
    texts = [text[a + 1 : b] for a, b in pairwise(places)]
    return texts if len(texts) > 1 else _range(texts[0], most)


def _range(text: str, most: int) -> list[str]:
    found = _RANGE.fullmatch(text)
    if found is None:
        return []
    as_number = found[1] is not None
    first, last = (int(found[1]), int(found[2])) if as_number else (ord(found[3]), ord(found[4]))
    if abs(last - first) >= most:
        raise TooMany
    step = 1 if first <= last else -1
    numbers = range(first, last + step, step)
    if not as_number:
        return [chr(number) for number in numbers]
    padded = any(
        bound.lstrip("-").startswith("0") and len(bound) > 1 for bound in found.group(1, 2)
    )
    width = max(map(len, found.group(1, 2))) if padded else 0
    return [f"{number:0{width}}" for number in numbers]
