"""Whatever is done to a State, in whatever order: a replay equals it, and so does a client."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jido_server.errors import AlreadyStreaming, NotStreaming
from jido_server.model import SessionInfo
from jido_server.protocol.inputs import MessageInput, ReasoningStepInput, TodoInput, ToolCallInput
from jido_server.session.content import Content
from jido_server.session.state import State
from jido_server.storage.journal import MemoryJournal
from tests.support.surroundings import Told

TEXT = st.text(max_size=20)
STATUS = st.sampled_from(["pending", "running", "completed", "error"])
INFO = SessionInfo(id="s", name="n", project_path="/p", created_at="t", updated_at="t")


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.journal = MemoryJournal()
        self.state = State("s", Content(), self.journal, self.told.around)
        self.state.open(INFO)
        self.streamed: str | None = None
        self.late = self.state.snapshot()
        self.late_content = Content(self.journal.read())

    @rule(content=TEXT, role=st.sampled_from(["user", "assistant", "system", "tool"]))
    def append(self, content: str, role: str) -> None:
        self.state.append_message(MessageInput(role=role, content=content))  # type: ignore[arg-type]

    @rule()
    def clear(self) -> None:
        self.state.clear_messages()

    @rule()
    def start(self) -> None:
        if self.streamed is None:
            self.state.start_streaming("m")
            self.streamed = ""
        else:
            with pytest.raises(AlreadyStreaming):
                self.state.start_streaming("other")

    @rule(chunks=st.lists(TEXT, max_size=5))
    def stream(self, chunks: list[str]) -> None:
        for chunk in chunks:
            if self.streamed is None:
                with pytest.raises(NotStreaming):
                    self.state.update_streaming(chunk)
            else:
                self.state.update_streaming(chunk)
                self.streamed += chunk

    @precondition(lambda self: self.streamed is not None)
    @rule()
    def end(self) -> None:
        assert self.state.end_streaming().content == self.streamed
        self.streamed = None

    @rule()
    def wait(self) -> None:
        self.told.timers.elapse()

    @rule(content=TEXT)
    def think(self, content: str) -> None:
        self.state.add_reasoning_step(ReasoningStepInput(content=content))

    @rule()
    def forget(self) -> None:
        self.state.clear_reasoning_steps()

    @rule(name=TEXT, status=STATUS)
    def call(self, name: str, status: str) -> None:
        self.state.add_tool_call(ToolCallInput(name=name, arguments={}, status=status))  # type: ignore[arg-type]

    @precondition(lambda self: self.state.content.tool_calls)
    @rule(data=st.data(), status=STATUS, result=st.none() | st.integers())
    def update_call(self, data: st.DataObject, status: str, result: int | None) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.state.content.tool_calls)))
        self.state.update_tool_call(id_, status, result)  # type: ignore[arg-type]

    @rule(contents=st.lists(TEXT, max_size=3))
    def plan(self, contents: list[str]) -> None:
        self.state.update_todos([TodoInput(content=text, status="pending") for text in contents])

    @rule(offset=st.integers(0, 100))
    def scroll(self, offset: int) -> None:
        self.state.set_scroll_offset(offset)

    @rule()
    def interrupt(self) -> None:
        self.state.end_interrupted()
        self.streamed = None

    @rule()
    def join_late(self) -> None:
        """A client takes the state now, and all that is told from now on."""
        self.late = self.state.snapshot()
        self.late_content = Content(self.journal.read(0, self.late.seq))

    @invariant()
    def a_replay_equals_what_is_live(self) -> None:
        live = self.state.snapshot()
        assert Content(self.journal.read()).snapshot("s") == live
        assert [record.seq for record in self.told.records] == list(range(1, live.seq + 1))
        assert list(self.journal.read()) == self.told.records

    @invariant()
    def a_client_that_came_late_holds_the_same(self) -> None:
        live = self.state.snapshot()
        for record in self.told.records[self.late_content.seq :]:
            self.late_content.apply(record)
        assert self.late_content.snapshot("s") == live

    @invariant()
    def a_stream_holds_all_that_was_streamed(self) -> None:
        assert self.state.snapshot().streaming_message == self.streamed


TestState = Machine.TestCase
TestState.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
