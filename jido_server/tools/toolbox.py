"""Calling a tool: where it works, what is recorded, and how it fails."""

from __future__ import annotations

import asyncio
import logging
import uuid
from asyncio import Future
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import attrs

from jido_server.errors import (
    InternalError,
    InvalidParams,
    JidoError,
    RequestCancelled,
    ToolFailed,
    UnknownTool,
)
from jido_server.protocol import codec
from jido_server.protocol.tools import CallToolResult, ToolDescription
from jido_server.session.manager import Manager
from jido_server.session.session import Session
from jido_server.tools.catalogue import TOOLS
from jido_server.tools.place import Place
from jido_server.tools.recording import Recorded, Recording, Unrecorded, summary
from jido_server.tools.ripgrep import Ripgrep
from jido_server.tools.seen import SeenFiles
from jido_server.tools.signature import Tool
from jido_server.tools.then import settle_as

log = logging.getLogger(__name__)


class Toolbox:
    """The tools of one server, and what was seen through them.

    Args:
        tools: What there is, by name.
        ripgrep: Searches files.
    """

    def __init__(self, tools: dict[str, Tool] = TOOLS, ripgrep: Ripgrep | None = None) -> None:
        self.tools = tools
        self._ripgrep = ripgrep or Ripgrep()
        self._seen: WeakKeyDictionary[Manager, SeenFiles] = WeakKeyDictionary()

    def describe(self) -> list[ToolDescription]:
        """Return every tool as a model is told of it."""
        return [
            ToolDescription(
                name=tool.name, description=tool.description, input_schema=tool.input_schema
            )
            for tool in self.tools.values()
        ]

    def call_in(
        self,
        session: Session,
        name: str,
        arguments: dict[str, Any],
        tool_call_id: str | None = None,
    ) -> Future[CallToolResult]:
        """Call a tool in a session, and record it there.

        Cancelling the future ends the call, and so does closing the session.

        Args:
            session: Where it works, and is recorded.
            name: The tool.
            arguments: As a model gave them.
            tool_call_id: How the call is to be called. If a pending call has this id, it is this.

        Raises:
            InvalidParams: The id stands for another call, or one that has begun.
            StorageFailed: The call can't be recorded, so nothing is done.

        The future raises:
            UnknownTool: There is no such tool.
            InvalidParams: The arguments don't fit; every problem is named.
            ToolFailed: It was done, or begun, and failed.
            RequestCancelled: It was cancelled.
        """
        recording = Recorded(session, name, arguments, tool_call_id)
        place = attrs.evolve(self._place(session.manager), state=session.state)
        work, answer = self._call(place, recording, name, arguments)
        if not answer.done():
            owned = session.own(_accompany(work, answer))
            owned.add_done_callback(lambda _: answer.cancel())  # if it has not even begun
        return answer

    def call_with(
        self, manager: Manager, name: str, arguments: dict[str, Any]
    ) -> Future[CallToolResult]:
        """Call a tool without a session; as ``call_in``, but nothing is recorded."""
        _, answer = self._call(self._place(manager), Unrecorded(), name, arguments)
        return answer

    def _place(self, manager: Manager) -> Place:
        seen = self._seen.setdefault(manager, SeenFiles())
        return Place(manager=manager, seen=seen, ripgrep=self._ripgrep)

    def _call(
        self, place: Place, recording: Recording, name: str, arguments: dict[str, Any]
    ) -> tuple[Future[Any], Future[CallToolResult]]:
        """Return the work and the answer; cancelling the answer ends the work."""
        answer: Future[CallToolResult] = asyncio.get_running_loop().create_future()
        try:
            work = self._begin(place, recording, name, arguments)
        except JidoError as error:
            answer.set_exception(error)
            return answer, answer

        def settle(_: Future[Any]) -> None:
            if not answer.done():
                settle_as(answer, partial(_finish, recording, name, work))

        def give_up(_: Future[CallToolResult]) -> None:
            if answer.cancelled():
                recording.failed(RequestCancelled())
                work.cancel()

        answer.add_done_callback(give_up)
        if work.done():
            settle(work)
        else:
            work.add_done_callback(settle)
        return work, answer

    def _begin(
        self, place: Place, recording: Recording, name: str, given: dict[str, Any]
    ) -> Future[Any]:
        with _failing(recording, name):
            if name not in self.tools:
                raise UnknownTool(name)
            tool = self.tools[name]
            arguments = tool.check(given)
        recording.running()
        with _failing(recording, name):
            outcome = tool.begin(place, arguments)
        return outcome if isinstance(outcome, Future) else _done(outcome)


def _finish(recording: Recording, name: str, work: Future[Any]) -> CallToolResult:
    with _failing(recording, name):
        result = codec.unstructure(work.result())
    recording.completed(result)
    return CallToolResult(result=result, tool_call_id=recording.tool_call_id)


@contextmanager
def _failing(recording: Recording, name: str) -> Iterator[None]:
    """Record what goes wrong, and raise it as the caller of a tool is to see it."""
    try:
        yield
    except asyncio.CancelledError:
        recording.failed(RequestCancelled())
        raise
    except (InvalidParams, UnknownTool, RequestCancelled) as error:
        recording.failed(error)
        raise
    except JidoError as error:
        recording.failed(error)
        raise ToolFailed(name, summary(error)) from error
    except Exception as error:
        fault = InternalError(uuid.uuid4().hex[:12])
        log.exception("The tool %s failed, incident %s", name, fault.incident)
        recording.failed(fault)
        raise fault from error


def _done(result: object) -> Future[Any]:
    future: Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future


async def _accompany(work: Future[Any], answer: Future[CallToolResult]) -> None:
    """Wait until a call has ended, and if its session ends before, until its work has."""
    try:
        await asyncio.wait([answer])
    except asyncio.CancelledError:
        answer.cancel()
        work.cancel()
        await asyncio.wait([work])
        raise
