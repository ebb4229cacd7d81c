"""Tools over the wire: listed, called, recorded, cancelled, and ended with their session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.wire import Wire, server

pytestmark = pytest.mark.process

CALL = "jido/tools/call"
ENDLESS = {"script": "while true do end"}


@pytest.fixture
def session(wire: Wire, project: Path) -> str:
    return wire.open(project)


def params(session: str, name: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"sessionId": session, "name": name, "arguments": arguments, **more}


def call(wire: Wire, session: str, name: str, **arguments: Any) -> Any:
    return wire.request(CALL, params(session, name, arguments))["result"]


def tool_calls(wire: Wire, session: str) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = wire.request("jido/state/getToolCalls", {"sessionId": session})[
        "toolCalls"
    ]
    return calls


def wait_for_status(wire: Wire, status: str) -> None:
    def told() -> list[str]:
        updates = (told["update"] for told in wire.updates)
        return [update["toolCall"]["status"] for update in updates if "toolCall" in update]

    while status not in told():
        wire.receive()


def test_every_tool_is_listed_with_its_schema(wire: Wire) -> None:
    tools = wire.request("jido/tools/list")["tools"]
    assert [tool["name"] for tool in tools] == [
        "read_file",
        "write_file",
        "edit_file",
        "list_directory",
        "find_files",
        "search_files",
        "run_lua",
        "update_todos",
    ]
    for tool in tools:
        jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        assert tool["description"]


def test_a_call_is_told_in_steps_before_it_is_answered(wire: Wire, session: str) -> None:
    wire.updates.clear()
    answer = wire.request(CALL, params(session, "read_file", {"path": "README.md", "limit": 1}))
    assert answer["result"]["content"] == "# A project\n"
    steps = [told["update"] for told in wire.updates]
    assert [step["kind"] for step in steps] == [
        "toolCallAdded",
        "toolCallUpdated",
        "toolCallUpdated",
    ]
    assert [step["toolCall"]["status"] for step in steps] == ["pending", "running", "completed"]
    assert {step["toolCall"]["id"] for step in steps} == {answer["toolCallId"]}
    (recorded,) = tool_calls(wire, session)
    assert recorded == steps[-1]["toolCall"]
    assert recorded["result"] == answer["result"]
    assert recorded["arguments"] == {"path": "README.md", "limit": 1}


def test_a_model_can_do_its_work(wire: Wire, session: str, project: Path) -> None:
    found = call(wire, session, "search_files", pattern="hello")
    assert [file["path"] for file in found["files"]] == ["src/main.py"]
    read = call(wire, session, "read_file", path="src/main.py")
    assert read["content"] == "print('hello')\n"
    edited = call(
        wire, session, "edit_file", path="src/main.py", old_string="hello", new_string="bye"
    )
    assert edited["diff"].endswith("-print('hello')\n+print('bye')\n")
    call(wire, session, "write_file", path="notes/todo.md", content="- rest\n")
    assert call(wire, session, "find_files", pattern="**/*.md")["paths"][0] == "notes/todo.md"
    listed = call(wire, session, "list_directory", path="notes")
    assert listed["entries"] == [{"name": "todo.md", "type": "file"}]
    ran = call(wire, session, "run_lua", script='return #jido.read_file("notes/todo.md")')
    assert ran["values"] == [7]
    todos = [{"content": "rest", "status": "in_progress"}]
    call(wire, session, "update_todos", todos=todos)
    kept = wire.request("jido/state/getTodos", {"sessionId": session})["todos"]
    assert kept[0]["content"] == "rest"
    assert (project / "src" / "main.py").read_text() == "print('bye')\n"
    assert {one["status"] for one in tool_calls(wire, session)} == {"completed"}


def test_every_failure_is_answered_and_recorded(wire: Wire, session: str) -> None:
    for name, arguments, code, kind in (
        ("nothing", {}, 1501, "unknownTool"),
        ("read_file", {"pth": 1}, -32602, "invalidParams"),
        ("read_file", {"path": "none"}, 1502, "toolFailed"),
        ("write_file", {"path": "README.md", "content": ""}, 1502, "toolFailed"),
        ("run_lua", {"script": "error()"}, 1502, "toolFailed"),
        ("search_files", {"pattern": "["}, -32602, "invalidParams"),
    ):
        error = wire.error(CALL, params(session, name, arguments))
        assert (error["code"], error["data"]["kind"]) == (code, kind)
        recorded = tool_calls(wire, session)[-1]
        assert (recorded["name"], recorded["arguments"]) == (name, arguments)
        assert recorded["status"] == "error"
        inner = error["data"].get("error")
        assert recorded["result"]["error"] == inner or inner is None
    kinds = [one["result"]["error"]["kind"] for one in tool_calls(wire, session)]
    assert kinds == [
        "unknownTool",
        "invalidParams",
        "fileNotFound",
        "staleFile",
        "luaError",
        "invalidParams",
    ]


def test_a_call_that_the_client_added_before_is_used(wire: Wire, session: str) -> None:
    given = {"id": "mine", "name": "list_directory", "arguments": {"path": "src"}}
    wire.request("jido/state/addToolCall", {"sessionId": session, "toolCall": given})
    again = params(session, "list_directory", {"path": "src"}, toolCallId="mine")
    assert wire.request(CALL, again)["toolCallId"] == "mine"
    assert [(one["id"], one["status"]) for one in tool_calls(wire, session)] == [
        ("mine", "completed")
    ]
    error = wire.error(CALL, again)
    assert error["data"]["problems"] == [
        {"path": "params.toolCallId", "message": "this call is completed"}
    ]
    for wrong in (None, 5):
        problems = wire.error(CALL, again | {"toolCallId": wrong})["data"]["problems"]
        assert [problem["path"] for problem in problems] == ["params.toolCallId"]
    without = {"name": "list_directory", "arguments": {}, "projectRoot": "/", "toolCallId": "x"}
    problems = wire.error(CALL, without)["data"]["problems"]
    assert problems == [{"path": "params.toolCallId", "message": "only a session records calls"}]


def test_what_is_sent_together_takes_effect_in_order(
    wire: Wire, session: str, project: Path
) -> None:
    write = params(session, "write_file", {"path": "a", "content": "first"})
    of = {"sessionId": session, "path": "a"}
    messages = [
        (1001, CALL, write),
        (1002, "jido/manager/readFile", of),
        (1003, "jido/manager/writeFile", of | {"content": "second"}),
        (1004, CALL, params(session, "read_file", {"path": "a"})),
        (1005, "jido/manager/delete", of),
    ]
    bodies = [
        json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": given}).encode()
        for id_, method, given in messages
    ]
    wire.send_raw(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(one), one) for one in bodies))
    assert wire.answer(1002)["result"]["content"] == "first"
    assert wire.answer(1004)["result"]["result"]["content"] == "second"
    assert wire.answer(1005)["result"] is None
    assert not (project / "a").exists()


@pytest.mark.parametrize("together", [True, False])
def test_a_call_that_is_cancelled_ends_at_once_and_is_recorded(
    wire: Wire, session: str, together: bool
) -> None:
    asked = {
        "jsonrpc": "2.0",
        "id": 99,
        "method": CALL,
        "params": params(session, "run_lua", ENDLESS),
    }
    if together:
        cancel = {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 99}}
        bodies = [json.dumps(one).encode() for one in (asked, cancel)]
        wire.send_raw(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(one), one) for one in bodies))
    else:
        wire.send_body(json.dumps(asked).encode())
        wait_for_status(wire, "running")
        wire.notify("$/cancelRequest", {"id": 99})
    assert wire.answer(99)["error"]["code"] == -32800
    assert wire.updates[-1]["update"]["toolCall"]["status"] == "error", "told before the answer"
    (recorded,) = tool_calls(wire, session)
    assert recorded["result"]["error"]["kind"] == "requestCancelled"
    assert call(wire, session, "run_lua", script="return 1")["values"] == [1]


def test_a_call_ends_with_its_session_and_is_recorded(wire: Wire, session: str) -> None:
    asked = wire.ask(CALL, params(session, "run_lua", ENDLESS))
    wait_for_status(wire, "running")
    wire.request("jido/session/close", {"sessionId": session})
    assert wire.answer(asked)["error"]["code"] == -32800
    resumed = wire.request("jido/session/resume", {"sessionId": session})
    (recorded,) = resumed["state"]["toolCalls"]
    assert (recorded["status"], recorded["result"]) == ("error", {"interrupted": True})


def test_a_call_that_died_with_its_server_is_recorded_when_its_session_is_resumed(
    tmp_path: Path, project: Path
) -> None:
    with server(tmp_path) as wire:
        wire.initialize()
        session = wire.open(project)
        call(wire, session, "list_directory")
        wire.updates.clear()
        wire.ask(CALL, params(session, "run_lua", ENDLESS))
        wait_for_status(wire, "running")
        wire.process.kill()
        wire.process.wait()
    with server(tmp_path) as wire:
        wire.initialize()
        resumed = wire.request("jido/session/resume", {"sessionId": session})
    listed, ran = resumed["state"]["toolCalls"]
    assert listed["status"] == "completed"
    assert (ran["status"], ran["result"]) == ("error", {"interrupted": True})


def test_a_result_that_is_too_large_is_cut_and_nothing_else_is_lost(
    wire: Wire, session: str, project: Path
) -> None:
    (project / "large").write_text("0123456789abcde\n" * (1 << 16))
    read = call(wire, session, "read_file", path="large", limit=1 << 16)
    assert read["truncated"]
    assert len(read["content"]) == 256 << 10
    rest = call(wire, session, "read_file", path="large", offset=read["lastLine"] + 1)
    assert rest["firstLine"] == (1 << 14) + 1
    assert tool_calls(wire, session)[0]["result"] == read


def test_a_tool_holds_nothing_else_up(wire: Wire, session: str) -> None:
    asked = wire.ask(CALL, params(session, "run_lua", ENDLESS))
    assert call(wire, session, "read_file", path="README.md")["totalLines"] == 3
    wire.notify("$/cancelRequest", {"id": asked})
    assert "error" in wire.answer(asked)
