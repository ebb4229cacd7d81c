"""Calling a tool: what is recorded, how it fails, and how it ends before its time."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Future
from typing import Any

import pytest

from jido_server.errors import (
    FileNotFound,
    InternalError,
    InvalidParams,
    JidoError,
    RequestCancelled,
    ToolFailed,
    UnknownTool,
)
from jido_server.model import ToolCall
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.tools.place import Place
from jido_server.tools.signature import Tool
from jido_server.tools.toolbox import Toolbox
from tests.support.surroundings import Told


class Held:
    """A tool that ends when the test says so."""

    def __init__(self) -> None:
        self.work: Future[Any] | None = None
        self.toolbox = Toolbox({"hold": Tool.of(self.hold)})

    def hold(self, place: Place, *, word: str = "") -> Future[Any]:
        """Wait.

        Args:
            place: Where.
            word: Whatever.
        """
        assert place.state is None or place.state.content.tool_calls
        assert not word
        self.work = asyncio.get_running_loop().create_future()
        return self.work

    def call(self, session: Session, tool_call_id: str | None = None) -> Future[Any]:
        answer = self.toolbox.call_in(session, "hold", {}, tool_call_id)
        assert self.work is not None
        return answer


@pytest.fixture
def held() -> Held:
    return Held()


def only_call(session: Session) -> ToolCall:
    (call,) = session.state.content.tool_calls.values()
    return call


def statuses(told: Told) -> list[str]:
    updates = [record.update for record in told.records]
    return [update.tool_call.status for update in updates if hasattr(update, "tool_call")]


async def test_a_call_is_recorded_from_pending_to_completed(
    toolbox: Toolbox, session: Session, told: Told
) -> None:
    called = await toolbox.call_in(session, "read_file", {"path": "hello.txt"})
    assert statuses(told) == ["pending", "running", "completed"]
    call = only_call(session)
    assert call.id == called.tool_call_id
    assert (call.name, call.arguments) == ("read_file", {"path": "hello.txt"})
    assert call.result == called.result
    assert call.result["content"] == "one\ntwo\nthree\n"


async def test_an_unknown_tool_is_refused_and_recorded(
    toolbox: Toolbox, session: Session, told: Told
) -> None:
    with pytest.raises(UnknownTool):
        await toolbox.call_in(session, "nothing", {"any": 1})
    assert statuses(told) == ["pending", "error"]
    assert only_call(session).result == {
        "error": {"code": 1501, "kind": "unknownTool", "message": "There is no tool 'nothing'."}
    }


async def test_arguments_that_do_not_fit_are_refused_and_recorded(
    toolbox: Toolbox, session: Session, told: Told
) -> None:
    with pytest.raises(InvalidParams) as refused:
        await toolbox.call_in(session, "read_file", {"path": 1})
    assert refused.value.problems[0].path == "params.arguments.path"
    assert statuses(told) == ["pending", "error"]
    assert only_call(session).result["error"]["kind"] == "invalidParams"
    assert only_call(session).arguments == {"path": 1}


async def test_a_tool_that_fails_says_why_and_is_recorded(
    toolbox: Toolbox, session: Session, told: Told
) -> None:
    with pytest.raises(ToolFailed) as failed:
        await toolbox.call_in(session, "read_file", {"path": "none"})
    error = {"code": 1105, "kind": "fileNotFound", "message": "'none' does not exist."}
    assert failed.value.data == {"kind": "toolFailed", "name": "read_file", "error": error}
    assert statuses(told) == ["pending", "running", "error"]
    assert only_call(session).result == {"error": error}


async def test_a_fault_of_the_tools_own_is_opaque(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(place: Place, *, word: str = "") -> None:
        """Break.

        Args:
            place: Where.
            word: Whatever.
        """
        raise ValueError(f"a secret of the server's own, {place} {word}")

    with pytest.raises(InternalError) as fault, caplog.at_level(logging.ERROR):
        await Toolbox({"broken": Tool.of(broken)}).call_in(session, "broken", {})
    assert "secret" not in str(fault.value)
    assert "secret" not in str(only_call(session).result)
    assert fault.value.incident in str(only_call(session).result)
    assert fault.value.incident in caplog.text
    assert "a secret of the server's own" in caplog.text


async def test_a_result_comes_later(held: Held, session: Session, told: Told) -> None:
    answer = held.call(session)
    assert not answer.done()
    assert statuses(told) == ["pending", "running"]
    assert held.work is not None
    held.work.set_result({"late": True})
    assert (await answer).result == {"late": True}
    assert statuses(told) == ["pending", "running", "completed"]


@pytest.mark.parametrize("error", [FileNotFound("x"), RequestCancelled(), ValueError()])
async def test_a_failure_comes_later(held: Held, session: Session, error: Exception) -> None:
    answer = held.call(session)
    assert held.work is not None
    held.work.set_exception(error)
    with pytest.raises(JidoError) as failed:
        await answer
    kinds = {"fileNotFound": "toolFailed"}
    recorded = only_call(session).result["error"]["kind"]
    assert failed.value.kind == kinds.get(recorded, recorded)
    assert only_call(session).status == "error"


async def test_a_call_that_is_cancelled_is_recorded_before_anything_else_happens(
    held: Held, session: Session
) -> None:
    answer = held.call(session)
    seen = []
    answer.add_done_callback(lambda _: seen.append(only_call(session).status))
    answer.cancel()
    await asyncio.sleep(0)
    assert answer.cancelled()
    assert seen == ["error"]
    assert held.work is not None
    assert held.work.cancelled()
    assert only_call(session).result["error"]["kind"] == "requestCancelled"


async def test_work_that_is_cancelled_cancels_its_call(held: Held, session: Session) -> None:
    answer = held.call(session)
    assert held.work is not None
    held.work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert only_call(session).result["error"]["kind"] == "requestCancelled"


@pytest.mark.parametrize("begun", [True, False])
async def test_a_call_ends_with_its_session_and_is_recorded_before(
    held: Held, session: Session, sessions: Sessions, told: Told, begun: bool
) -> None:
    answer = held.call(session)
    if begun:
        await asyncio.sleep(0)
    await sessions.close(session.id)
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert told.kinds[-2:] == ["toolCallUpdated", "sessionClosed"]
    assert only_call(session).status == "error"
    assert only_call(session).result == {"interrupted": True}
    assert held.work is not None
    assert held.work.cancelled()


async def test_a_call_outlives_a_restart_and_is_recorded_in_the_new_state(
    held: Held, session: Session
) -> None:
    before = session.state
    answer = held.call(session)
    await session.restart()
    assert session.state is not before
    assert held.work is not None
    held.work.set_result(1)
    await answer
    assert (only_call(session).status, only_call(session).result) == ("completed", 1)


async def test_a_call_that_others_have_ended_stays_as_they_said(
    held: Held, session: Session
) -> None:
    answer = held.call(session, "mine")
    session.state.update_tool_call("mine", "error", "by hand")
    assert held.work is not None
    held.work.set_result(1)
    assert (await answer).result == 1
    assert (only_call(session).status, only_call(session).result) == ("error", "by hand")


# Todos, and calls without a session


async def test_todos_are_those_of_the_session(toolbox: Toolbox, session: Session) -> None:
    todos = [{"content": "a", "status": "pending"}, {"content": "b", "status": "completed"}]
    called = await toolbox.call_in(session, "update_todos", {"todos": todos})
    assert [todo["content"] for todo in called.result["todos"]] == ["a", "b"]
    assert [todo.content for todo in session.state.content.todos] == ["a", "b"]
    with pytest.raises(InvalidParams, match=r"params\.sessionId"):
        await toolbox.call_with(session.manager, "update_todos", {"todos": []})


async def test_without_a_session_nothing_is_recorded(
    toolbox: Toolbox, session: Session, told: Told
) -> None:
    called = await toolbox.call_with(session.manager, "read_file", {"path": "hello.txt"})
    assert called.tool_call_id is None
    assert called.result["content"] == "one\ntwo\nthree\n"
    with pytest.raises(ToolFailed):
        await toolbox.call_with(session.manager, "read_file", {"path": "none"})
    assert statuses(told) == []


async def test_a_call_without_a_session_is_cancelled(held: Held, session: Session) -> None:
    answer = held.toolbox.call_with(session.manager, "hold", {})
    answer.cancel()
    await asyncio.sleep(0)
    assert held.work is not None
    assert held.work.cancelled()
