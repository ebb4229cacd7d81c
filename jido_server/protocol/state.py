"""Methods of a session's State: the conversation, and how it is shown."""

from __future__ import annotations

from typing import Any

import attrs

from jido_server.model import (
    Message,
    ReasoningStep,
    StateSnapshot,
    Todo,
    ToolCall,
    ToolCallStatus,
)
from jido_server.protocol.constraints import NonNegative
from jido_server.protocol.inputs import MessageInput, ReasoningStepInput, TodoInput, ToolCallInput
from jido_server.protocol.method import Notification, Request, SessionParams
from jido_server.protocol.session import SessionStateParams


@attrs.frozen(kw_only=True)
class SeqResult:
    """The number of the last update that the answer includes."""

    seq: int


@attrs.frozen(kw_only=True)
class StateResult:
    """All of a session's state."""

    state: StateSnapshot


@attrs.frozen(kw_only=True)
class GetMessagesParams:
    """Params of ``jido/state/getMessages``.

    Attributes:
        session_id: An open session.
        offset: How many of the oldest messages to leave out.
        limit: How many messages to give at most.
    """

    session_id: str
    offset: NonNegative = 0
    limit: NonNegative | None = None


@attrs.frozen(kw_only=True)
class GetMessagesResult:
    """Some messages, oldest first.

    Attributes:
        messages: From the offset on.
        total: How many there are in all.
        has_more: Whether there are more behind the last one given.
    """

    messages: list[Message]
    total: int
    has_more: bool


@attrs.frozen(kw_only=True)
class ReasoningStepsResult:
    """All steps of reasoning, oldest first."""

    reasoning_steps: list[ReasoningStep]


@attrs.frozen(kw_only=True)
class ToolCallsResult:
    """All tool calls, oldest first."""

    tool_calls: list[ToolCall]


@attrs.frozen(kw_only=True)
class TodosResult:
    """The list of things to do."""

    todos: list[Todo]


@attrs.frozen(kw_only=True)
class AppendMessageParams:
    """Params of ``jido/state/appendMessage``.

    Attributes:
        session_id: An open session.
        message: Stored at the end of the conversation.
    """

    session_id: str
    message: MessageInput


@attrs.frozen(kw_only=True)
class MessageResult:
    """The stored message, and the number of its update."""

    message: Message
    seq: int


@attrs.frozen(kw_only=True)
class StartStreamingParams:
    """Params of ``jido/state/startStreaming``.

    Attributes:
        session_id: An open session.
        message_id: The id which the message will have.
    """

    session_id: str
    message_id: str


@attrs.frozen(kw_only=True)
class UpdateStreamingParams:
    """Params of ``jido/state/updateStreaming``.

    Attributes:
        session_id: A session that streams; otherwise the chunk is dropped with a warning.
        chunk: More text.
    """

    session_id: str
    chunk: str


@attrs.frozen(kw_only=True)
class SetScrollOffsetParams:
    """Params of ``jido/state/setScrollOffset``.

    Attributes:
        session_id: An open session.
        offset: At least 0.
    """

    session_id: str
    offset: NonNegative


@attrs.frozen(kw_only=True)
class UpdateTodosParams:
    """Params of ``jido/state/updateTodos``.

    Attributes:
        session_id: An open session.
        todos: The whole list.
    """

    session_id: str
    todos: list[TodoInput]


@attrs.frozen(kw_only=True)
class UpdateTodosResult:
    """The stored list, and the number of its update."""

    todos: list[Todo]
    seq: int


@attrs.frozen(kw_only=True)
class AddReasoningStepParams:
    """Params of ``jido/state/addReasoningStep``.

    Attributes:
        session_id: An open session.
        step: Stored behind the others.
    """

    session_id: str
    step: ReasoningStepInput


@attrs.frozen(kw_only=True)
class AddReasoningStepResult:
    """The stored step, and the number of its update."""

    step: ReasoningStep
    seq: int


@attrs.frozen(kw_only=True)
class AddToolCallParams:
    """Params of ``jido/state/addToolCall``.

    Attributes:
        session_id: An open session.
        tool_call: Stored behind the others; its id must be new in the session.
    """

    session_id: str
    tool_call: ToolCallInput


@attrs.frozen(kw_only=True)
class ToolCallResult:
    """The stored tool call, and the number of its update."""

    tool_call: ToolCall
    seq: int


@attrs.frozen(kw_only=True)
class UpdateToolCallParams:
    """Params of ``jido/state/updateToolCall``.

    Attributes:
        session_id: An open session.
        tool_call_id: A tool call of the session.
        status: How far it is now.
        result: What it gave; left out or null, what it had before stays.
    """

    session_id: str
    tool_call_id: str
    status: ToolCallStatus
    result: Any = None


GET = Request("jido/state/get", SessionStateParams, StateResult, "All of a session's state.")
GET_MESSAGES = Request(
    "jido/state/getMessages", GetMessagesParams, GetMessagesResult, "Page through the messages."
)
GET_REASONING_STEPS = Request(
    "jido/state/getReasoningSteps", SessionParams, ReasoningStepsResult, "All steps of reasoning."
)
GET_TOOL_CALLS = Request(
    "jido/state/getToolCalls", SessionParams, ToolCallsResult, "All tool calls."
)
GET_TODOS = Request("jido/state/getTodos", SessionParams, TodosResult, "The list of things to do.")
APPEND_MESSAGE = Request(
    "jido/state/appendMessage", AppendMessageParams, MessageResult, "Add a message at the end."
)
CLEAR_MESSAGES = Request(
    "jido/state/clearMessages", SessionParams, SeqResult, "Remove all messages."
)
START_STREAMING = Request(
    "jido/state/startStreaming",
    StartStreamingParams,
    SeqResult,
    "Begin a message that comes in chunks.",
)
UPDATE_STREAMING = Notification(
    "jido/state/updateStreaming", UpdateStreamingParams, "One more chunk of the streamed message."
)
END_STREAMING = Request(
    "jido/state/endStreaming", SessionParams, MessageResult, "The streamed message is complete."
)
SET_SCROLL_OFFSET = Request(
    "jido/state/setScrollOffset", SetScrollOffsetParams, SeqResult, "Where the view stands."
)
UPDATE_TODOS = Request(
    "jido/state/updateTodos", UpdateTodosParams, UpdateTodosResult, "Replace the list of todos."
)
ADD_REASONING_STEP = Request(
    "jido/state/addReasoningStep",
    AddReasoningStepParams,
    AddReasoningStepResult,
    "Add a step of reasoning.",
)
CLEAR_REASONING_STEPS = Request(
    "jido/state/clearReasoningSteps", SessionParams, SeqResult, "Remove all steps of reasoning."
)
ADD_TOOL_CALL = Request(
    "jido/state/addToolCall", AddToolCallParams, ToolCallResult, "Add a tool call."
)
UPDATE_TOOL_CALL = Request(
    "jido/state/updateToolCall", UpdateToolCallParams, ToolCallResult, "How far a tool call is."
)
