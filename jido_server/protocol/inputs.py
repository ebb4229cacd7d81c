"""What a client gives to be stored: the parts of a session without what the server fills in."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from jido_server.model import Role, TodoStatus, ToolCallStatus


@attrs.frozen(kw_only=True)
class MessageInput:
    """A message to be stored; a missing id or timestamp is filled in."""

    role: Role
    content: str
    id: str | None = None
    timestamp: str | None = None
    interrupted: Literal[True] | None = None


@attrs.frozen(kw_only=True)
class ReasoningStepInput:
    """A step to be stored; a missing id or timestamp is filled in."""

    content: str
    id: str | None = None
    timestamp: str | None = None


@attrs.frozen(kw_only=True)
class ToolCallInput:
    """A tool call to be stored; a missing id or timestamp is filled in.

    One without a status is pending, one without a result has none yet.
    """

    name: str
    arguments: dict[str, Any]
    id: str | None = None
    result: Any = None
    status: ToolCallStatus = "pending"
    timestamp: str | None = None


@attrs.frozen(kw_only=True)
class TodoInput:
    """An item to be stored; a missing id is filled in."""

    content: str
    status: TodoStatus
    id: str | None = None
