"""How a language writes down the shape of a value on one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import assert_never

import attrs

from jido_server.protocol.constraints import Length, Range
from jido_server.protocol.schema import shapes as s


def _without_limit(text: str, _: Range | Length) -> str:
    return text


@attrs.frozen(kw_only=True)
class Notation:
    """The words of a language.

    Attributes:
        simple: What JSON's types are called where the language calls them otherwise.
        named: Turns a name of the contract into one of the language.
        mapping: Turns the type of an object's values into that of the object.
        union: What stands between alternatives.
        constant: Turns a constant, written as JSON, into its type.
        limited: Says the limit of a type, in languages that can.
    """

    simple: dict[str, str]
    named: Callable[[str], str]
    mapping: Callable[[str], str]
    union: str
    constant: Callable[[str], str] = str
    limited: Callable[[str, Range | Length], str] = _without_limit

    def write(self, shape: s.Shape) -> str:  # noqa: PLR0911 - one for each shape
        """Return the type of values of a shape."""
        match shape:
            case s.Simple(name):
                return self.simple.get(name, name)
            case s.Limited(of, limit):
                return self.limited(self.write(of), limit)
            case s.Choice(values):
                return self.union.join(self.constant(json.dumps(value)) for value in values)
            case s.Array(s.Nullable() | s.Choice((_, _, *_)) as items):
                return f"({self.write(items)})[]"
            case s.Array(items):
                return f"{self.write(items)}[]"
            case s.Map(values):
                return self.mapping(self.write(values))
            case s.Named(name):
                return self.named(name)
            case s.Nullable(of):
                return self.union.join((self.write(of), self.write(s.NULL)))
            case _:
                assert_never(shape)
