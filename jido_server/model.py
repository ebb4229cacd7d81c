"""What a session consists of: frozen values, the same on the wire, in memory and on disk."""

from __future__ import annotations

from typing import Any, Literal

import attrs

Role = Literal["user", "assistant", "system", "tool"]
ToolCallStatus = Literal["pending", "running", "completed", "error"]
TodoStatus = Literal["pending", "in_progress", "completed"]
Settings = dict[str, Any]


@attrs.frozen(kw_only=True)
class SessionInfo:
    """What is said of a session.

    Attributes:
        id: UUID version 4.
        name: 1 to 50 characters.
        project_path: The root, absolute and resolved.
        created_at: ISO 8601, UTC.
        updated_at: When the session last changed.
    """

    id: str
    name: str
    project_path: str
    created_at: str
    updated_at: str


@attrs.frozen(kw_only=True)
class SavedSession(SessionInfo):
    """What is said of a session that is stored, whether it is open or not.

    Attributes:
        message_count: How many messages it holds.
        last_seq: The number of its last update.
        is_open: Whether a server holds it, this one or another.
        closed_at: When it was closed; null while it is open, or if its server died.
    """

    message_count: int
    last_seq: int
    is_open: bool
    closed_at: str | None


@attrs.frozen(kw_only=True)
class Message:
    """One message of the conversation.

    Attributes:
        id: Given by the client, else a UUID.
        role: Who speaks.
        content: The text.
        timestamp: ISO 8601, UTC.
        interrupted: True if its stream was cut off by the end of a server.
    """

    id: str
    role: Role
    content: str
    timestamp: str
    interrupted: Literal[True] | None = None


@attrs.frozen(kw_only=True)
class ReasoningStep:
    """One step of an assistant's reasoning."""

    id: str
    content: str
    timestamp: str


@attrs.frozen(kw_only=True)
class ToolCall:
    """One use of a tool.

    Attributes:
        id: Unique within the session.
        name: The tool.
        arguments: What it was called with.
        result: What it gave, any JSON value; null while it has given nothing.
        status: How far it is.
        timestamp: When it was added.
    """

    id: str
    name: str
    arguments: dict[str, Any]
    result: Any
    status: ToolCallStatus
    timestamp: str


@attrs.frozen(kw_only=True)
class Todo:
    """One item of the session's list of things to do."""

    id: str
    content: str
    status: TodoStatus


@attrs.frozen(kw_only=True)
class StateSnapshot:
    """All of a session's state at one moment.

    Attributes:
        session_id: Whose state it is.
        messages: Oldest first; only the newest where a limit was asked for.
        message_total: How many messages there are in all.
        reasoning_steps: Oldest first.
        tool_calls: Oldest first.
        todos: In the order given.
        scroll_offset: Where the client's view stands, at least 0.
        streaming_message: What has been streamed so far, null when nothing streams.
        streaming_message_id: The id which the streamed message will have.
        is_streaming: Whether a message is being streamed.
        seq: The number of the last update that is included.
    """

    session_id: str
    messages: list[Message]
    message_total: int
    reasoning_steps: list[ReasoningStep]
    tool_calls: list[ToolCall]
    todos: list[Todo]
    scroll_offset: int
    streaming_message: str | None
    streaming_message_id: str | None
    is_streaming: bool
    seq: int
