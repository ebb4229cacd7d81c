"""The whole contract as data: the registry and the types that it leads to, walked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

import attrs

from jido_server import errors
from jido_server.errors import JidoError
from jido_server.naming import camel_case
from jido_server.protocol.codec import is_optional, unstructure, without_none
from jido_server.protocol.method import Notification, Request
from jido_server.protocol.registry import NOTIFICATIONS, PROTOCOL_VERSION, REQUESTS, TOLD
from jido_server.protocol.schema.docstring import read_doc
from jido_server.protocol.schema.shapes import Choice, Shape, shape_of, wire_name
from jido_server.updates import UPDATES


@attrs.frozen
class Field:
    """A field of an object.

    Attributes:
        name: On the wire.
        shape: What it holds where it is there.
        required: Whether it is always there.
        default: What it is taken for where it is left out; None if that is nothing.
        doc: What is said of it.
    """

    name: str
    shape: Shape
    required: bool
    default: Any = None
    doc: str = ""


@attrs.frozen
class Definition:
    """An object with a name.

    Attributes:
        name: On the wire.
        doc: What is said of it.
        fields: In the order of the class.
        closed: Whether unknown fields are refused.
    """

    name: str
    doc: str
    fields: tuple[Field, ...]
    closed: bool


@attrs.frozen
class Method:
    """A request, or a notification, which has no result."""

    name: str
    doc: str
    params: Shape
    result: Shape | None = None


@attrs.frozen
class Error:
    """A kind of error.

    Attributes:
        kind: How clients know it.
        code: Its code.
        doc: When it is raised.
        data: The name of the definition of its data.
    """

    kind: str
    code: int
    doc: str
    data: str


@attrs.frozen
class Contract:
    """All that is said on the wire.

    Attributes:
        version: Of the protocol.
        requests: What a client can ask.
        notifications: What a client can tell.
        told: What the server tells.
        definitions: Every object with a name, by that name, sorted.
        updates: The names of those that are updates.
        errors: Every kind of error.
    """

    version: int
    requests: tuple[Method, ...]
    notifications: tuple[Method, ...]
    told: tuple[Method, ...]
    definitions: dict[str, Definition]
    updates: tuple[str, ...]
    errors: tuple[Error, ...]


def read_contract() -> Contract:
    """Walk the registry.

    Raises:
        TypeError: Two classes have one name on the wire, or a type is none for the wire.
    """
    failures = [cls for cls in vars(errors).values() if _is_kind(cls)]
    definitions = [*_definitions(), *map(_error_data, failures)]
    return Contract(
        version=PROTOCOL_VERSION,
        requests=tuple(map(_method, REQUESTS.values())),
        notifications=tuple(map(_method, NOTIFICATIONS.values())),
        told=tuple(map(_method, TOLD.values())),
        definitions={one.name: one for one in sorted(definitions, key=lambda one: one.name)},
        updates=tuple(wire_name(cls) for cls in UPDATES.values()),
        errors=tuple(
            Error(cls.kind, cls.code, read_doc(cls).text, _data_name(cls)) for cls in failures
        ),
    )


def given_definitions(types: Iterable[Any]) -> Iterator[Definition]:
    """Yield every class that these types lead to, as something that is given, not told."""
    for cls in dict.fromkeys(_classes(types)):
        yield _definition(cls, closed=True)


def _method(method: Request[Any, Any] | Notification[Any]) -> Method:
    result = shape_of(method.result) if isinstance(method, Request) else None
    return Method(method.name, method.doc, shape_of(method.params), result)


def _definitions() -> Iterator[Definition]:
    """Yield every class that the registry leads to; what a client sends is closed."""
    asked = [
        *(request.params for request in REQUESTS.values()),
        *(notification.params for notification in NOTIFICATIONS.values()),
    ]
    answered = [method.result for method in REQUESTS.values()]
    told = [method.params for method in TOLD.values()]
    sent = set(_classes(asked))
    names: dict[str, type] = {}
    for cls in dict.fromkeys(_classes([*asked, *answered, *told, errors.Problem])):
        if names.setdefault(wire_name(cls), cls) is not cls:
            raise TypeError(f"two classes are called {wire_name(cls)} on the wire")
        yield _definition(cls, closed=cls in sent)


def _classes(types: Iterable[Any]) -> Iterator[type[attrs.AttrsInstance]]:
    for tp in types:
        if isinstance(tp, type) and attrs.has(tp):
            yield tp
            yield from _classes(field.type for field in _attributes(tp))
        else:
            yield from _classes(get_args(tp))


def _attributes(cls: type[attrs.AttrsInstance]) -> tuple[attrs.Attribute[Any], ...]:
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(attrs.resolve_types(cls))
    return fields


def _definition(cls: type[attrs.AttrsInstance], *, closed: bool) -> Definition:
    doc = read_doc(cls)
    kind = [_constant("kind", cls.kind)] if cls in UPDATES.values() else []  # type: ignore[attr-defined]
    fields = [
        _field(attribute, doc.attributes.get(attribute.name, ""), given=closed)
        for attribute in _attributes(cls)
    ]
    return Definition(wire_name(cls), doc.text, (*kind, *fields), closed)


def _field(attribute: attrs.Attribute[Any], doc: str, *, given: bool) -> Field:
    """Return a field as the codec treats it.

    Args:
        attribute: The field of the class.
        doc: What is said of it.
        given: Whether clients give it, and so may leave out whatever has a default.
    """
    absent = is_optional(attribute)
    return Field(
        name=camel_case(attribute.name),
        shape=shape_of(without_none(attribute.type) if absent else attribute.type),
        required=attribute.default is attrs.NOTHING if given else not absent,
        default=_default(attribute) if given else None,
        doc=doc,
    )


def _default(attribute: attrs.Attribute[Any]) -> Any:  # noqa: ANN401 - whatever it is
    match attribute.default:
        case attrs.NOTHING:
            return None
        case attrs.Factory(factory=make):  # type: ignore[misc]
            return unstructure(make())
        case value:
            return unstructure(value)


def _is_kind(value: object) -> bool:
    return (
        isinstance(value, type) and issubclass(value, JidoError) and bool(vars(value).get("kind"))
    )


def _data_name(cls: type[JidoError]) -> str:
    return f"{cls.__name__}Data"


def _error_data(cls: type[JidoError]) -> Definition:
    """Return the data of an error, which leaves out every field that still has its default."""
    doc = read_doc(cls)
    fields = (
        Field(
            name=camel_case(attribute.name),
            shape=shape_of(attribute.type),
            required=attribute.default is attrs.NOTHING,
            doc=doc.attributes.get(attribute.name, ""),
        )
        for attribute in _attributes(cls)
    )
    return Definition(
        _data_name(cls), doc.text, (_constant("kind", cls.kind), *fields), closed=False
    )


def _constant(name: str, value: str) -> Field:
    return Field(name, Choice((value,)), required=True)
