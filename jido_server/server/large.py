"""Which results take so long to be encoded that the event loop should not do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from types import NoneType
from typing import Any, get_origin

import attrs

LARGE_ITEMS = 2000
"""About 5 ms of encoding."""


def is_large(result: object) -> bool:
    """Whether ``result`` holds a list that is long."""
    return any(len(get(result)) > LARGE_ITEMS for get in _lists_of(type(result)))


_KNOWN: dict[type, tuple[Callable[[Any], list[Any]], ...]] = {}


def _lists_of(cls: type) -> tuple[Callable[[Any], list[Any]], ...]:
    """Return what gets the lists that a result of a class has, or the values right within it."""
    if cls not in _KNOWN:
        _KNOWN[cls] = tuple(attrgetter(path) for path in _paths(cls)) if attrs.has(cls) else ()
    return _KNOWN[cls]


def _paths(cls: type[attrs.AttrsInstance], before: str = "") -> Iterator[str]:
    for field in attrs.fields(attrs.resolve_types(cls)):
        if get_origin(field.type) is list:
            yield before + field.name
        elif field.type is not NoneType and isinstance(field.type, type) and attrs.has(field.type):
            yield from _paths(field.type, f"{before}{field.name}.")
