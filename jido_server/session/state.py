"""State: what was said in a session, and the only place where it changes.

Every operation checks its rules, builds one update and commits it: store, then apply, then tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from jido_server import updates as u
from jido_server.errors import (
    AlreadyStreaming,
    InvalidParams,
    NotStreaming,
    Problem,
    ToolCallNotFound,
)
from jido_server.model import (
    Message,
    ReasoningStep,
    SessionInfo,
    Settings,
    StateSnapshot,
    Todo,
    ToolCall,
    ToolCallStatus,
)
from jido_server.protocol.inputs import MessageInput, ReasoningStepInput, TodoInput, ToolCallInput
from jido_server.session.coalescer import Coalescer
from jido_server.session.content import Content
from jido_server.session.surroundings import Surroundings
from jido_server.storage.journal import Journal


class State:
    """The state of one session.

    Args:
        session_id: Whose state it is.
        content: What the session holds so far.
        journal: Keeps every update before it counts; it has those that made the content.
        around: Gives times and ids, and has the observer that is told every update.

    Attributes:
        content: What the session holds; changed by the operations here alone.
    """

    def __init__(
        self, session_id: str, content: Content, journal: Journal, around: Surroundings
    ) -> None:
        self.content = content
        self._session_id = session_id
        self._journal = journal
        self._clock = around.clock
        self._observer = around.observer
        self._chunks = Coalescer(around.clock, self._tell_chunk)

    @property
    def seq(self) -> int:
        """The number of the last update."""
        return self.content.seq

    @property
    def session(self) -> SessionInfo:
        """What is said of the session, and when it last changed."""
        session = self.content.session
        assert session is not None, "a session's first update is its opening"
        if session.updated_at != self.content.updated_at:
            session = attrs.evolve(session, updated_at=self.content.updated_at)
            self.content.session = session
        return session

    def snapshot(self, message_limit: int | None = None) -> StateSnapshot:
        """Return everything, with only the newest ``message_limit`` messages."""
        self._chunks.flush()
        return self.content.snapshot(self._session_id, message_limit)

    # Messages

    def append_message(self, given: MessageInput) -> Message:
        """Add a message at the end and return it as stored."""
        message = Message(
            id=self._id(given.id),
            role=given.role,
            content=given.content,
            timestamp=given.timestamp or self._clock.now(),
            interrupted=given.interrupted,
        )
        self._commit(u.MessageAppended(message))
        return message

    def clear_messages(self) -> None:
        """Remove all messages; a stream goes on."""
        self._commit(u.MessagesCleared())

    # Streaming

    def start_streaming(self, message_id: str) -> None:
        """Open a streamed message of the assistant.

        Raises:
            AlreadyStreaming: Another one has not ended; nothing of it is thrown away.
        """
        if self.content.stream is not None:
            raise AlreadyStreaming(self.content.stream.message_id)
        self._commit(u.StreamStarted(message_id))

    def update_streaming(self, chunk: str) -> None:
        """Add text to the streamed message; it is stored and told soon, joined with its neighbours.

        Raises:
            NotStreaming: No message is open.
        """
        if self.content.stream is None:
            raise NotStreaming
        self._chunks.add(chunk)

    def end_streaming(self) -> Message:
        """Make the streamed text a message at the end, and return it.

        Raises:
            NotStreaming: No message is open.
        """
        return self._end_stream()

    # Reasoning, tools, todos, view

    def add_reasoning_step(self, given: ReasoningStepInput) -> ReasoningStep:
        """Add a step at the end and return it as stored."""
        step = ReasoningStep(
            id=self._id(given.id),
            content=given.content,
            timestamp=given.timestamp or self._clock.now(),
        )
        self._commit(u.ReasoningStepAdded(step))
        return step

    def clear_reasoning_steps(self) -> None:
        """Remove all steps."""
        self._commit(u.ReasoningStepsCleared())

    def add_tool_call(self, given: ToolCallInput) -> ToolCall:
        """Add a tool call at the end and return it as stored.

        Raises:
            InvalidParams: The session has a tool call with this id already.
        """
        if given.id in self.content.tool_calls:
            raise InvalidParams([Problem("params.toolCall.id", "is used by another tool call")])
        tool_call = ToolCall(
            id=self._id(given.id),
            name=given.name,
            arguments=given.arguments,
            result=given.result,
            status=given.status,
            timestamp=given.timestamp or self._clock.now(),
        )
        self._commit(u.ToolCallAdded(tool_call))
        return tool_call

    def update_tool_call(
        self,
        tool_call_id: str,
        status: ToolCallStatus,
        result: Any = None,  # noqa: ANN401 - any JSON value
    ) -> ToolCall:
        """Say how far a tool call is; without a result, the one it has stays.

        Raises:
            ToolCallNotFound: The session has no tool call with this id.
        """
        before = self.content.tool_calls.get(tool_call_id)
        if before is None:
            raise ToolCallNotFound(tool_call_id)
        result = before.result if result is None else result
        tool_call = attrs.evolve(before, status=status, result=result)
        self._commit(u.ToolCallUpdated(tool_call))
        return tool_call

    def update_todos(self, given: Iterable[TodoInput]) -> list[Todo]:
        """Replace the whole list and return it as stored."""
        todos = [
            Todo(id=self._id(item.id), content=item.content, status=item.status) for item in given
        ]
        self._commit(u.TodosUpdated(todos))
        return todos

    def set_scroll_offset(self, offset: int) -> None:
        """Remember where the client's view stands."""
        self._commit(u.ScrollOffsetSet(offset))

    # The session itself

    def open(self, session: SessionInfo) -> None:
        """Say that the session is open from now on."""
        self._commit(u.SessionOpened(session))

    def rename(self, name: str) -> None:
        """Give the session another name."""
        renamed = attrs.evolve(self.session, name=name, updated_at=self._clock.now())
        self._commit(u.SessionRenamed(renamed))

    def restarted(self) -> None:
        """Say that the session has a fresh Manager and a State rebuilt from what was stored."""
        self._commit(u.SessionRestarted(attrs.evolve(self.session, updated_at=self._clock.now())))

    def change_settings(self, settings: Settings) -> None:
        """Say which merged settings hold from now on."""
        self._commit(u.SettingsChanged(settings))

    def end_interrupted(self) -> None:
        """End by updates of their own what was going on when a server died."""
        if self.content.stream is not None:
            self._end_stream(interrupted=True)
        self._end_tool_calls()

    def close(self) -> None:
        """Say that the session is closed, and that what runs in it ends; nothing changes after."""
        self._end_tool_calls()
        self._commit(u.SessionClosed())

    def flush(self) -> None:
        """Store and tell the chunks that still wait to be joined with others."""
        self._chunks.flush()

    def _end_tool_calls(self) -> None:
        for call in list(self.content.tool_calls.values()):
            if call.status == "running":
                self.update_tool_call(call.id, "error", {"interrupted": True})

    def _id(self, given: str | None) -> str:
        return self._clock.new_id() if given is None else given

    def _end_stream(self, *, interrupted: bool = False) -> Message:
        if self.content.stream is None:
            raise NotStreaming
        self._chunks.flush()
        message = Message(
            id=self.content.stream.message_id,
            role="assistant",
            content=self.content.stream.text,
            timestamp=self._clock.now(),
            interrupted=True if interrupted else None,
        )
        self._commit(u.StreamEnded(message))
        return message

    def _tell_chunk(self, chunk: str) -> None:
        assert self.content.stream is not None, "a stream ends after its last chunk was told"
        self._store_apply_tell(u.StreamChunk(self.content.stream.message_id, chunk))

    def _commit(self, update: u.Update) -> None:
        """Store, then apply, then tell; chunks that wait come first."""
        self._chunks.flush()
        self._store_apply_tell(update)

    def _store_apply_tell(self, update: u.Update) -> None:
        record = u.Record(self._session_id, self.seq + 1, self._clock.now(), update)
        self._journal.append(record)  # refuses by raising, and then nothing has changed
        self.content.apply(record)
        self._observer(record)
