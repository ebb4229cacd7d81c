"""Phase 2 of the seed, section 2.5: its parts work together, over the wire."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire import Wire, server

pytestmark = pytest.mark.process


@pytest.fixture
def other(tmp_path: Path) -> Path:
    root = (tmp_path / "other").resolve()
    root.mkdir()
    (root / "README.md").write_text("# Another\n")
    return root


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(settings))


def state_of(wire: Wire, session: str) -> dict[str, Any]:
    state: dict[str, Any] = wire.request("jido/state/get", {"sessionId": session})["state"]
    return state


# 2.1 and 2.2: what a session begins with


def test_a_session_is_logged_with_its_id_and_its_project(tmp_path: Path, project: Path) -> None:
    with server(tmp_path, "--log-level", "info", stderr=subprocess.PIPE) as wire:
        wire.initialize()
        session = wire.open(project)
        wire.request("jido/session/close", {"sessionId": session})
        said = [one["message"] for one in wire.logs]
        wire.stop()
        assert wire.process.stderr is not None
        log = wire.process.stderr.read().decode()
    begun = f"Session {session} is open on {project}"
    assert begun in said
    assert begun in log
    assert f"Session {session} is closed" in log


def test_a_state_has_every_field_and_begins_empty(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    state = state_of(wire, session)
    assert state.pop("seq") == 1
    assert state == {
        "sessionId": session,
        "messages": [],
        "messageTotal": 0,
        "reasoningSteps": [],
        "toolCalls": [],
        "todos": [],
        "scrollOffset": 0,
        "streamingMessage": None,
        "streamingMessageId": None,
        "isStreaming": False,
    }


# 2.5.1: Manager and State


def test_a_new_session_has_a_manager_and_a_state(wire: Wire, project: Path) -> None:
    of = {"sessionId": wire.open(project)}
    assert wire.request("jido/manager/projectRoot", of) == {"projectRoot": str(project)}
    assert wire.request("jido/manager/readFile", of | {"path": "src/main.py"})["size"] == 15
    assert wire.request("jido/manager/runLua", of | {"script": "return 1"})["values"] == [1]
    assert wire.request("jido/state/getMessages", of)["total"] == 0
    message = {"role": "user", "content": "hello"}
    assert wire.request("jido/state/appendMessage", of | {"message": message})["seq"] == 2


def test_a_path_that_the_manager_validated_is_kept_in_the_state(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    of = {"sessionId": session}
    valid = wire.request("jido/manager/validatePath", of | {"path": "src/new.py"})
    assert valid == {"path": str(project / "src" / "new.py")}
    call = {"name": "validate", "arguments": {"path": "src/new.py"}, "status": "completed"}
    kept = wire.request("jido/state/addToolCall", of | {"toolCall": call | {"result": valid}})
    assert state_of(wire, session)["toolCalls"] == [kept["toolCall"]]
    assert kept["toolCall"]["result"] == valid


def test_a_script_is_tracked_as_a_tool_call(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    script = {"script": "return jido.file_exists('README.md')"}
    params = {"sessionId": session, "name": "run_lua", "arguments": script, "toolCallId": "lua"}
    wire.request("jido/tools/call", params)
    (tracked,) = state_of(wire, session)["toolCalls"]
    assert (tracked["id"], tracked["name"], tracked["arguments"]) == ("lua", "run_lua", script)
    assert (tracked["status"], tracked["result"]["values"]) == ("completed", [True])


def test_a_restart_renews_manager_and_state_in_the_same_context(wire: Wire, project: Path) -> None:
    session = wire.open(project, name="mine")
    of = {"sessionId": session}
    wire.request("jido/manager/runLua", of | {"script": "x = 1"})
    message = {"role": "user", "content": "kept"}
    wire.request("jido/state/appendMessage", of | {"message": message})
    restarted = wire.request("jido/session/restart", of)
    assert restarted["session"]["id"] == session
    assert restarted["session"]["name"] == "mine"
    assert restarted["session"]["projectPath"] == str(project)
    assert [one["content"] for one in restarted["state"]["messages"]] == ["kept"]
    assert wire.request("jido/manager/runLua", of | {"script": "return x"})["values"] == [None]
    assert wire.request("jido/manager/projectRoot", of) == {"projectRoot": str(project)}
    assert wire.request("jido/state/appendMessage", of | {"message": message})["seq"] == 4


# 2.5.2: settings


def test_settings_are_loaded_from_the_project_when_a_session_is_opened(
    wire: Wire, project: Path, tmp_path: Path
) -> None:
    write_settings(tmp_path / "config", {"model": "global", "provider": "p"})
    opened = wire.request("jido/session/open", {"projectPath": str(project)})
    assert opened["settings"] == {"model": "global", "provider": "p"}, "the global ones alone"
    write_settings(project / "jido_code", {"model": "local"})
    opened = wire.request("jido/session/open", {"projectPath": str(project)})
    assert opened["settings"] == {"model": "local", "provider": "p"}, "its own on top"
    (project / "jido_code" / "settings.json").write_text("{")
    opened = wire.request("jido/session/open", {"projectPath": str(project)})
    assert opened["settings"] == {"model": "global", "provider": "p"}


def test_settings_that_were_saved_are_there_in_the_next_session(wire: Wire, project: Path) -> None:
    of = {"sessionId": wire.open(project)}
    wire.request("jido/settings/save", of | {"settings": {"model": "m"}})
    wire.request("jido/settings/set", of | {"key": "provider", "value": "p"})
    wire.request("jido/session/close", of)
    opened = wire.request("jido/session/open", {"projectPath": str(project)})
    assert opened["settings"] == {"model": "m", "provider": "p"}
    restarted = wire.request("jido/session/restart", {"sessionId": opened["session"]["id"]})
    assert restarted["settings"] == opened["settings"]


# 2.5.3: sessions apart from each other


def test_two_sessions_have_roots_messages_and_sandboxes_of_their_own(
    wire: Wire, project: Path, other: Path
) -> None:
    a, b = ({"sessionId": wire.open(root)} for root in (project, other))
    assert wire.request("jido/manager/projectRoot", a) == {"projectRoot": str(project)}
    assert wire.request("jido/manager/projectRoot", b) == {"projectRoot": str(other)}
    message = {"role": "user", "content": "for a"}
    wire.request("jido/state/appendMessage", a | {"message": message})
    assert wire.request("jido/state/getMessages", b)["total"] == 0
    wire.request("jido/manager/runLua", a | {"script": "x = 'of a'"})
    assert wire.request("jido/manager/runLua", b | {"script": "return x"})["values"] == [None]


def test_a_stream_in_one_session_leaves_the_other_as_it_was(
    wire: Wire, project: Path, other: Path
) -> None:
    a, b = wire.open(project), wire.open(other)
    before = state_of(wire, b)
    wire.request("jido/state/startStreaming", {"sessionId": a, "messageId": "m"})
    wire.notify("jido/state/updateStreaming", {"sessionId": a, "chunk": "text"})
    assert state_of(wire, a)["streamingMessage"] == "text"
    assert state_of(wire, b) == before
    wire.request("jido/state/endStreaming", {"sessionId": a})
    assert state_of(wire, b) == before


def test_paths_are_validated_against_the_sessions_own_root_alone(
    wire: Wire, project: Path, other: Path
) -> None:
    a, b = ({"sessionId": wire.open(root)} for root in (project, other))
    path = {"path": str(other / "README.md")}
    assert wire.kind("jido/manager/validatePath", a | path) == "pathOutsideBoundary"
    assert wire.request("jido/manager/validatePath", b | path) == path
    for of, root in ((a, project), (b, other)):
        valid = wire.request("jido/manager/validatePath", of | {"path": "README.md"})
        assert valid == {"path": str(root / "README.md")}


# 2.5.4: what worked before there were sessions


def test_every_tool_works_with_a_session_with_a_root_and_with_neither(
    raw: Wire, project: Path, other: Path
) -> None:
    raw.initialize(rootUri=other.as_uri())
    session = raw.open(project)
    tools: list[tuple[str, dict[str, Any]]] = [
        ("read_file", {"path": "README.md"}),
        ("edit_file", {"path": "README.md", "old_string": "#", "new_string": "##"}),
        ("write_file", {"path": "README.md", "content": "# again\n"}),
        ("list_directory", {}),
        ("find_files", {"pattern": "*.md"}),
        ("search_files", {"pattern": "again"}),
        ("run_lua", {"script": "return jido.is_file('README.md')"}),
    ]
    places: list[dict[str, Any]] = [
        {"sessionId": session},
        {"projectRoot": str(project)},
        {},
    ]
    for place in places:
        for name, arguments in tools:
            given = {"name": name, "arguments": arguments, **place}
            result = raw.request("jido/tools/call", given)["result"]
            assert not result.get("truncated", False), result
    assert (project / "README.md").read_text() == (other / "README.md").read_text() == "# again\n"
    assert len(state_of(raw, session)["toolCalls"]) == len(tools)
    todos = {"name": "update_todos", "arguments": {"todos": []}}
    raw.request("jido/tools/call", todos | {"sessionId": session})
    problems = raw.error("jido/tools/call", todos)["data"]["problems"]
    assert problems[0]["path"] == "params.sessionId"
