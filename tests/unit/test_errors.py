"""Every error against the table of the wire contract, which is written here once more by hand."""

from __future__ import annotations

import json
import re
from typing import Any

import attrs
import pytest

from jido_server import errors
from jido_server.errors import JidoError, Problem
from jido_server.naming import camel_case
from tests.support.strategies import ERRORS, fields

TABLE = """
-32700  parseError              reason
-32600  invalidRequest          reason
-32601  methodNotFound          method
-32602  invalidParams           problems
-32002  serverNotInitialized
-32800  requestCancelled
-32603  internalError           incident
1001    sessionNotFound         sessionId
1002    sessionLimitReached     limit
1003    invalidProjectPath      projectPath reason
1004    sessionInUse            sessionId pid
1005    storageFailed           reason
1101    pathEscapesBoundary     path
1102    pathOutsideBoundary     path
1103    symlinkEscapesBoundary  path
1104    invalidPath             path reason
1105    fileNotFound            path
1106    isDirectory             path
1107    notDirectory            path
1108    permissionDenied        path
1109    notRegularFile          path
1110    fileTooLarge            path size limit
1111    notText                 path
1112    storageFull             path
1113    staleFile               path
1199    fileError               path errno reason
1201    luaError                luaMessage traceback output?
1202    luaTimeout              timeoutMs output? stateLost?
1203    luaMemoryExceeded       limitBytes output? stateLost?
1204    luaCrashed              reason output? stateLost?
1205    luaResultUnsupported    reason output?
1206    sandboxUnavailable      reason
1301    alreadyStreaming        messageId
1302    notStreaming
1303    toolCallNotFound        toolCallId
1401    settingsMalformed       path reason
1402    invalidSettings         problems
1501    unknownTool             name
1502    toolFailed              name error
"""

ROWS = {
    kind: (int(code), fields) for code, kind, *fields in map(str.split, TABLE.split("\n")[1:-1])
}

SAMPLES: dict[Any, Any] = {
    str: "äx y",
    int: 7,
    int | None: None,
    bool: True,
    list[Problem]: [Problem("params.a", "missing"), Problem("params.b", "unknown field")],
    dict[str, Any]: {"code": 1105, "kind": "fileNotFound", "message": "'a' does not exist."},
}


def sample(cls: type[JidoError]) -> JidoError:
    """Return an error with something in every field."""
    return cls(**{field.name: SAMPLES[field.type] for field in fields(cls)})


def test_the_tree_has_no_kind_but_those_of_the_table() -> None:
    assert list(ERRORS) == list(ROWS)


@pytest.mark.parametrize("kind", ROWS)
def test_an_error_has_the_code_and_the_fields_of_the_table(kind: str) -> None:
    code, names = ROWS[kind]
    cls = ERRORS[kind]
    assert cls.code == code
    assert [
        camel_case(field.name) + ("" if field.default is attrs.NOTHING else "?")
        for field in fields(cls)
    ] == names


@pytest.mark.parametrize("kind", ROWS)
def test_the_data_of_an_error_is_json_with_its_kind_and_all_its_fields(kind: str) -> None:
    data = sample(ERRORS[kind]).data
    assert json.loads(json.dumps(data)) == data
    assert data.pop("kind") == kind
    assert list(data) == [field.rstrip("?") for field in ROWS[kind][1]]


@pytest.mark.parametrize("kind", ROWS)
def test_an_error_is_one_sentence_that_a_person_understands(kind: str) -> None:
    sentence = str(sample(ERRORS[kind]))
    assert re.fullmatch(r"[A-Z'][^\n]+", sentence)
    assert "{" not in sentence
    assert "Traceback" not in sentence
    assert kind not in sentence


def test_codes_are_all_different() -> None:
    assert len({cls.code for cls in ERRORS.values()}) == len(ERRORS)


def test_a_field_that_has_its_default_is_left_out() -> None:
    assert errors.LuaTimeout(100).data == {"kind": "luaTimeout", "timeoutMs": 100}
    assert errors.LuaTimeout(100, state_lost=True).data["stateLost"] is True


def test_a_field_without_a_default_is_there_even_if_null() -> None:
    assert errors.SessionInUse("a", None).data == {
        "kind": "sessionInUse",
        "sessionId": "a",
        "pid": None,
    }


def test_problems_are_told_one_by_one_and_all_in_the_sentence() -> None:
    error = errors.InvalidParams(
        [Problem("params.a", "missing"), Problem("params.b", "unknown field")]
    )
    assert str(error) == "Invalid params: params.a: missing; params.b: unknown field."
    assert error.data["problems"] == [
        {"path": "params.a", "message": "missing"},
        {"path": "params.b", "message": "unknown field"},
    ]
    assert str(errors.InvalidSettings(error.problems)).startswith("Invalid settings: params.a: ")


def test_an_error_can_be_caught_by_what_it_concerns() -> None:
    with pytest.raises(errors.PathError, match="is a directory") as caught:
        raise errors.IsDirectory("src")
    assert caught.value.path == "src"
    with pytest.raises(errors.LuaFailure):
        raise errors.LuaCrashed("it was killed")


def test_a_sentence_is_short_however_long_the_data() -> None:
    error = errors.FileNotFound("x" * 5000)
    assert len(str(error)) < 400
    assert error.data["path"] == "x" * 5000
