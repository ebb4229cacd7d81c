"""A client that was away reads on from its last number, and holds what one that stayed holds."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jido_server.protocol.inputs import MessageInput, ReasoningStepInput, TodoInput, ToolCallInput
from jido_server.session.content import Content
from jido_server.session.sessions import Sessions
from jido_server.session.state import State
from jido_server.storage.sqlite import SqliteStorage
from jido_server.updates import Record
from tests.support.surroundings import Told

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def stream(state: State, chunks: list[str]) -> None:
    if state.content.stream is None:
        state.start_streaming("m")
    for chunk in chunks:
        state.update_streaming(chunk)


def end(state: State) -> None:
    if state.content.stream is not None:
        state.end_streaming()


def call(state: State, name: str) -> None:
    added = state.add_tool_call(ToolCallInput(name=name, arguments={"of": name}))
    state.update_tool_call(added.id, "completed", {"gave": name})


CHANGES: st.SearchStrategy[Callable[[State], object]] = st.one_of(
    TEXT.map(lambda t: lambda s: s.append_message(MessageInput(role="user", content=t))),
    st.lists(TEXT, max_size=3).map(lambda chunks: lambda s: stream(s, chunks)),
    st.just(end),
    st.just(State.clear_messages),
    st.just(State.clear_reasoning_steps),
    TEXT.map(lambda t: lambda s: s.add_reasoning_step(ReasoningStepInput(content=t))),
    TEXT.map(lambda t: lambda s: call(s, t)),
    st.lists(TEXT, max_size=2).map(
        lambda texts: (
            lambda s: s.update_todos(TodoInput(content=text, status="pending") for text in texts)
        )
    ),
    st.integers(0, 9).map(lambda offset: lambda s: s.set_scroll_offset(offset)),
)


async def read_on(sessions: Sessions, session_id: str, content: Content, limit: int) -> None:
    """Bring a client's content up to date, page by page."""
    while True:
        page = await sessions.archive().updates(session_id, content.seq, limit)
        for update in page.updates:
            assert update.seq == content.seq + 1, "there is a gap"
            content.apply(Record(session_id, update.seq, update.timestamp, update.update))
        if not page.has_more:
            assert content.seq == page.last_seq
            return


async def live_and_catch_up(
    folder: Path, changes: list[Callable[[State], object]], cuts: set[int], limit: int
) -> None:
    told = Told(SqliteStorage(folder / "state"))
    sessions = Sessions(told.around)
    session_id = sessions.open(str(folder)).id
    away = Content()
    for number, change in enumerate(changes):
        if number in cuts:
            await read_on(sessions, session_id, away, limit)
            await sessions.close(session_id)
            await sessions.resume(session_id)
        change(sessions.get(session_id).state)
    live = sessions.get(session_id).state.snapshot()
    stayed = Content(told.records)
    await read_on(sessions, session_id, away, limit)
    assert stayed.snapshot(session_id) == live
    assert away.snapshot(session_id) == live
    await sessions.close_all()
    told.around.storage.close()


@given(
    changes=st.lists(CHANGES, max_size=25),
    cuts=st.sets(st.integers(0, 24), max_size=3),
    limit=st.integers(1, 9),
)
@settings(max_examples=40, deadline=None)
def test_whoever_was_away_holds_the_same_as_who_stayed(
    changes: list[Callable[[State], object]], cuts: set[int], limit: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live_and_catch_up(Path(folder), changes, cuts, limit))
