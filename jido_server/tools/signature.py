"""A tool is a typed function: its name, its types and its docstring are all there is to know.

From them comes the JSON Schema that a model is shown, and by the same types the codec checks what
the model gives. Arguments are called as the function calls them, in snake_case: it is a model that
writes them, not a client.
"""

from __future__ import annotations

import inspect
from asyncio import Future
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from jido_server.errors import InvalidParams, Problem
from jido_server.protocol import codec
from jido_server.protocol.schema.contract import Definition as ObjectDefinition
from jido_server.protocol.schema.contract import Field, given_definitions
from jido_server.protocol.schema.docstring import read_doc
from jido_server.protocol.schema.json_schema import object_schema
from jido_server.protocol.schema.shapes import shape_of
from jido_server.tools.place import Place

ARGUMENTS = "params.arguments"
"""How problems call what a tool is given."""

ToolFunction = Callable[..., "Future[Any] | Any"]
"""Takes a place and its arguments; never awaits, so calls take effect in the order sent."""


@attrs.frozen
class Argument:
    """One argument of a tool.

    Attributes:
        name: In snake_case.
        type: What the codec makes of it.
        default: What it is where it is left out; ``attrs.NOTHING`` if it may not be.
        doc: What a model is told of it.
    """

    name: str
    type: Any
    default: Any
    doc: str

    @property
    def is_required(self) -> bool:
        """Whether it must be given."""
        return self.default is attrs.NOTHING


@attrs.frozen
class Tool:
    """A function that a model can call.

    Attributes:
        name: How it is called.
        description: What a model is told of it.
        arguments: What it takes, besides the place where it works.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...]
    _function: ToolFunction

    @classmethod
    def of(cls, function: ToolFunction) -> Tool:
        """Return a function as a tool."""
        doc = read_doc(function, "Args")
        _, *parameters = inspect.signature(function, eval_str=True).parameters.values()
        arguments = tuple(
            Argument(
                name=parameter.name,
                type=codec.without_none(parameter.annotation)
                if parameter.default is None  # then it may be left out, and is never null
                else parameter.annotation,
                default=attrs.NOTHING
                if parameter.default is parameter.empty
                else parameter.default,
                doc=doc.attributes[parameter.name],
            )
            for parameter in parameters
        )
        return cls(function.__name__, doc.text, arguments, function)

    @property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments, whole in itself."""
        types = [argument.type for argument in self.arguments]
        schema = object_schema(
            ObjectDefinition("", "", tuple(map(_field, self.arguments)), closed=True)
        )
        named = {one.name: object_schema(one) for one in given_definitions(types)}
        return schema | ({"$defs": named} if named else {})

    def check(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments as the function takes them.

        Raises:
            InvalidParams: They don't fit; every problem is named.
        """
        problems = list(self._unknown(given))
        values: dict[str, Any] = {}
        for argument in self.arguments:
            path = f"{ARGUMENTS}.{argument.name}"
            if argument.name in given:
                try:
                    values[argument.name] = codec.structure(
                        given[argument.name], argument.type, path
                    )
                except InvalidParams as error:
                    problems += error.problems
            elif argument.is_required:
                problems.append(Problem(path, "missing"))
        if problems:
            raise InvalidParams(problems)
        return values

    def begin(self, place: Place, arguments: dict[str, Any]) -> Future[Any] | Any:  # noqa: ANN401 - its own result
        """Do it, or begin to, with arguments that were checked."""
        return self._function(place, **arguments)

    def _unknown(self, given: dict[str, Any]) -> Iterator[Problem]:
        known = {argument.name for argument in self.arguments}
        for name in sorted(given.keys() - known):
            yield Problem(f"{ARGUMENTS}.{name}", "unknown field")


def _field(argument: Argument) -> Field:
    return Field(
        name=argument.name,
        shape=shape_of(argument.type),
        required=argument.is_required,
        default=None if argument.is_required else codec.unstructure(argument.default),
        doc=argument.doc,
    )
