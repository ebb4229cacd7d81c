"""The closed union of updates: everything that can change in a session.

An update says what happened, with all that is needed to repeat it. The journal stores it, the
state applies it, the client is told it; a replay of all of them is the session.
"""

from __future__ import annotations

from typing import ClassVar, get_args

import attrs

from jido_server.model import Message, ReasoningStep, SessionInfo, Settings, Todo, ToolCall


@attrs.frozen
class MessageAppended:
    """A message was added at the end."""

    kind: ClassVar = "messageAppended"
    message: Message


@attrs.frozen
class MessagesCleared:
    """All messages were removed."""

    kind: ClassVar = "messagesCleared"


@attrs.frozen
class StreamStarted:
    """The assistant began a message that will come in chunks."""

    kind: ClassVar = "streamStarted"
    message_id: str


@attrs.frozen
class StreamChunk:
    """More text of the streamed message."""

    kind: ClassVar = "streamChunk"
    message_id: str
    chunk: str


@attrs.frozen
class StreamEnded:
    """The streamed message is complete and was added at the end."""

    kind: ClassVar = "streamEnded"
    message: Message


@attrs.frozen
class ReasoningStepAdded:
    """A step of reasoning was added at the end."""

    kind: ClassVar = "reasoningStepAdded"
    step: ReasoningStep


@attrs.frozen
class ReasoningStepsCleared:
    """All steps of reasoning were removed."""

    kind: ClassVar = "reasoningStepsCleared"


@attrs.frozen
class ToolCallAdded:
    """A tool call was added at the end."""

    kind: ClassVar = "toolCallAdded"
    tool_call: ToolCall


@attrs.frozen
class ToolCallUpdated:
    """The tool call with this id is now this."""

    kind: ClassVar = "toolCallUpdated"
    tool_call: ToolCall


@attrs.frozen
class TodosUpdated:
    """The list of things to do is now this."""

    kind: ClassVar = "todosUpdated"
    todos: list[Todo]


@attrs.frozen
class ScrollOffsetSet:
    """The client's view was scrolled."""

    kind: ClassVar = "scrollOffsetSet"
    offset: int


@attrs.frozen
class SettingsChanged:
    """The merged settings of the session are now these."""

    kind: ClassVar = "settingsChanged"
    settings: Settings


@attrs.frozen
class SessionOpened:
    """The session was opened, for the first time or again."""

    kind: ClassVar = "sessionOpened"
    session: SessionInfo


@attrs.frozen
class SessionRenamed:
    """The session has a new name."""

    kind: ClassVar = "sessionRenamed"
    session: SessionInfo


@attrs.frozen
class SessionRestarted:
    """The session has a fresh Manager and a State rebuilt from what was stored."""

    kind: ClassVar = "sessionRestarted"
    session: SessionInfo


@attrs.frozen
class SessionClosed:
    """The session was closed; what was said stays stored."""

    kind: ClassVar = "sessionClosed"


Update = (
    MessageAppended
    | MessagesCleared
    | StreamStarted
    | StreamChunk
    | StreamEnded
    | ReasoningStepAdded
    | ReasoningStepsCleared
    | ToolCallAdded
    | ToolCallUpdated
    | TodosUpdated
    | ScrollOffsetSet
    | SettingsChanged
    | SessionOpened
    | SessionRenamed
    | SessionRestarted
    | SessionClosed
)

UPDATES: dict[str, type[Update]] = {cls.kind: cls for cls in get_args(Update)}
"""Every update by its kind."""


@attrs.frozen
class Record:
    """One update in its place in a session's history.

    Attributes:
        session_id: Whose history.
        seq: Its number, from 1 without a gap.
        timestamp: When it was made, ISO 8601, UTC.
        update: What happened.
    """

    session_id: str
    seq: int
    timestamp: str
    update: Update
