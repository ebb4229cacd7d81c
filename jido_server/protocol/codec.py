"""The one strict converter between wire and values.

Nothing is coerced, nothing unknown is let through, and every problem is named with its path. A
field with a default may be left out; what it may not be is null, unless its type says so. Names
are camelCase outside, and an optional field that is None is not sent.

An empty array is taken for an empty object: Neovim can't tell them apart when it encodes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError, IterableValidationError
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from jido_server.errors import InvalidParams, Problem
from jido_server.naming import camel_case
from jido_server.updates import UPDATES, Update

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

JSON_TYPES: dict[type, str] = {
    NoneType: "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
"""What JSON calls the types that a parser gives."""


def structure(value: object, cls: type[T], path: str = "params") -> T:
    """Return the plain JSON ``value`` as a ``cls``.

    Args:
        value: What the JSON parser gave.
        cls: A class of attrs, or any type that a field may have.
        path: How the value itself is called in the problems.

    Raises:
        InvalidParams: It doesn't fit; every problem is named.
    """
    try:
        return _CONVERTER.structure(value, cls)
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever the hooks and constructors raise
        raise InvalidParams(list(_problems(error, path))) from None


def unstructure(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return ``value`` as plain JSON values."""
    return _CONVERTER.unstructure(value)


def is_optional(field: attrs.Attribute[Any]) -> bool:
    """Whether a field is left out rather than null when it has nothing to say."""
    return field.default is None and field.type is not Any


def without_none(tp: Any) -> Any:  # noqa: ANN401 - a type form
    """Return ``X | None`` as ``X``."""
    rest = tuple(arg for arg in get_args(tp) if arg is not NoneType)
    return rest[0] if len(rest) == 1 else Union[rest]  # noqa: UP007 - made at run time


def is_union(tp: object) -> bool:
    """Whether a type is a union of others."""
    return get_origin(tp) in (Union, UnionType)


def _problems(error: BaseException, path: str) -> Iterator[Problem]:
    match error:
        case ClassValidationError():
            noted, bare = error.group_exceptions()
            for inner, note in noted:
                yield from _problems(inner, f"{path}.{camel_case(note.name)}")
            for inner in bare:
                yield from _problems(inner, path)
        case IterableValidationError():
            for inner, item in error.group_exceptions()[0]:
                key = f".{item.index}" if isinstance(item.index, str) else f"[{item.index}]"
                yield from _problems(inner, path + key)
        case ForbiddenExtraKeysError():
            for name in sorted(error.extra_fields):
                yield Problem(f"{path}.{name}", "unknown field")
        case KeyError():
            yield Problem(path, "missing")
        case _:
            yield Problem(path, str(error))


def _expected(what: str, value: object) -> TypeError:
    return TypeError(f"expected {what}, got {JSON_TYPES.get(type(value), type(value).__name__)}")


def _strict(cls: type, *also: type) -> Hook:
    def hook(value: object, _: object) -> object:
        if type(value) is cls or type(value) in also:
            return value
        raise _expected(JSON_TYPES[cls], value)

    return hook


def _object(value: object, _: object = None) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if value == []:
        return {}
    raise _expected("object", value)


def _literal(tp: Any, _: Converter) -> Hook:  # noqa: ANN401 - a type form
    choices = get_args(tp)
    named = ", ".join(json.dumps(choice) for choice in choices)
    sentence = f"expected one of {named}" if len(choices) > 1 else f"expected {named}"

    def hook(value: object, _: object) -> object:
        if any(type(value) is type(choice) and value == choice for choice in choices):
            return value
        raise ValueError(sentence)

    return hook


def _list(tp: Any, converter: Converter) -> Hook:  # noqa: ANN401 - a type form
    inner = list_structure_factory(tp, converter)

    def hook(value: object, _: object) -> object:
        if type(value) is list:
            return inner(value, tp)
        raise _expected("array", value)

    return hook


def _dict(tp: Any, converter: Converter) -> Hook:  # noqa: ANN401 - a type form
    _, item = get_args(tp)
    if item is Any:
        return _object
    inner = mapping_structure_factory(tp, converter)
    return lambda value, _: inner(_object(value), tp)


def _annotated(tp: Any, converter: Converter) -> Hook:  # noqa: ANN401 - a type form
    base, *constraints = get_args(tp)
    inner = converter.get_structure_hook(base)

    def hook(value: object, _: object) -> object:
        structured = inner(value, base)
        for constraint in constraints:
            if problem := constraint.problem(structured):
                raise ValueError(problem)
        return structured

    return hook


def _nullable(tp: Any, converter: Converter) -> Hook:  # noqa: ANN401 - a type form
    present = without_none(tp)
    inner = converter.get_structure_hook(present)
    return lambda value, _: None if value is None else inner(value, present)


def _attrs_in(cls: type[attrs.AttrsInstance], converter: Converter) -> Hook:
    fields: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(cls)):
        hook: dict[str, Any] = {}
        if is_optional(field):
            present = without_none(field.type)
            inner = converter.get_structure_hook(present)
            hook = {"struct_hook": partial(_structure_as, inner, present)}
        fields[field.name] = override(rename=camel_case(field.name), **hook)
    build = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **fields)
    return lambda value, _: build(_object(value), cls)


def _structure_as(inner: Hook, tp: object, value: object, _: object) -> object:
    return inner(value, tp)


def _attrs_out(cls: type[attrs.AttrsInstance], converter: Converter) -> Callable[[Any], Any]:
    fields: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(cls)):
        plain: dict[str, Any] = {"unstruct_hook": identity} if _is_plain(field.type) else {}
        fields[field.name] = override(
            rename=camel_case(field.name), omit_if_default=is_optional(field), **plain
        )
    return make_dict_unstructure_fn(cls, converter, **fields)


def _update_out(cls: type[attrs.AttrsInstance], converter: Converter) -> Callable[[Any], Any]:
    build = _attrs_out(cls, converter)
    kind = {"kind": cls.kind}  # type: ignore[attr-defined]
    return lambda update: kind | build(update)


def _update_in(value: object, _: object) -> Update:
    fields = dict(_object(value))
    kind = fields.pop("kind", None)
    if type(kind) is not str or kind not in UPDATES:
        raise ValueError(f"unknown kind of update {json.dumps(kind)}")
    return _CONVERTER.structure(fields, UPDATES[kind])


def _is_plain(tp: object) -> bool:
    """Whether values of a type are JSON already, so that nothing needs to walk them."""
    if is_union(tp) or get_origin(tp) is Annotated:
        return all(_is_plain(arg) for arg in get_args(tp) if not hasattr(arg, "problem"))
    if get_origin(tp) in (list, dict):
        return all(_is_plain(arg) for arg in get_args(tp))
    return tp is Any or tp in JSON_TYPES or get_origin(tp) is Literal


def _made_of(origin: object) -> Callable[[Any], bool]:
    return lambda tp: get_origin(tp) is origin


def _make_converter() -> Converter:
    converter = Converter()
    for cls in (str, int, bool, NoneType):
        converter.register_structure_hook(cls, _strict(cls))
    converter.register_structure_hook(float, _strict(float, int))
    converter.register_structure_hook_factory(_made_of(list), _list)
    converter.register_structure_hook_factory(_made_of(dict), _dict)
    converter.register_structure_hook_factory(_made_of(Literal), _literal)
    converter.register_structure_hook_factory(_made_of(Annotated), _annotated)
    converter.register_structure_hook_factory(is_union, _nullable)
    converter.register_structure_hook_func(lambda tp: tp == Update, _update_in)
    converter.register_structure_hook_factory(attrs.has, _attrs_in)
    converter.register_unstructure_hook_factory(attrs.has, _attrs_out)
    converter.register_unstructure_hook_factory(lambda tp: tp in UPDATES.values(), _update_out)
    return converter


_CONVERTER = _make_converter()
