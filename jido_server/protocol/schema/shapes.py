"""What a value on the wire can look like: a closed union, whatever language it is told in."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, Literal, assert_never, get_args, get_origin

import attrs

from jido_server.protocol.codec import JSON_TYPES, is_union, without_none
from jido_server.protocol.constraints import Length, Range
from jido_server.updates import Update

UPDATE = "Update"
"""How the union of all updates is called."""

WIRE_NAMES = {"SessionInfo": "Session", "StateSnapshot": "State"}
"""Classes that clients know by another name."""


@attrs.frozen
class Simple:
    """A value of one of JSON's types, or of any."""

    name: str


@attrs.frozen
class Limited:
    """A number in a range, or a text of a length."""

    of: Simple
    limit: Range | Length


@attrs.frozen
class Choice:
    """One of some constants."""

    values: tuple[str | int | bool, ...]


@attrs.frozen
class Array:
    """A list."""

    items: Shape


@attrs.frozen
class Map:
    """An object with any keys."""

    values: Shape


@attrs.frozen
class Named:
    """A value of a type that has a name."""

    name: str


@attrs.frozen
class Nullable:
    """A value or null."""

    of: Shape


Shape = Simple | Limited | Choice | Array | Map | Named | Nullable

ANY = Simple("any")
NULL = Simple("null")


def wire_name(cls: type) -> str:
    """Return how clients know a class."""
    return WIRE_NAMES.get(cls.__name__, cls.__name__)


def shape_of(tp: Any) -> Shape:  # noqa: ANN401, PLR0911 - a type form, one for each shape
    """Return the shape of the values of a type that the codec knows.

    Raises:
        TypeError: It is not a type for the wire.
    """
    if tp == Update:
        return Named(UPDATE)
    if attrs.has(tp):
        return Named(wire_name(tp))
    if is_union(tp) and NoneType in get_args(tp):
        return Nullable(shape_of(without_none(tp)))
    args = get_args(tp)
    match get_origin(tp):
        case origin if origin is Literal:
            return Choice(args)
        case origin if origin is Annotated:
            return Limited(_simple(args[0]), args[1])
        case origin if origin is list:
            return Array(shape_of(args[0]))
        case origin if origin is dict:
            return Map(shape_of(args[1]))
        case _:
            return ANY if tp is Any else _simple(tp)


def names_in(shape: Shape) -> Iterator[str]:
    """Yield the names that a shape is made of."""
    match shape:
        case Named(name):
            yield name
        case Array(inner) | Map(inner) | Nullable(inner):
            yield from names_in(inner)
        case Simple() | Limited() | Choice():
            return
        case _:
            assert_never(shape)


def _simple(tp: Any) -> Simple:  # noqa: ANN401 - a type form
    if tp in (list, dict) or tp not in JSON_TYPES:
        raise TypeError(f"{tp} is not a type for the wire")
    return Simple(JSON_TYPES[tp])
