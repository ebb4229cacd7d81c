"""Everything that can be wrong with a value, one thing at a time, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import attrs

from jido_server.naming import camel_case
from jido_server.protocol.codec import is_optional, is_union, without_none
from jido_server.protocol.constraints import Length, Range
from tests.support.strategies import fields

Mutation = tuple[Any, str]
"""A value with one fault, and the path of the fault."""

EVERY_KIND: tuple[Any, ...] = (None, True, 0, 1, 1.0, 2.5, "", "12", "true", ["x"], {"x": 1})
"""A few values of each of JSON's types; no array is empty, as that may stand for an object."""

ACCEPTED: dict[object, tuple[type, ...]] = {
    bool: (bool,),
    int: (int,),
    float: (float, int),
    str: (str,),
    list: (list,),
    dict: (dict,),
}


def mutations(tp: Any, value: Any, path: str) -> Iterator[Mutation]:
    """Yield the JSON ``value`` of a type with every fault that it can have."""
    if is_union(tp):
        if value is not None:
            faults = mutations(without_none(tp), value, path)
            yield from ((bad, at) for bad, at in faults if bad is not None)
    elif tp is not Any:
        yield from ((bad, path) for bad in _wrong(tp))
        yield from _within(tp, value, path)


def _within(tp: Any, value: Any, path: str) -> Iterator[Mutation]:
    if attrs.has(tp):
        yield from _in_object(tp, value, path)
    elif get_origin(tp) is list:
        for index, item in enumerate(value):
            for bad, at in mutations(get_args(tp)[0], item, f"{path}[{index}]"):
                yield [*value[:index], bad, *value[index + 1 :]], at
    elif get_origin(tp) is dict:
        for key, item in value.items():
            for bad, at in mutations(get_args(tp)[1], item, f"{path}.{key}"):
                yield value | {key: bad}, at


def _in_object(cls: Any, value: dict[str, Any], path: str) -> Iterator[Mutation]:
    yield value | {"unheardOf": 1}, f"{path}.unheardOf"
    for field in fields(cls):
        name = camel_case(field.name)
        at = f"{path}.{name}"
        if "_" in field.name.rstrip("_"):
            yield value | {field.name: value.get(name)}, f"{path}.{field.name}"
        if field.default is attrs.NOTHING:
            yield {key: item for key, item in value.items() if key != name}, at
        if is_optional(field):
            yield value | {name: None}, at
        if name in value:
            given = without_none(field.type) if is_optional(field) else field.type
            for bad, where in mutations(given, value[name], at):
                yield value | {name: bad}, where


def _wrong(tp: Any) -> Iterator[Any]:
    """Yield values that are of no such type, or outside of its limits."""
    origin, args = get_origin(tp), get_args(tp)
    if origin is Literal:
        yield from (bad for bad in EVERY_KIND if not any(bad is arg for arg in args))
        return
    if origin is Annotated:
        yield from _wrong(args[0])
        yield from _beyond(args[1])
        return
    accepted = ACCEPTED[origin or (tp if tp in ACCEPTED else dict)]
    yield from (bad for bad in EVERY_KIND if type(bad) not in accepted)


def _beyond(limit: Range | Length) -> Iterator[Any]:
    match limit:
        case Range(minimum, maximum):
            yield minimum - 1
            if maximum is not None:
                yield maximum + 1
        case Length(minimum, maximum):
            yield "x" * (minimum - 1)
            yield "x" * (maximum + 1)
