"""What a session holds: the fold of its updates.

Nothing here has a rule or an effect. Whoever applies the same records in the same order, the
server live, a replay from the journal or a client that catches up, holds the same content.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from jido_server import updates as u
from jido_server.model import (
    Message,
    ReasoningStep,
    SessionInfo,
    StateSnapshot,
    Todo,
    ToolCall,
)


class Stream:
    """The message that is being streamed.

    Its chunks are kept as a list and joined when asked for, so that a long stream costs linear
    time.

    Attributes:
        message_id: The id which the message will have.
    """

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self._chunks: list[str] = []

    @property
    def text(self) -> str:
        """All chunks so far."""
        self._chunks = ["".join(self._chunks)]
        return self._chunks[0]

    def add(self, chunk: str) -> None:
        """Put ``chunk`` at the end."""
        self._chunks.append(chunk)


class Content:
    """The content of one session after some of its updates.

    Attributes:
        seq: The number of the last update that was applied.
        updated_at: When that was.
        session: What is said of the session; None before its first update.
        messages: Oldest first.
        reasoning_steps: Oldest first.
        tool_calls: By id, oldest first.
        todos: In the order given.
        scroll_offset: Where the client's view stands.
        stream: The message that is being streamed.
        is_closed: Whether the last thing that happened is that the session was closed.
    """

    def __init__(self, records: Iterable[u.Record] = ()) -> None:
        self.seq = 0
        self.updated_at = ""
        self.session: SessionInfo | None = None
        self.messages: list[Message] = []
        self.reasoning_steps: list[ReasoningStep] = []
        self.tool_calls: dict[str, ToolCall] = {}
        self.todos: list[Todo] = []
        self.scroll_offset = 0
        self.stream: Stream | None = None
        self.is_closed = False
        for record in records:
            self.apply(record)

    def apply(self, record: u.Record) -> None:  # noqa: C901, PLR0912 - a case for every update
        """Make what ``record`` tells part of the content."""
        self.seq = record.seq
        self.updated_at = record.timestamp
        match record.update:
            case u.StreamChunk(chunk=chunk):
                if self.stream is not None:
                    self.stream.add(chunk)
            case u.MessageAppended(message=message):
                self.messages.append(message)
            case u.MessagesCleared():
                self.messages = []
            case u.StreamStarted(message_id=message_id):
                self.stream = Stream(message_id)
            case u.StreamEnded(message=message):
                self.stream = None
                self.messages.append(message)
            case u.ReasoningStepAdded(step=step):
                self.reasoning_steps.append(step)
            case u.ReasoningStepsCleared():
                self.reasoning_steps = []
            case u.ToolCallAdded(tool_call=tool_call) | u.ToolCallUpdated(tool_call=tool_call):
                self.tool_calls[tool_call.id] = tool_call
            case u.TodosUpdated(todos=todos):
                self.todos = todos
            case u.ScrollOffsetSet(offset=offset):
                self.scroll_offset = offset
            case u.SettingsChanged():
                pass  # settings are in their files; the update only tells
            case u.SessionRenamed(session=session) | u.SessionRestarted(session=session):
                self.session = session
            case u.SessionOpened(session=session):
                self.session = session
                self.is_closed = False
            case u.SessionClosed():
                self.is_closed = True
            case _:
                assert_never(record.update)

    def snapshot(self, session_id: str, message_limit: int | None = None) -> StateSnapshot:
        """Return all of it, with only the newest ``message_limit`` messages."""
        total = len(self.messages)
        first = 0 if message_limit is None else max(0, total - message_limit)
        return StateSnapshot(
            session_id=session_id,
            messages=self.messages[first:],
            message_total=total,
            reasoning_steps=list(self.reasoning_steps),
            tool_calls=list(self.tool_calls.values()),
            todos=list(self.todos),
            scroll_offset=self.scroll_offset,
            streaming_message=self.stream.text if self.stream else None,
            streaming_message_id=self.stream.message_id if self.stream else None,
            is_streaming=self.stream is not None,
            seq=self.seq,
        )
