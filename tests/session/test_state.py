from __future__ import annotations

import pytest

from jido_server.errors import (
    AlreadyStreaming,
    InvalidParams,
    NotStreaming,
    StorageFailed,
    ToolCallNotFound,
)
from jido_server.model import SessionInfo, StateSnapshot
from jido_server.protocol.inputs import MessageInput, ReasoningStepInput, TodoInput, ToolCallInput
from jido_server.session.coalescer import MAX_HELD_CHARACTERS
from jido_server.session.content import Content
from jido_server.session.state import State
from jido_server.storage.journal import MemoryJournal
from jido_server.updates import Record
from tests.support.surroundings import Told

INFO = SessionInfo(id="s", name="a project", project_path="/p", created_at="t0", updated_at="t0")


class FullDisk(MemoryJournal):
    """A journal that keeps nothing more once it is full."""

    is_full = False

    def append(self, record: Record) -> None:
        if self.is_full:
            raise StorageFailed("the disk is full")
        super().append(record)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def journal() -> FullDisk:
    return FullDisk()


@pytest.fixture
def state(told: Told, journal: FullDisk) -> State:
    state = State("s", Content(journal.read()), journal, told.around)
    state.open(INFO)
    return state


def hello(content: str = "hello") -> MessageInput:
    return MessageInput(role="user", content=content)


def test_a_new_state_is_empty(state: State) -> None:
    assert state.snapshot() == StateSnapshot(
        session_id="s",
        messages=[],
        message_total=0,
        reasoning_steps=[],
        tool_calls=[],
        todos=[],
        scroll_offset=0,
        streaming_message=None,
        streaming_message_id=None,
        is_streaming=False,
        seq=1,
    )


def test_a_message_gets_the_id_and_time_that_it_lacks(state: State) -> None:
    message = state.append_message(hello())
    assert (message.id, message.role, message.content) == ("id-1", "user", "hello")
    assert message.timestamp.endswith("Z")
    assert state.snapshot().messages == [message]


def test_a_message_keeps_the_id_and_time_that_it_has(state: State) -> None:
    given = MessageInput(role="tool", content="", id="", timestamp="2020-01-01T00:00:00Z")
    message = state.append_message(given)
    assert (message.id, message.timestamp) == ("", "2020-01-01T00:00:00Z")


def test_clearing_removes_all_messages_but_not_the_stream(state: State) -> None:
    state.append_message(hello())
    state.start_streaming("m")
    state.update_streaming("still here")
    state.clear_messages()
    snapshot = state.snapshot()
    assert snapshot.messages == []
    assert snapshot.streaming_message == "still here"


def test_a_limit_gives_the_newest_messages_and_the_total(state: State) -> None:
    for number in range(5):
        state.append_message(hello(str(number)))
    snapshot = state.snapshot(message_limit=2)
    assert [message.content for message in snapshot.messages] == ["3", "4"]
    assert snapshot.message_total == 5
    assert state.snapshot(message_limit=0).messages == []
    assert len(state.snapshot(message_limit=9).messages) == 5


def test_a_stream_becomes_a_message_of_the_assistant(state: State, told: Told) -> None:
    state.start_streaming("m")
    state.update_streaming("Hel")
    state.update_streaming("lo")
    message = state.end_streaming()
    assert (message.id, message.role, message.content) == ("m", "assistant", "Hello")
    assert message.interrupted is None
    assert told.kinds == ["sessionOpened", "streamStarted", "streamChunk", "streamEnded"]
    snapshot = state.snapshot()
    assert snapshot.messages == [message]
    assert (snapshot.is_streaming, snapshot.streaming_message) == (False, None)


def test_a_second_stream_is_refused_and_the_first_keeps_its_text(state: State) -> None:
    state.start_streaming("first")
    state.update_streaming("kept")
    with pytest.raises(AlreadyStreaming) as refused:
        state.start_streaming("second")
    assert refused.value.message_id == "first"
    assert state.snapshot().streaming_message == "kept"


def test_without_a_stream_there_is_nothing_to_add_to_or_to_end(state: State) -> None:
    with pytest.raises(NotStreaming):
        state.update_streaming("lost")
    with pytest.raises(NotStreaming):
        state.end_streaming()
    assert state.seq == 1


def test_chunks_are_told_joined_when_their_time_is_up(state: State, told: Told) -> None:
    state.start_streaming("m")
    for chunk in "abc":
        state.update_streaming(chunk)
    assert told.kinds[2:] == []
    told.timers.elapse()
    assert told.kinds[2:] == ["streamChunk"]
    assert told.records[-1].update.chunk == "abc"  # type: ignore[union-attr]
    told.timers.elapse()
    assert told.kinds[2:] == ["streamChunk"]


def test_many_characters_are_told_at_once(state: State, told: Told) -> None:
    state.start_streaming("m")
    state.update_streaming("x" * 4096)
    assert told.kinds[2:] == ["streamChunk"]


def test_chunks_are_told_before_any_other_update(state: State, told: Told) -> None:
    state.start_streaming("m")
    state.update_streaming("first")
    state.set_scroll_offset(3)
    assert told.kinds[2:] == ["streamChunk", "scrollOffsetSet"]


def test_a_snapshot_includes_what_was_streamed_before_it(state: State) -> None:
    state.start_streaming("m")
    state.update_streaming("seen")
    snapshot = state.snapshot()
    assert (snapshot.streaming_message, snapshot.seq) == ("seen", 3)


def test_an_empty_chunk_changes_nothing(state: State, told: Told) -> None:
    state.start_streaming("m")
    state.update_streaming("")
    told.timers.elapse()
    assert told.kinds == ["sessionOpened", "streamStarted"]


def test_reasoning_steps_are_added_and_cleared(state: State) -> None:
    step = state.add_reasoning_step(ReasoningStepInput(content="think"))
    assert state.snapshot().reasoning_steps == [step]
    state.clear_reasoning_steps()
    assert state.snapshot().reasoning_steps == []


def test_a_tool_call_goes_its_way(state: State) -> None:
    call = state.add_tool_call(ToolCallInput(name="read_file", arguments={"path": "a"}, id="c"))
    assert (call.status, call.result) == ("pending", None)
    state.update_tool_call("c", "running")
    done = state.update_tool_call("c", "completed", {"content": "x"})
    assert state.snapshot().tool_calls == [done]
    kept = state.update_tool_call("c", "error")
    assert kept.result == {"content": "x"}


def test_an_unknown_tool_call_is_not_found(state: State) -> None:
    with pytest.raises(ToolCallNotFound):
        state.update_tool_call("nobody", "running")


def test_a_tool_calls_id_is_used_once(state: State) -> None:
    state.add_tool_call(ToolCallInput(name="t", arguments={}, id="c"))
    with pytest.raises(InvalidParams) as refused:
        state.add_tool_call(ToolCallInput(name="t", arguments={}, id="c"))
    assert refused.value.problems[0].path == "params.toolCall.id"


def test_todos_are_replaced_as_a_whole(state: State) -> None:
    state.update_todos([TodoInput(content="old", status="pending")])
    todos = state.update_todos([TodoInput(content="new", status="completed", id="x")])
    assert state.snapshot().todos == todos
    assert todos[0].id == "x"


def test_the_view_is_remembered(state: State) -> None:
    state.set_scroll_offset(7)
    assert state.snapshot().scroll_offset == 7


def test_updates_are_numbered_from_one_without_a_gap(state: State, told: Told) -> None:
    for _ in range(5):
        state.append_message(hello())
    assert [record.seq for record in told.records] == [1, 2, 3, 4, 5, 6]


def test_a_session_changed_when_its_last_update_was_made(state: State, told: Told) -> None:
    state.append_message(hello())
    assert state.session.updated_at == told.records[-1].timestamp
    state.rename("another")
    assert state.session.name == "another"


def test_what_can_not_be_stored_did_not_happen(state: State, journal: FullDisk, told: Told) -> None:
    state.append_message(hello())
    before = state.snapshot()
    journal.is_full = True
    with pytest.raises(StorageFailed):
        state.append_message(hello())
    assert state.snapshot() == before
    assert len(told.records) == before.seq
    journal.is_full = False
    state.append_message(hello())
    assert state.seq == before.seq + 1


def test_chunks_that_can_not_be_stored_wait_for_better_times(
    state: State, journal: FullDisk, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    state.start_streaming("m")
    journal.is_full = True
    state.update_streaming("not ")
    told.timers.elapse()
    assert "the disk is full" in caplog.text
    journal.is_full = False
    state.update_streaming("lost")
    assert state.end_streaming().content == "not lost"


def test_what_waits_for_a_full_disk_is_limited_and_rarely_tried(
    state: State, journal: FullDisk, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    state.start_streaming("m")
    journal.is_full = True
    chunk = "x" * 1000
    sent = 0
    while sent < MAX_HELD_CHARACTERS:
        state.update_streaming(chunk)
        sent += len(chunk)
    with pytest.raises(StorageFailed):
        state.update_streaming(chunk)
    assert len(caplog.records) == 1
    told.timers.elapse()
    assert len(caplog.records) == 2
    journal.is_full = False
    with pytest.raises(StorageFailed):
        state.update_streaming("dropped")
    told.timers.elapse()
    state.update_streaming("end")
    assert state.end_streaming().content == "x" * sent + "end"


def test_what_was_going_on_is_ended_by_updates_of_its_own(state: State) -> None:
    state.start_streaming("m")
    state.update_streaming("half")
    state.add_tool_call(ToolCallInput(name="t", arguments={}, id="ran", status="running"))
    state.add_tool_call(ToolCallInput(name="t", arguments={}, id="waits"))
    state.end_interrupted()
    snapshot = state.snapshot()
    assert snapshot.messages[0].interrupted is True
    assert snapshot.messages[0].content == "half"
    assert [(call.status, call.result) for call in snapshot.tool_calls] == [
        ("error", {"interrupted": True}),
        ("pending", None),
    ]


def test_a_replay_of_the_journal_is_the_state(state: State, journal: FullDisk, told: Told) -> None:
    state.append_message(hello())
    state.start_streaming("m")
    state.update_streaming("text")
    state.close()
    assert State("s", Content(journal.read()), journal, told.around).snapshot() == state.snapshot()
    assert Content(journal.read()).is_closed


def test_a_hundred_thousand_chunks_are_one_text(state: State, told: Told) -> None:
    state.start_streaming("m")
    for number in range(100_000):
        state.update_streaming(f"{number} ")
    message = state.end_streaming()
    assert message.content == "".join(f"{number} " for number in range(100_000))
    assert len(told.records) < 1000
