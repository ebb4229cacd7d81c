"""A tool call as its session's State tells it: pending, running, then completed or an error."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from jido_server.errors import InvalidParams, JidoError, Problem
from jido_server.model import ToolCall, ToolCallStatus
from jido_server.protocol.inputs import ToolCallInput
from jido_server.session.session import Session

log = logging.getLogger(__name__)

GOING_ON = ("pending", "running")


def summary(error: JidoError) -> dict[str, Any]:
    """Return an error as it is told inside of something else."""
    return {"code": error.code, "kind": error.kind, "message": str(error)}


class Recording(Protocol):
    """Where it is said how far a call is."""

    @property
    def tool_call_id(self) -> str | None:
        """The id of what is recorded, if anything is."""
        ...

    def running(self) -> None:
        """Say that the tool has begun."""
        ...

    def completed(self, result: Any) -> None:  # noqa: ANN401 - any JSON value
        """Say what it gave."""
        ...

    def failed(self, error: JidoError) -> None:
        """Say why it gave nothing."""
        ...


class Unrecorded:
    """A call without a session."""

    tool_call_id = None

    def running(self) -> None:
        """Say nothing."""

    def completed(self, result: Any) -> None:  # noqa: ANN401 - any JSON value
        """Say nothing."""

    def failed(self, error: JidoError) -> None:
        """Say nothing."""


class Recorded:
    """A call in a session; from its making on it is pending.

    Args:
        session: Whose call it is.
        name: The tool.
        arguments: What it is called with, whatever that is.
        tool_call_id: How the call is to be called; that of a pending one stands for it.

    Raises:
        InvalidParams: The id stands for a call that isn't this one, or isn't pending.
        StorageFailed: It can't be recorded, so it must not be done.
    """

    def __init__(
        self, session: Session, name: str, arguments: dict[str, Any], tool_call_id: str | None
    ) -> None:
        self._session = session
        call = self._find(name, arguments, tool_call_id)
        if call is None:
            given = ToolCallInput(name=name, arguments=arguments, id=tool_call_id)
            call = session.state.add_tool_call(given)
        self.tool_call_id = call.id

    def running(self) -> None:
        """Say that the tool has begun."""
        self._update("running")

    def completed(self, result: Any) -> None:  # noqa: ANN401 - any JSON value
        """Say what it gave."""
        self._update("completed", result)

    def failed(self, error: JidoError) -> None:
        """Say why it gave nothing; where even that can't be stored, the log tells it."""
        try:
            self._update("error", {"error": summary(error)})
        except JidoError as trouble:
            log.error("That %s failed is not recorded: %s", self.tool_call_id, trouble)  # noqa: TRY400 - no fault of ours

    def _find(self, name: str, arguments: dict[str, Any], given: str | None) -> ToolCall | None:
        call = self._session.state.content.tool_calls.get(given) if given is not None else None
        if call is not None and call.status != "pending":
            raise InvalidParams([Problem("params.toolCallId", f"this call is {call.status}")])
        if call is not None and (call.name, call.arguments) != (name, arguments):
            raise InvalidParams([Problem("params.toolCallId", "this is another call")])
        return call

    def _update(self, status: ToolCallStatus, result: Any = None) -> None:  # noqa: ANN401 - any JSON value
        """Tell it, unless the call was ended by others, as when its session was closed."""
        state = self._session.state  # a restart makes a new one
        if state.content.tool_calls[self.tool_call_id].status in GOING_ON:
            state.update_tool_call(self.tool_call_id, status, result)
