"""What stock pygls does wrong, row by row, over a real process with raw bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire import Wire, program

pytestmark = pytest.mark.process

NOBODY = "00000000-0000-4000-8000-000000000000"


def alive(wire: Wire) -> bool:
    """Whether the server still answers."""
    return wire.request("jido/session/list") is not None


def test_initialize_announces_the_protocol(raw: Wire) -> None:
    result = raw.initialize()
    jido = result["capabilities"]["experimental"]["jido"]
    assert jido["protocolVersion"] == 1
    assert "jido/session/open" in jido["methods"]
    assert "jido/session/update" in jido["notifications"]
    assert result["serverInfo"]["name"] == "jido-server"
    assert result["serverInfo"]["version"] == jido["serverVersion"]


def test_params_that_do_not_fit_are_answered_with_every_problem(wire: Wire) -> None:
    given = {"sessionId": 5, "message": {"role": "robot", "text": "x"}}
    error = wire.error("jido/state/appendMessage", given)
    assert error["code"] == -32602
    assert {problem["path"] for problem in error["data"]["problems"]} == {
        "params.sessionId",
        "params.message.role",
        "params.message.content",
        "params.message.text",
    }
    assert not wire.logs, "nothing pops up"


@pytest.mark.parametrize("how", ["left out", "null", "an empty array"])
def test_params_that_are_not_given_are_an_empty_object(wire: Wire, how: str) -> None:
    given: dict[str, dict[str, Any]] = {
        "left out": {},
        "null": {"params": None},
        "an empty array": {"params": []},
    }
    wire.send(id="x", method="jido/session/list", **given[how])
    assert wire.answer("x")["result"] == {"sessions": []}


def test_an_object_with_a_key_jsonrpc_is_plain_data(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    arguments = {"jsonrpc": "2.0", "id": 1, "method": "exit", "nested": {"jsonrpc": None}}
    call = {"name": "t", "arguments": arguments}
    stored = wire.request("jido/state/addToolCall", {"sessionId": session, "toolCall": call})
    assert stored["toolCall"]["arguments"] == arguments


def test_keys_are_kept_however_they_are_spelled(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    arguments = {"class": 1, "_x": 2, "a-b": 3, "type_name": 4, "lua_5x": 5, "": 6, "ü": 7}
    call = {"name": "t", "arguments": arguments}
    stored = wire.request("jido/state/addToolCall", {"sessionId": session, "toolCall": call})
    assert stored["toolCall"]["arguments"] == arguments


BROKEN = """
import attrs
from jido_server import cli
from jido_server.server.handlers import HANDLED

def fail(sessions, params):
    raise ValueError("a secret of the server's own")

for method in ("jido/session/list", "jido/state/updateStreaming"):
    HANDLED[method] = attrs.evolve(HANDLED[method], handle=fail)
cli.main([])
"""


def test_a_fault_of_the_server_is_opaque_and_its_log_tells_more(tmp_path: Path) -> None:
    with program(tmp_path, BROKEN) as wire:
        wire.initialize()
        wire.notify("jido/state/updateStreaming", {"sessionId": NOBODY, "chunk": "x"})
        error = wire.error("jido/session/list")
        assert (error["code"], error["data"]["kind"]) == (-32603, "internalError")
        assert "secret" not in json.dumps(error)
        assert not any("secret" in said["message"] for said in wire.logs)
        wire.process.terminate()
        wire.rest()
        assert wire.process.stderr is not None
        log = wire.process.stderr.read().decode()
    assert error["data"]["incident"] in log
    assert log.count("a secret of the server's own") == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"", -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}', -32700),
        (b"NaN", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', -32600),
        (b"7", -32600),
        (b"null", -32600),
        (b'"text"', -32600),
        (b"{}", -32600),
        (b'{"jsonrpc": "1.0", "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0"}', -32600),
        (b'{"jsonrpc": "2.0", "method": 5}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "shutdown"}', -32600),
    ],
)
def test_what_is_no_request_is_answered_with_an_error(wire: Wire, body: bytes, code: int) -> None:
    wire.send_body(body)
    answer = wire.answer(None)
    assert answer["error"]["code"] == code
    assert "Traceback" not in json.dumps(answer)
    assert alive(wire)


def test_an_error_goes_to_the_request_it_is_of_where_that_can_be_told(wire: Wire) -> None:
    wire.send_body(b'{"id": "mine", "method": "shutdown"}')
    assert wire.answer("mine")["error"]["code"] == -32600
    wire.send_body(b'{"jsonrpc": "2.0", "id": 9, "method": "x", "params": {"a": "\\ud800"}}')
    assert wire.answer(9)["error"]["code"] == -32700
    assert alive(wire)


def test_an_unknown_method_is_not_found(wire: Wire) -> None:
    for method in ("jido/nothing", "textDocument/hover", "", "workspace/executeCommand"):
        error = wire.error(method, {})
        assert (error["code"], error["data"]["kind"]) == (-32601, "methodNotFound")


def test_an_unknown_notification_is_dropped(wire: Wire) -> None:
    wire.notify("jido/nothing", {})
    wire.notify("$/nothing", {})
    wire.notify("textDocument/didOpen", {"wrong": 1})
    wire.notify("jido/state/updateStreaming", {"sessionId": 1})
    wire.notify("jido/session/list", {})
    wire.notify("shutdown")
    assert alive(wire)


def test_a_request_for_what_is_a_notification_is_answered(wire: Wire) -> None:
    params = {"sessionId": NOBODY, "chunk": "x"}
    assert wire.error("jido/state/updateStreaming", params)["code"] == -32600
    for method in ("$/cancelRequest", "initialized"):
        assert "error" in wire.answer(wire.ask(method, {"id": 1}))


def test_nothing_is_done_before_initialize(raw: Wire, project: Path) -> None:
    error = raw.error("jido/session/open", {"projectPath": str(project)})
    assert (error["code"], error["data"]["kind"]) == (-32002, "serverNotInitialized")
    raw.notify("jido/state/updateStreaming", {"sessionId": NOBODY, "chunk": "x"})
    raw.initialize()
    assert raw.request("jido/session/list") == {"sessions": []}


def test_initialize_is_done_once(wire: Wire) -> None:
    assert wire.error("initialize", {"capabilities": {}})["code"] == -32600
    assert alive(wire)


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"processId": "me"}, "params.processId"),
        ({"initializationOptions": {"maxSessions": 0}}, "params.initializationOptions.maxSessions"),
        ({"initializationOptions": {"maxSession": 1}}, "params.initializationOptions.maxSession"),
        ({"initializationOptions": 3}, "params.initializationOptions"),
        ("hello", "params"),
    ],
)
def test_a_wrong_initialize_is_refused_and_can_be_said_again(
    raw: Wire, params: Any, path: str
) -> None:
    error = raw.error("initialize", params)
    assert error["data"]["problems"][0]["path"] == path
    raw.initialize()


def test_an_id_that_is_in_use_is_refused_and_the_first_is_answered(
    wire: Wire, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "large.txt").write_bytes(b"x" * (2 << 20))
    session = wire.open(slow)
    params = {"sessionId": session, "path": "large.txt"}
    for _ in range(2):
        wire.send(id="twice", method="jido/manager/readFile", params=params)
    first, second = sorted(
        (wire.receive_answer(), wire.receive_answer()), key=lambda a: "error" in a
    )
    assert first["result"]["size"] == 2 << 20
    assert second["error"]["code"] == -32600
    wire.send(id="twice", method="jido/manager/readFile", params=params)
    assert wire.receive_answer()["result"]["size"] == 2 << 20


NOISY = """
import os, sys
from jido_server import cli

take = cli._take_stdio

def noisy():
    fds = take()
    print("printed")
    sys.stdout.flush()
    os.write(1, b"written")
    os.system("echo echoed")
    return fds

cli._take_stdio = noisy
cli.main([])
"""


def test_what_prints_does_not_reach_the_protocol(tmp_path: Path) -> None:
    with program(tmp_path, NOISY) as wire:
        wire.initialize()
        assert wire.stop() == 0
        assert wire.rest() == []
        assert wire.process.stderr is not None
        noise = wire.process.stderr.read()
    for word in (b"printed", b"written", b"echoed"):
        assert word in noise


def test_what_an_editor_says_in_plain_lsp_is_taken(wire: Wire, project: Path) -> None:
    document = {"uri": f"file://{project}/README.md", "languageId": "x", "version": 1, "text": "t"}
    wire.notify("textDocument/didOpen", {"textDocument": document})
    wire.notify("$/setTrace", {"value": "verbose"})
    wire.notify("textDocument/didClose", {"textDocument": {"uri": document["uri"]}})
    folders = {"added": [{"uri": f"file://{project}", "name": "p"}], "removed": []}
    wire.notify("workspace/didChangeWorkspaceFolders", {"event": folders})
    assert alive(wire)
    assert wire.stop() == 0


def test_an_answer_to_no_question_is_dropped(wire: Wire) -> None:
    wire.send(id=77, result=None)
    wire.send(id=78, error={"code": 1, "message": "no"})
    assert alive(wire)


def test_a_request_that_is_cancelled_is_answered_so(wire: Wire, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(40):
        (many / f"{number}.txt").write_bytes(b"x" * (2 << 20))
    session = wire.open(many)
    asked = [
        wire.ask("jido/manager/readFile", {"sessionId": session, "path": f"{number}.txt"})
        for number in range(40)
    ]
    wire.notify("$/cancelRequest", {"id": asked[-1]})
    wire.notify("$/cancelRequest", {"id": "never sent"})
    wire.notify("$/cancelRequest", None)
    answers = {id_: wire.answer(id_) for id_ in asked}
    assert answers[asked[-1]]["error"]["code"] == -32800
    assert answers[asked[-1]]["error"]["data"] == {"kind": "requestCancelled"}
    assert all("result" in answers[id_] for id_ in asked[:-1])
