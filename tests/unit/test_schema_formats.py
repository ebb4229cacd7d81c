"""Every shape that a value can have, as each format writes it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import attrs
import pytest

from jido_server.protocol.constraints import Length, Range
from jido_server.protocol.schema import json_schema, luacats, markdown, typescript
from jido_server.protocol.schema.contract import Contract, Definition, Field, Method
from jido_server.protocol.schema.docstring import read_doc
from jido_server.protocol.schema.shapes import names_in, shape_of
from jido_server.updates import Update


@attrs.frozen
class Thing:
    """A thing of ``any`` kind,
    told on two lines.

    And in a second paragraph.

    Attributes:
        name: How it is called,
            at some length.
        size: How large: in ``pixels``.
    """

    name: str
    size: int


SHAPES: list[tuple[Any, dict[str, Any], str, str, str]] = [
    (str, {"type": "string"}, "string", "string", "string"),
    (int, {"type": "integer"}, "number", "integer", "integer"),
    (float, {"type": "number"}, "number", "number", "number"),
    (bool, {"type": "boolean"}, "boolean", "boolean", "boolean"),
    (Any, {}, "unknown", "any", "any"),
    (Literal[True], {"const": True}, "true", "true", "`true`"),
    (Literal["a", "b"], {"enum": ["a", "b"]}, '"a" | "b"', '"a"|"b"', '`"a"` \\| `"b"`'),
    (Thing, {"$ref": "#/$defs/Thing"}, "Thing", "jido.Thing", "[Thing](#thing)"),
    (Update, {"$ref": "#/$defs/Update"}, "Update", "jido.Update", "[Update](#update)"),
    (
        dict[str, Any],
        {"type": "object"},
        "{ [key: string]: unknown }",
        "table<string, any>",
        "object",
    ),
    (
        dict[str, int],
        {"type": "object", "additionalProperties": {"type": "integer"}},
        "{ [key: string]: number }",
        "table<string, integer>",
        "object of integer",
    ),
    (
        list[list[str]],
        {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        "string[][]",
        "string[][]",
        "string[][]",
    ),
    (
        list[Literal["a", "b"]],
        {"type": "array", "items": {"enum": ["a", "b"]}},
        '("a" | "b")[]',
        '("a"|"b")[]',
        '(`"a"` \\| `"b"`)[]',
    ),
    (
        list[str | None],
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "(string | null)[]",
        "(string|jido.null)[]",
        "(string \\| null)[]",
    ),
    (
        Annotated[int, Range(2)],
        {"type": "integer", "minimum": 2},
        "number",
        "integer",
        "integer ≥ 2",
    ),
    (
        Annotated[int, Range(2, 5)],
        {"type": "integer", "minimum": 2, "maximum": 5},
        "number",
        "integer",
        "integer, 2 to 5",
    ),
    (
        Annotated[str, Length(2, 5)],
        {"type": "string", "minLength": 2, "maxLength": 5},
        "string",
        "string",
        "string, 2 to 5 characters",
    ),
]


def contract(*fields: Field, doc: str = "One.", closed: bool = False) -> Contract:
    thing = Definition("Thing", "", (), closed=False)
    one = Definition("One", doc, fields, closed=closed)
    tell = Method("jido/x/tell", "Tell | or not.", shape_of(One))
    return Contract(1, (), (tell,), (), {"One": one, "Thing": thing}, (), ())


@attrs.frozen
class One:
    pass


@pytest.mark.parametrize(("tp", "schema", "ts", "lua", "page"), SHAPES)
def test_a_shape_is_written_in_every_format(
    tp: Any, schema: dict[str, Any], ts: str, lua: str, page: str
) -> None:
    one = contract(Field("some", shape_of(tp), required=True))
    assert json.loads(json_schema.emit(one))["$defs"]["One"]["properties"]["some"] == schema
    assert f"\n  some: {ts};\n" in typescript.emit(one)
    assert f"\n---@field some {lua}\n" in luacats.emit(one)
    assert f"\n| `some` | {page} |  |" in markdown.emit(one)


def test_a_field_that_may_be_left_out_is_marked_and_says_its_default() -> None:
    one = contract(Field("some", shape_of(bool), required=False, default=False, doc="Why."))
    schema = json.loads(json_schema.emit(one))["$defs"]["One"]
    assert schema["required"] == []
    assert schema["properties"]["some"]["default"] is False
    assert "\n  /** Why. */\n  some?: boolean;\n" in typescript.emit(one)
    assert "\n---@field some? boolean Why.\n" in luacats.emit(one)
    assert "\n| `some?` | boolean | Why. Default: `false`. |" in markdown.emit(one)


def test_a_closed_object_without_fields_allows_none() -> None:
    one = contract(closed=True)
    assert json.loads(json_schema.emit(one))["$defs"]["One"]["additionalProperties"] is False
    assert "export type One = { [key: string]: never };" in typescript.emit(one)
    assert "---@class (exact) jido.One\n" in luacats.emit(one)
    assert "\nParams: none\n" in markdown.emit(one)


def test_a_long_text_does_not_break_what_it_is_written_in() -> None:
    text = "First **/*.py line.\nSecond | line."
    one = contract(Field("some", shape_of(str), required=True, doc=text), doc=text)
    comment = " * First **\\/*.py line.\n * Second | line.\n */\nexport interface One"
    assert comment in typescript.emit(one)
    assert "---First **/*.py line.\n---Second | line.\n---@class jido.One\n" in luacats.emit(one)
    assert "---@field some string First **/*.py line. Second | line.\n" in luacats.emit(one)
    assert "| `some` | string | First **/*.py line. Second \\| line. |" in markdown.emit(one)


def test_a_docstring_is_read_in_parts() -> None:
    doc = read_doc(Thing)
    assert doc.text == "A thing of `any` kind, told on two lines.\nAnd in a second paragraph."
    assert doc.attributes == {
        "name": "How it is called, at some length.",
        "size": "How large: in `pixels`.",
    }


def test_a_class_without_a_docstring_says_nothing() -> None:
    assert read_doc(One).text == ""
    assert read_doc(One).attributes == {}


def test_names_are_found_wherever_they_stand() -> None:
    assert set(names_in(shape_of(dict[str, list[Thing | None]]))) == {"Thing"}
    assert set(names_in(shape_of(list[int]))) == set()
