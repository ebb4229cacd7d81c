"""What was acknowledged is kept, however a server ends, and a client catches up by number."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from jido_server.protocol import codec
from jido_server.session.content import Content
from jido_server.updates import Record
from tests.support.wire import Wire, server

pytestmark = pytest.mark.process

RESUME = "jido/session/resume"
UPDATES = "jido/session/updates"


def say(wire: Wire, session: str, content: str) -> int:
    message = {"role": "user", "content": content}
    params = {"sessionId": session, "message": message}
    return int(wire.request("jido/state/appendMessage", params)["seq"])


def kill(wire: Wire) -> None:
    wire.process.kill()
    wire.process.wait()


def content_of(updates: list[dict[str, Any]]) -> Content:
    """Return what a client holds that was told these updates."""
    return Content(codec.structure(update, Record) for update in updates)


def fetched(wire: Wire, session: str, after: int, limit: int = 7) -> list[dict[str, Any]]:
    """Read the updates after a number, page by page, as notifications would have told them."""
    found: list[dict[str, Any]] = []
    while True:
        params = {"sessionId": session, "afterSeq": after, "limit": limit}
        page = wire.request(UPDATES, params)
        found += [{"sessionId": session, **update} for update in page["updates"]]
        if not page["hasMore"]:
            return found
        after = page["updates"][-1]["seq"]


def test_a_killed_session_is_resumed_where_it_stopped(tmp_path: Path, project: Path) -> None:
    with server(tmp_path) as first:
        first.initialize()
        session = first.open(project, name="A name")
        of = {"sessionId": session}
        for number in range(5):
            say(first, session, str(number))
        first.request("jido/state/startStreaming", of | {"messageId": "m"})
        first.notify("jido/state/updateStreaming", of | {"chunk": "half a "})
        call = {"id": "c", "name": "t", "arguments": {}, "status": "running"}
        first.request("jido/state/addToolCall", of | {"toolCall": call})
        before = first.request("jido/state/get", of)["state"]
        kill(first)
    with server(tmp_path) as second:
        second.initialize()
        resumed = second.request(RESUME, of)
        state = resumed["state"]
        assert resumed["session"]["name"] == "A name"
        assert state["messages"][:5] == before["messages"]
        assert state["messages"][5]["content"] == "half a "
        assert state["messages"][5]["interrupted"] is True
        assert state["isStreaming"] is False
        assert state["toolCalls"][0]["status"] == "error"
        assert state["toolCalls"][0]["result"] == {"interrupted": True}
        assert [update["seq"] for update in second.updates] == list(
            range(before["seq"] + 1, state["seq"] + 1)
        )
        assert say(second, session, "goes on") == state["seq"] + 1
        everything = first.updates + second.updates
        assert fetched(second, session, 0) == everything
        live = second.request("jido/state/get", of)["state"]
        assert codec.unstructure(content_of(everything).snapshot(session)) == live


def test_a_client_that_came_back_catches_up_by_number(tmp_path: Path, project: Path) -> None:
    with server(tmp_path) as wire:
        wire.initialize()
        session = wire.open(project)
        for number in range(30):
            say(wire, session, str(number))
        seen = wire.updates[:11]
        caught_up = seen + fetched(wire, session, seen[-1]["seq"])
        assert caught_up == wire.updates
        last = wire.request(UPDATES, {"sessionId": session, "afterSeq": 31})
        assert last == {"updates": [], "lastSeq": 31, "hasMore": False}


def test_two_servers_share_a_folder_but_no_session(tmp_path: Path, project: Path) -> None:
    with server(tmp_path) as first, server(tmp_path) as second:
        first.initialize()
        second.initialize()
        mine, theirs = first.open(project), second.open(project)
        error = second.error(RESUME, {"sessionId": mine})
        assert (error["code"], error["data"]) == (
            1004,
            {"kind": "sessionInUse", "sessionId": mine, "pid": first.process.pid},
        )
        assert second.kind("jido/session/delete", {"sessionId": mine}) == "sessionInUse"
        saved = second.request("jido/session/saved", {})["sessions"]
        assert {one["id"]: one["isOpen"] for one in saved} == {mine: True, theirs: True}
        say(first, mine, "still mine")
        assert len(fetched(second, mine, 0)) == 2
        kill(first)
        assert second.request(RESUME, {"sessionId": mine})["state"]["messageTotal"] == 1


def test_resuming_an_open_session_gives_it_as_it_is(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    resumed = wire.request(RESUME, {"sessionId": session, "messageLimit": 0})
    assert resumed["state"]["seq"] == 1


def test_saved_sessions_are_listed_newest_first(wire: Wire, project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    first, second = wire.open(project), wire.open(other)
    say(wire, first, "one")
    say(wire, first, "two")
    wire.request("jido/session/close", {"sessionId": first})
    saved = wire.request("jido/session/saved")["sessions"]
    assert [one["id"] for one in saved] == [first, second]
    assert saved[0] | {"updatedAt": None, "createdAt": None, "closedAt": None} == {
        "id": first,
        "name": "project",
        "projectPath": str(project),
        "createdAt": None,
        "updatedAt": None,
        "messageCount": 2,
        "lastSeq": 4,
        "isOpen": False,
        "closedAt": None,
    }
    assert saved[0]["closedAt"] == saved[0]["updatedAt"]
    assert saved[1]["closedAt"] is None
    of_one = wire.request("jido/session/saved", {"projectPath": str(other)})["sessions"]
    assert [one["id"] for one in of_one] == [second]


def test_a_deleted_session_is_gone_for_good(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    of = {"sessionId": session}
    assert wire.request("jido/session/delete", of) is None
    for method, more in (
        (RESUME, {}),
        (UPDATES, {"afterSeq": 0}),
        ("jido/session/export", {"format": "json"}),
        ("jido/session/delete", {}),
    ):
        assert wire.kind(method, of | more) == "sessionNotFound"
    assert wire.request("jido/session/saved")["sessions"] == []


def test_a_session_is_exported_open_or_closed(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    of = {"sessionId": session}
    say(wire, session, "Hello")
    text = wire.request("jido/session/export", of | {"format": "markdown"})["content"]
    assert "## User\n\nHello" in text
    wire.request("jido/session/close", of)
    log = json.loads(wire.request("jido/session/export", of | {"format": "json"})["content"])
    assert log == wire.updates


def test_what_is_kept_is_private(wire: Wire, project: Path, tmp_path: Path) -> None:
    wire.open(project)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_project_that_is_gone_can_not_be_resumed_but_read(wire: Wire, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    session = wire.open(gone)
    say(wire, session, "Hello")
    wire.request("jido/session/close", {"sessionId": session})
    gone.rmdir()
    assert wire.kind(RESUME, {"sessionId": session}) == "invalidProjectPath"
    assert len(fetched(wire, session, 0)) == 3
    gone.mkdir()
    assert wire.request(RESUME, {"sessionId": session})["state"]["messageTotal"] == 1


def test_a_state_folder_that_is_no_folder_is_said_to_be_so(tmp_path: Path, project: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    with server(tmp_path) as wire:
        wire.initialize()
        error = wire.error("jido/session/open", {"projectPath": str(project)})
        assert (error["code"], error["data"]["kind"]) == (1005, "storageFailed")
        assert wire.request("jido/session/list") == {"sessions": []}
        (tmp_path / "state").unlink()
        wire.open(project)
