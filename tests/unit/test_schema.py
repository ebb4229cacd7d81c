"""The contract in every format, as the registry has it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from types import NoneType
from typing import Annotated, Any, get_args

import attrs
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jido_server.protocol import registry
from jido_server.protocol.method import Request
from jido_server.protocol.registry import NOTIFICATIONS, REQUESTS, TOLD
from jido_server.protocol.schema.contract import read_contract
from jido_server.protocol.schema.emitters import Format, emit
from jido_server.protocol.schema.shapes import shape_of
from jido_server.updates import UPDATES
from tests.support.strategies import ERRORS, types, values

SCHEMA: dict[str, Any] = json.loads(emit("json"))
DEFS: dict[str, dict[str, Any]] = SCHEMA["$defs"]

FORMATS: tuple[Format, ...] = get_args(Format)


def references(schema: Any) -> set[str]:
    """Return every definition that a schema refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"].removeprefix("#/$defs/")} if "$ref" in schema else set()
        return own.union(*map(references, schema.values()))
    return set().union(*map(references, schema)) if isinstance(schema, list) else set()


# JSON Schema


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_reference_of_the_schema_leads_to_a_definition() -> None:
    assert references(SCHEMA) <= set(DEFS)


def test_every_method_is_in_the_schema_with_its_params_and_its_result() -> None:
    assert list(DEFS["Requests"]["properties"]) == list(REQUESTS)
    assert list(DEFS["Notifications"]["properties"]) == list(NOTIFICATIONS)
    assert list(DEFS["ServerNotifications"]["properties"]) == list(TOLD)
    opened = DEFS["Requests"]["properties"]["jido/session/open"]
    assert opened["description"] == REQUESTS["jido/session/open"].doc
    assert opened["properties"] == {
        "params": {"$ref": "#/$defs/OpenParams"},
        "result": {"$ref": "#/$defs/SessionStateResult"},
    }
    closed = DEFS["Requests"]["properties"]["jido/session/close"]
    assert closed["properties"]["result"] == {"type": "null"}


def test_params_are_closed_and_what_the_server_says_is_open() -> None:
    assert DEFS["OpenParams"]["additionalProperties"] is False
    assert DEFS["MessageInput"]["additionalProperties"] is False
    for name in ("SessionStateResult", "Session", "State", "Record", "SessionNotFoundData"):
        assert "additionalProperties" not in DEFS[name]


def test_optional_nullable_and_limited_fields_are_told_apart() -> None:
    params = DEFS["OpenParams"]
    assert params["required"] == ["projectPath"]
    name = {key: params["properties"]["name"][key] for key in ("type", "minLength", "maxLength")}
    assert name == {"type": "string", "minLength": 1, "maxLength": 50}
    state = DEFS["State"]
    assert "streamingMessage" in state["required"]
    assert state["properties"]["streamingMessage"]["anyOf"] == [
        {"type": "string"},
        {"type": "null"},
    ]


def test_what_has_a_default_is_optional_in_params_and_there_in_results() -> None:
    assert DEFS["ReadFileParams"]["required"] == ["sessionId", "path"]
    assert DEFS["ReadFileParams"]["properties"]["encoding"]["default"] == "utf-8"
    assert "encoding" in DEFS["ReadFileResult"]["required"]


def test_docstrings_are_descriptions() -> None:
    assert DEFS["ReadFileResult"]["description"] == "What a file holds."
    truncated = DEFS["ReadFileResult"]["properties"]["truncated"]
    assert truncated["description"] == "Whether something of the file is not in `content`."


def test_an_update_is_known_by_its_kind() -> None:
    assert [one["$ref"].removeprefix("#/$defs/") for one in DEFS["Update"]["oneOf"]] == [
        cls.__name__ for cls in UPDATES.values()
    ]
    for kind, cls in UPDATES.items():
        assert DEFS[cls.__name__]["properties"]["kind"] == {"const": kind}
        assert "kind" in DEFS[cls.__name__]["required"]


@pytest.mark.parametrize("kind", ERRORS)
@given(data=st.data())
@settings(max_examples=20, deadline=None, database=None)
def test_every_error_fits_the_schema(kind: str, data: st.DataObject) -> None:
    cls = ERRORS[kind]
    error = cls(**{name: data.draw(values(of)) for name, of in types(cls).items()})
    schema = {"$defs": DEFS, **DEFS["Errors"]["properties"][kind]}
    answer = {"code": cls.code, "message": "A sentence.", "data": error.data}
    jsonschema.Draft202012Validator(schema).validate(answer)


# The others


def test_typescript_defines_every_name_that_it_uses() -> None:
    text = emit("typescript")
    defined = set(re.findall(r"^export (?:interface|type) (\w+)", text, re.MULTILINE))
    code = re.sub(r'/\*\*.*?\*/|"[^"]*"|//[^\n]*', "", text, flags=re.DOTALL)
    assert set(re.findall(r"\b[A-Z]\w+", code)) - {"PROTOCOL_VERSION"} == defined
    assert {"Session", "State", "Update", "Requests", "ErrorKind"} <= defined


def test_typescript_maps_every_method_to_its_types() -> None:
    text = emit("typescript")
    for name in (*REQUESTS, *NOTIFICATIONS, *TOLD):
        assert text.count(f'\n  "{name}": {{ params: ') == 1
    for kind, cls in ERRORS.items():
        assert f"\n  {kind}: {{ code: {cls.code}; data: {cls.__name__}Data }};\n" in text


LUA_LINES = re.compile(
    r"|---@meta|-- .*|---(?! *@)[^|].*"
    r"|---@class (\(exact\) )?jido\.\w+"
    r'|---@field (\w+\??|\["[\w/]+"\]) .+'
    r"|---@alias jido\.\w+( userdata)?"
    r'|---\| (jido\.\w+|"\w+") # .+'
)


def test_lua_has_nothing_but_annotations_and_defines_what_it_uses() -> None:
    text = emit("lua")
    assert [line for line in text.splitlines() if not LUA_LINES.fullmatch(line)] == []
    defined = re.findall(r"^---@(?:class(?: \(exact\))?|alias) jido\.(\w+)", text, re.MULTILINE)
    assert len(set(defined)) == len(defined)
    assert set(re.findall(r"\bjido\.(\w+)", text)) == set(defined)


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    text = emit("markdown")
    headings = {line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= headings


def test_the_page_has_every_method_update_and_error() -> None:
    text = emit("markdown")
    for name in (*REQUESTS, *NOTIFICATIONS, *TOLD):
        assert text.count(f"\n#### `{name}`\n") == 1
    for kind in UPDATES:
        assert text.count(f'\n| `"{kind}"` |') == 1
    for kind, cls in ERRORS.items():
        assert text.count(f"\n| {cls.code} | `{kind}` |") == 1


@pytest.mark.parametrize("to", FORMATS)
def test_a_format_is_the_same_text_in_every_process(to: Format) -> None:
    code = f"from jido_server.protocol.schema.emitters import emit; print(emit({to!r}), end='')"
    text = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert text == emit(to)
    assert text.endswith("\n")


@attrs.frozen
class WithFactory:
    names: list[str] = attrs.field(factory=lambda: ["a"])


def test_a_default_that_is_made_anew_each_time_is_told_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = Request("jido/x/y", WithFactory, NoneType, "A default made by a factory.")
    monkeypatch.setitem(registry.REQUESTS, request.name, request)
    (names,) = read_contract().definitions["WithFactory"].fields
    assert (names.required, names.default) == (False, ["a"])


# What can't be told


@attrs.frozen
class Record:
    """It has the name of another class on the wire."""


def test_two_classes_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clash = Request("jido/x/clash", Record, NoneType, "Two classes of one name.")
    monkeypatch.setitem(registry.REQUESTS, clash.name, clash)
    with pytest.raises(TypeError, match="two classes are called Record on the wire"):
        read_contract()


@pytest.mark.parametrize("tp", [bytes, list, dict, int | str, tuple[int, ...], Annotated[bytes, 1]])
def test_a_type_that_the_codec_does_not_know_is_refused(tp: Any) -> None:
    with pytest.raises(TypeError, match="is not a type for the wire"):
        shape_of(tp)
