"""Sessions over the wire: open, list, get, rename, restart, close; and what is told of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.wire import Wire

pytestmark = pytest.mark.process


def test_a_session_is_opened_on_the_resolved_folder(wire: Wire, project: Path) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    opened = wire.request("jido/session/open", {"projectPath": str(link)})
    session = opened["session"]
    assert uuid.UUID(session["id"]).version == 4
    assert session["projectPath"] == str(project)
    assert session["name"] == "project"
    assert session["createdAt"].endswith("Z")
    assert datetime.fromisoformat(session["createdAt"]).tzinfo is not None
    assert opened["settings"] == {}
    assert opened["state"] == {
        "sessionId": session["id"],
        "messages": [],
        "messageTotal": 0,
        "reasoningSteps": [],
        "toolCalls": [],
        "todos": [],
        "scrollOffset": 0,
        "streamingMessage": None,
        "streamingMessageId": None,
        "isStreaming": False,
        "seq": 1,
    }
    assert [(u["seq"], u["update"]["kind"]) for u in wire.updates] == [(1, "sessionOpened")]


@pytest.mark.parametrize("path", ["relative", "", "/does/not/exist", "README.md", "a\0b", "~"])
def test_a_path_that_is_no_project_is_refused(wire: Wire, project: Path, path: str) -> None:
    given = str(project / path) if path == "README.md" else path
    error = wire.error("jido/session/open", {"projectPath": given})
    assert (error["code"], error["data"]["kind"]) == (1003, "invalidProjectPath")
    assert error["data"]["projectPath"] == given
    assert error["data"]["reason"]


def test_sessions_are_listed_oldest_first(wire: Wire, project: Path) -> None:
    ids = [wire.open(project, name=str(number)) for number in range(3)]
    sessions = wire.request("jido/session/list")["sessions"]
    assert [session["id"] for session in sessions] == ids
    assert wire.request("jido/session/get", {"sessionId": ids[1]})["session"]["name"] == "1"


def test_no_more_sessions_than_the_limit_are_open(raw: Wire, project: Path) -> None:
    raw.initialize(initializationOptions={"maxSessions": 2})
    first = raw.open(project)
    raw.open(project)
    error = raw.error("jido/session/open", {"projectPath": str(project)})
    assert (error["code"], error["data"]) == (1002, {"kind": "sessionLimitReached", "limit": 2})
    raw.request("jido/session/close", {"sessionId": first})
    raw.open(project)


def test_a_session_is_renamed(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    renamed = wire.request("jido/session/rename", {"sessionId": session, "name": "Ünï"})
    assert renamed["session"]["name"] == "Ünï"
    assert renamed["session"]["updatedAt"] >= renamed["session"]["createdAt"]
    assert wire.updates[-1]["update"]["kind"] == "sessionRenamed"


def test_a_long_folder_name_is_cut_to_be_a_session_name(wire: Wire, tmp_path: Path) -> None:
    long = tmp_path / ("n" * 80)
    long.mkdir()
    opened = wire.request("jido/session/open", {"projectPath": str(long)})
    assert opened["session"]["name"] == "n" * 50


def test_a_restart_rebuilds_what_was_stored(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    of = {"sessionId": session}
    message = {"role": "user", "content": "kept"}
    wire.request("jido/state/appendMessage", of | {"message": message})
    wire.request("jido/state/startStreaming", of | {"messageId": "m"})
    wire.notify("jido/state/updateStreaming", of | {"chunk": "streaming"})
    restarted = wire.request("jido/session/restart", of)
    assert restarted["session"]["id"] == session
    assert restarted["state"]["messages"][0]["content"] == "kept"
    assert restarted["state"]["streamingMessage"] == "streaming"
    assert wire.updates[-1]["update"]["kind"] == "sessionRestarted"
    assert restarted["state"]["seq"] == wire.updates[-1]["seq"] == 5
    assert wire.request("jido/manager/projectRoot", of) == {"projectRoot": str(project)}


def test_a_closed_session_is_gone(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    assert wire.request("jido/session/close", {"sessionId": session}) is None
    assert wire.updates[-1]["update"] == {"kind": "sessionClosed"}
    assert wire.kind("jido/session/get", {"sessionId": session}) == "sessionNotFound"
    assert wire.request("jido/session/list") == {"sessions": []}


def test_every_update_comes_before_the_answer_that_includes_it(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    for number in range(50):
        params = {"sessionId": session, "message": {"role": "user", "content": str(number)}}
        seq = wire.request("jido/state/appendMessage", params)["seq"]
        assert wire.updates[-1]["seq"] == seq == number + 2


def test_a_stream_comes_joined_and_in_order_and_whole(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    of = {"sessionId": session}
    wire.request("jido/state/startStreaming", of | {"messageId": "m"})
    chunks = [f"chunk {number}, " for number in range(2000)]
    for chunk in chunks:
        wire.notify("jido/state/updateStreaming", of | {"chunk": chunk})
    ended = wire.request("jido/state/endStreaming", of)
    told = [u["update"] for u in wire.updates if u["update"]["kind"] == "streamChunk"]
    assert "".join(update["chunk"] for update in told) == "".join(chunks)
    assert ended["message"]["content"] == "".join(chunks)
    assert ended["message"]["id"] == "m"
    assert len(told) < len(chunks) / 10
    assert [u["seq"] for u in wire.updates] == list(range(1, len(wire.updates) + 1))


def test_messages_are_paged(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    of = {"sessionId": session}
    for number in range(5):
        message = {"role": "user", "content": str(number)}
        wire.request("jido/state/appendMessage", of | {"message": message})

    def page(**params: int) -> tuple[list[str], int, bool]:
        given = wire.request("jido/state/getMessages", of | params)
        return [m["content"] for m in given["messages"]], given["total"], given["hasMore"]

    assert page() == (["0", "1", "2", "3", "4"], 5, False)
    assert page(offset=1, limit=2) == (["1", "2"], 5, True)
    assert page(offset=4, limit=2) == (["4"], 5, False)
    assert page(offset=9) == ([], 5, False)
    assert page(limit=0) == ([], 5, True)
    state = wire.request("jido/state/get", of | {"messageLimit": 2})["state"]
    assert [m["content"] for m in state["messages"]] == ["3", "4"]
    assert state["messageTotal"] == 5


def test_the_rest_of_the_state_is_given(wire: Wire, project: Path) -> None:
    of = {"sessionId": wire.open(project)}
    step = wire.request("jido/state/addReasoningStep", of | {"step": {"content": "why"}})["step"]
    assert wire.request("jido/state/getReasoningSteps", of) == {"reasoningSteps": [step]}
    wire.request("jido/state/clearReasoningSteps", of)
    assert wire.request("jido/state/getReasoningSteps", of) == {"reasoningSteps": []}
    call = {"name": "t", "arguments": {"a": [1, None, {"b": 2.5}]}}
    call = wire.request("jido/state/addToolCall", of | {"toolCall": call})["toolCall"]
    assert call["result"] is None
    done = wire.request(
        "jido/state/updateToolCall",
        of | {"toolCallId": call["id"], "status": "completed", "result": {"ok": True}},
    )
    assert wire.request("jido/state/getToolCalls", of) == {"toolCalls": [done["toolCall"]]}
    assert wire.kind("jido/state/updateToolCall", of | {"toolCallId": "x", "status": "error"}) == (
        "toolCallNotFound"
    )
    todos = [{"content": "a", "status": "in_progress"}]
    stored = wire.request("jido/state/updateTodos", of | {"todos": todos})
    assert wire.request("jido/state/getTodos", of) == {"todos": stored["todos"]}
    assert wire.request("jido/state/setScrollOffset", of | {"offset": 12})["seq"] == 7
    assert wire.request("jido/state/get", of)["state"]["scrollOffset"] == 12
    wire.request("jido/state/clearMessages", of)
    assert wire.kind("jido/state/endStreaming", of) == "notStreaming"
    wire.request("jido/state/startStreaming", of | {"messageId": "m"})
    error = wire.error("jido/state/startStreaming", of | {"messageId": "n"})
    assert error["data"] == {"kind": "alreadyStreaming", "messageId": "m"}


def test_a_long_conversation_is_given_whole(wire: Wire, project: Path) -> None:
    of = {"sessionId": wire.open(project)}
    message = {"role": "user", "content": "x"}
    asked = [wire.ask("jido/state/appendMessage", of | {"message": message}) for _ in range(2500)]
    got = wire.ask("jido/state/get", of)
    assert all("result" in wire.answer(id_) for id_ in asked)
    assert len(wire.answer(got)["result"]["state"]["messages"]) == 2500
