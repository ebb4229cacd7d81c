"""Every method, with everything that can be wrong with its params."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jido_server.protocol.registry import REQUESTS
from tests.support.wire import Wire, server

pytestmark = pytest.mark.process

NOBODY = "00000000-0000-4000-8000-000000000000"
SESSION = "SESSION"
PROJECT = "PROJECT"

# Params that fit, by method; SESSION and PROJECT stand for an open session and its root.
VALID: dict[str, dict[str, Any]] = {
    "jido/session/open": {"projectPath": PROJECT, "name": "a name", "messageLimit": 1},
    "jido/session/list": {},
    "jido/session/get": {"sessionId": SESSION},
    "jido/session/rename": {"sessionId": SESSION, "name": "another"},
    "jido/session/restart": {"sessionId": SESSION, "messageLimit": 1},
    "jido/session/close": {"sessionId": SESSION},
    "jido/session/saved": {"projectPath": PROJECT},
    "jido/session/resume": {"sessionId": SESSION, "messageLimit": 1},
    "jido/session/delete": {"sessionId": SESSION},
    "jido/session/updates": {"sessionId": SESSION, "afterSeq": 0, "limit": 1},
    "jido/session/export": {"sessionId": SESSION, "format": "json"},
    "jido/manager/projectRoot": {"sessionId": SESSION},
    "jido/manager/validatePath": {"sessionId": SESSION, "path": "a"},
    "jido/manager/readFile": {
        "sessionId": SESSION,
        "path": "README.md",
        "offset": 1,
        "limit": 1,
        "encoding": "utf-8",
    },
    "jido/manager/writeFile": {
        "sessionId": SESSION,
        "path": "a",
        "content": "YQ==",
        "encoding": "base64",
    },
    "jido/manager/listDir": {"sessionId": SESSION, "path": "."},
    "jido/manager/runLua": {"sessionId": SESSION, "script": "return 1", "timeoutMs": 1000},
    "jido/manager/stat": {"sessionId": SESSION, "path": "README.md"},
    "jido/manager/makeDir": {"sessionId": SESSION, "path": "made"},
    "jido/manager/delete": {"sessionId": SESSION, "path": "a", "recursive": True},
    "jido/manager/glob": {
        "sessionId": SESSION,
        "pattern": "*",
        "path": ".",
        "includeIgnored": True,
    },
    "jido/state/get": {"sessionId": SESSION, "messageLimit": 0},
    "jido/state/getMessages": {"sessionId": SESSION, "offset": 0, "limit": 1},
    "jido/state/getReasoningSteps": {"sessionId": SESSION},
    "jido/state/getToolCalls": {"sessionId": SESSION},
    "jido/state/getTodos": {"sessionId": SESSION},
    "jido/state/appendMessage": {
        "sessionId": SESSION,
        "message": {"role": "user", "content": "c", "id": "i", "timestamp": "t"},
    },
    "jido/state/clearMessages": {"sessionId": SESSION},
    "jido/state/startStreaming": {"sessionId": SESSION, "messageId": "m"},
    "jido/state/endStreaming": {"sessionId": SESSION},
    "jido/state/setScrollOffset": {"sessionId": SESSION, "offset": 0},
    "jido/state/updateTodos": {
        "sessionId": SESSION,
        "todos": [{"id": "t", "content": "c", "status": "pending"}],
    },
    "jido/state/addReasoningStep": {
        "sessionId": SESSION,
        "step": {"id": "s", "content": "c", "timestamp": "t"},
    },
    "jido/state/clearReasoningSteps": {"sessionId": SESSION},
    "jido/state/addToolCall": {
        "sessionId": SESSION,
        "toolCall": {
            "id": "c",
            "name": "n",
            "arguments": {},
            "status": "running",
            "timestamp": "t",
        },
    },
    "jido/state/updateToolCall": {"sessionId": SESSION, "toolCallId": "c", "status": "running"},
    "jido/settings/load": {"sessionId": SESSION},
    "jido/settings/localPath": {"sessionId": SESSION},
    "jido/settings/save": {"sessionId": SESSION, "settings": {}},
    "jido/settings/set": {"sessionId": SESSION, "key": "model", "value": "m"},
    "jido/tools/list": {},
    "jido/tools/call": {
        "name": "read_file",
        "arguments": {"path": "README.md"},
        "sessionId": SESSION,
        "projectRoot": PROJECT,
    },
    "jido/tools/projectRoot": {"sessionId": SESSION},
    "jido/tools/validatePath": {"sessionId": SESSION, "path": "a"},
    "jido/tools/readFile": {"sessionId": SESSION, "path": "README.md", "limit": 1},
    "jido/tools/writeFile": {"sessionId": SESSION, "path": "a", "content": "b"},
    "jido/tools/listDir": {"sessionId": SESSION, "path": "."},
    "jido/tools/runLua": {"sessionId": SESSION, "script": "return 1", "timeoutMs": 1000},
}
OPTIONAL = {
    "params.name",
    "params.timeoutMs",
    "params.messageLimit",
    "params.encoding",
    "params.recursive",
    "params.includeIgnored",
    "params.message.id",
    "params.message.timestamp",
    "params.step.id",
    "params.step.timestamp",
    "params.toolCall.id",
    "params.toolCall.status",
    "params.toolCall.timestamp",
    "params.todos[0].id",
}
OPTIONAL_OF = {
    "jido/manager/readFile": {"params.offset", "params.limit"},
    "jido/manager/listDir": {"params.path"},
    "jido/manager/glob": {"params.path"},
    "jido/state/getMessages": {"params.offset", "params.limit"},
    "jido/session/saved": {"params.projectPath"},
    "jido/session/updates": {"params.limit"},
    "jido/tools/call": {"params.projectRoot"},
    "jido/tools/readFile": {"params.limit"},
    "jido/tools/listDir": {"params.path"},
}
OF_WHAT_IS_STORED = {
    "jido/session/resume",
    "jido/session/delete",
    "jido/session/updates",
    "jido/session/export",
}
ANY_VALUE = {"params.value"}
ONE_OF_TWO = {
    "jido/settings/load",
    "jido/settings/localPath",
    "jido/settings/save",
    "jido/settings/set",
}


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with server(tmp_path_factory.mktemp("server")) as wire:
        wire.initialize()
        yield wire


@pytest.fixture
def session(wire: Wire, project: Path) -> Iterator[str]:
    session = wire.open(project)
    yield session
    wire.answer(wire.ask("jido/session/close", {"sessionId": session}))


def filled(value: Any, session: str, project: Path) -> Any:
    """Return valid params with a real session and project in them."""
    text = json.dumps(value)
    return json.loads(text.replace(SESSION, session).replace(PROJECT, str(project)))


def places(value: Any, path: str = "params") -> Iterator[tuple[str, Any, Any]]:
    """Go through all fields: their path, what holds them, and under which key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}", value, key
            yield from places(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, f"{path}[{index}]")


def problem_paths(wire: Wire, method: str, params: Any) -> set[str]:
    error = wire.error(method, params)
    assert (error["code"], error["data"]["kind"]) == (-32602, "invalidParams")
    assert "Traceback" not in error["message"]
    return {problem["path"] for problem in error["data"]["problems"]}


def test_the_table_has_every_method() -> None:
    assert set(VALID) == set(REQUESTS)


def fields(method: str) -> list[str]:
    """Return the paths of all fields of the params of a method."""
    return [path for path, _, _ in places(VALID[method])]


FIELDS = [(method, path) for method in VALID for path in fields(method)]
WRONG = (None, 3.5, ["x"], {"x": 1})


def holder_of(params: Any, path: str) -> tuple[Any, Any]:
    """Return the object in which a field is, and its key."""
    return next((holder, key) for found, holder, key in places(params) if found == path)


def is_optional(method: str, path: str) -> bool:
    can_do_without = method in ONE_OF_TWO or method.startswith("jido/tools/")
    either = can_do_without and path == "params.sessionId"
    return either or path in OPTIONAL | OPTIONAL_OF.get(method, set())


@pytest.mark.parametrize(("method", "path"), FIELDS)
def test_a_field_of_a_wrong_type_or_null_is_named(
    wire: Wire, session: str, project: Path, method: str, path: str
) -> None:
    for wrong in WRONG:
        params = filled(VALID[method], session, project)
        holder, key = holder_of(params, path)
        if path in ANY_VALUE or (isinstance(holder[key], dict) and isinstance(wrong, dict)):
            continue
        holder[key] = wrong
        named = problem_paths(wire, method, params)
        assert any(name.startswith(path) for name in named), (wrong, named)


@pytest.mark.parametrize(("method", "path"), [f for f in FIELDS if not is_optional(*f)])
def test_a_missing_field_is_named(
    wire: Wire, session: str, project: Path, method: str, path: str
) -> None:
    params = filled(VALID[method], session, project)
    holder, key = holder_of(params, path)
    del holder[key]
    assert path in problem_paths(wire, method, params)


@pytest.mark.parametrize("method", VALID)
def test_an_unknown_field_is_named(wire: Wire, session: str, project: Path, method: str) -> None:
    params = filled(VALID[method], session, project) | {"extra": 1}
    assert problem_paths(wire, method, params) == {"params.extra"}


@pytest.mark.parametrize("method", VALID)
def test_params_that_are_no_object_are_refused(wire: Wire, method: str) -> None:
    for wrong in ("text", 5, True, ["x"]):
        assert problem_paths(wire, method, wrong) == {"params"}


def test_what_was_refused_has_changed_nothing(wire: Wire, session: str) -> None:
    before = wire.request("jido/state/get", {"sessionId": session})
    params = {"sessionId": session, "message": {"role": "user", "content": "x", "more": 1}}
    wire.error("jido/state/appendMessage", params)
    assert wire.request("jido/state/get", {"sessionId": session}) == before


@pytest.mark.parametrize("method", [m for m, params in VALID.items() if "sessionId" in params])
def test_a_session_that_is_not_open_is_not_found(wire: Wire, project: Path, method: str) -> None:
    closed = wire.open(project)
    wire.request("jido/session/close", {"sessionId": closed})
    for session in (NOBODY, "", "../x", *([] if method in OF_WHAT_IS_STORED else [closed])):
        error = wire.error(method, filled(VALID[method], session, project))
        assert (error["code"], error["data"]) == (
            1001,
            {"kind": "sessionNotFound", "sessionId": session},
        )


def test_settings_are_of_a_session_or_a_project_and_not_of_both(
    wire: Wire, session: str, project: Path
) -> None:
    both = {"sessionId": session, "projectPath": str(project)}
    for params in ({}, both):
        assert problem_paths(wire, "jido/settings/load", params) == {"params"}


@pytest.mark.parametrize(
    ("method", "params", "path"),
    [
        ("jido/session/rename", {"name": ""}, "params.name"),
        ("jido/session/rename", {"name": "x" * 51}, "params.name"),
        ("jido/manager/readFile", {"path": "a", "offset": 0}, "params.offset"),
        ("jido/manager/readFile", {"path": "a", "limit": -1}, "params.limit"),
        ("jido/manager/readFile", {"path": "a", "encoding": "latin-1"}, "params.encoding"),
        (
            "jido/manager/readFile",
            {"path": "a", "encoding": "base64", "limit": 1},
            "params.encoding",
        ),
        (
            "jido/manager/writeFile",
            {"path": "a", "content": "%", "encoding": "base64"},
            "params.content",
        ),
        ("jido/state/setScrollOffset", {"offset": -1}, "params.offset"),
        ("jido/state/getMessages", {"offset": -1}, "params.offset"),
        ("jido/state/get", {"messageLimit": -1}, "params.messageLimit"),
        ("jido/manager/runLua", {"script": "", "timeoutMs": 300_001}, "params.timeoutMs"),
        ("jido/session/updates", {"afterSeq": -1}, "params.afterSeq"),
        ("jido/session/updates", {"afterSeq": 0, "limit": 0}, "params.limit"),
        ("jido/session/export", {"format": "pdf"}, "params.format"),
        ("jido/settings/set", {"key": "", "value": 1}, "params.key"),
    ],
)
def test_values_out_of_range_are_named(
    wire: Wire, session: str, method: str, params: dict[str, Any], path: str
) -> None:
    assert problem_paths(wire, method, {"sessionId": session, **params}) == {path}


def test_a_chunk_for_nobody_is_dropped_with_a_warning(wire: Wire, session: str) -> None:
    for params in ({"sessionId": NOBODY, "chunk": "x"}, {"sessionId": session, "chunk": "x"}):
        wire.logs.clear()
        wire.notify("jido/state/updateStreaming", params)
        wire.request("jido/session/list")
        assert [said["type"] for said in wire.logs] == [2]
        assert "is dropped" in wire.logs[0]["message"]
