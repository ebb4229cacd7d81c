"""Hypothesis strategies for the values of any type that the wire has, made from the type alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import attrs
from hypothesis import strategies as st

from jido_server import errors
from jido_server.errors import JidoError
from jido_server.protocol.codec import is_union
from jido_server.protocol.constraints import Length, Range
from jido_server.protocol.registry import NOTIFICATIONS, REQUESTS, TOLD

TEXTS = st.text(max_size=8)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)

SIMPLE: dict[object, st.SearchStrategy[Any]] = {
    Any: JSON,
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    str: TEXTS,
}

PARAMS: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(request.params for request in REQUESTS.values()),
        *(notification.params for notification in NOTIFICATIONS.values()),
    )
}
"""Every class that a client sends, by its name."""

ERRORS: dict[str, type[JidoError]] = {
    cls.kind: cls
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, JidoError) and vars(cls).get("kind")
}
"""Every class of errors that has a kind, by it."""


def wire_types() -> dict[str, Any]:
    """Return every class of attrs that the wire has, by its name."""
    roots = (
        *PARAMS.values(),
        *(request.result for request in REQUESTS.values()),
        *(notification.params for notification in TOLD.values()),
    )
    found: dict[str, Any] = {}
    for root in roots:
        _find(root, found)
    return found


def _find(tp: Any, found: dict[str, Any]) -> None:
    if not isinstance(tp, type) or not attrs.has(tp):
        inner = get_args(tp)
    elif tp.__name__ in found:
        inner = ()
    else:
        found[tp.__name__] = tp
        inner = tuple(field.type for field in fields(tp))
    for one in inner:
        _find(one, found)


def fields(cls: Any) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of a class, their types resolved."""
    found: tuple[attrs.Attribute[Any], ...] = attrs.fields(attrs.resolve_types(cls))
    return found


def types(cls: Any) -> dict[str, Any]:
    """Return the type of every field of a class."""
    return {field.name: field.type for field in fields(cls)}


@functools.cache
def values(tp: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for every value that a type allows."""
    if tp in SIMPLE:
        return SIMPLE[tp]
    if attrs.has(tp):
        return st.builds(tp, **{name: values(of) for name, of in types(tp).items()})
    args = get_args(tp)
    if is_union(tp):
        return st.one_of([values(arg) for arg in args])
    make: dict[object, Callable[[], st.SearchStrategy[Any]]] = {
        Literal: lambda: st.sampled_from(args),
        list: lambda: st.lists(values(args[0]), max_size=3),
        dict: lambda: st.dictionaries(TEXTS, values(args[1]), max_size=3),
        Annotated: lambda: _limited(args[1]),
    }
    return make[get_origin(tp)]()


def _limited(limit: Range | Length) -> st.SearchStrategy[Any]:
    match limit:
        case Range(minimum, maximum):
            return st.integers(minimum, maximum)
        case Length(minimum, maximum):
            return st.text(min_size=minimum, max_size=maximum)
