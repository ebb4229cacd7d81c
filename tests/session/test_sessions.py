from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jido_server.errors import (
    InvalidProjectPath,
    SessionLimitReached,
    SessionNotFound,
    StorageFailed,
)
from jido_server.protocol.inputs import MessageInput
from jido_server.session.sessions import Sessions
from jido_server.storage.journal import Journal, MemoryJournal, MemoryStorage
from jido_server.updates import Record
from tests.support.surroundings import Told


class Picky(MemoryStorage):
    """Storage that refuses what a test tells it to."""

    refuses_to_create = False
    refused_kind = ""

    def create(self, session_id: str) -> Journal:
        if self.refuses_to_create:
            raise StorageFailed("no place")
        journal = super().create(session_id)
        assert isinstance(journal, MemoryJournal)
        append = journal.append

        def picky(record: Record) -> None:
            if record.update.kind == self.refused_kind:
                raise StorageFailed("not this")
            append(record)

        journal.append = picky  # type: ignore[method-assign]
        return journal


def say(sessions: Sessions, session_id: str, content: str) -> None:
    sessions.get(session_id).state.append_message(MessageInput(role="user", content=content))


async def test_a_session_has_a_manager_and_a_state_that_are_found_by_its_id(
    sessions: Sessions, project: Path
) -> None:
    session = sessions.open(str(project))
    found = sessions.get(session.id)
    assert found.manager.project_root == str(project)
    assert found.state.snapshot().session_id == session.id
    assert found.info.name == "project"
    assert list(sessions) == [session]


async def test_sessions_are_isolated_from_each_other(
    sessions: Sessions, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    a, b = sessions.open(str(project)), sessions.open(str(other))
    say(sessions, a.id, "only in a")
    a.state.start_streaming("m")
    await a.manager.run_lua("secret = 1")
    assert b.state.snapshot().messages == []
    assert not b.state.snapshot().is_streaming
    assert (await b.manager.run_lua("return secret")).values == [None]
    assert b.manager.project_root == str(other)


async def test_no_more_are_opened_than_the_limit(told: Told, project: Path) -> None:
    sessions = Sessions(told.around, limit=1)
    first = sessions.open(str(project))
    with pytest.raises(SessionLimitReached):
        sessions.open(str(project))
    await sessions.close(first.id)
    with pytest.raises(SessionNotFound):
        sessions.get(first.id)
    second = sessions.open(str(project))
    with pytest.raises(SessionLimitReached):
        await sessions.resume(first.id)
    assert await sessions.resume(second.id) is second
    await sessions.close_all()


async def test_a_closed_session_is_resumed(sessions: Sessions, project: Path, told: Told) -> None:
    session = sessions.open(str(project), name="mine")
    say(sessions, session.id, "kept")
    session.state.start_streaming("m")
    await sessions.close(session.id)
    resumed = await sessions.resume(session.id)
    assert resumed.info.name == "mine"
    messages = resumed.state.snapshot().messages
    assert [(m.content, m.interrupted) for m in messages] == [("kept", None), ("", True)]
    assert [record.seq for record in told.records] == list(range(1, resumed.state.seq + 1))
    assert told.kinds[-3:] == ["sessionClosed", "sessionOpened", "streamEnded"]


async def test_what_can_not_be_resumed_is_let_go_of(sessions: Sessions, project: Path) -> None:
    session = sessions.open(str(project))
    await sessions.close(session.id)
    project.rename(project.with_name("moved"))
    for _ in range(2):
        with pytest.raises(InvalidProjectPath):
            await sessions.resume(session.id)
    with pytest.raises(SessionNotFound):
        await sessions.resume("nobody")


async def test_a_restart_keeps_what_was_said_meanwhile(sessions: Sessions, project: Path) -> None:
    session = sessions.open(str(project))
    say(sessions, session.id, "before")
    old = session.manager
    await old.run_lua("x = 1")
    restarting = session.restart()
    assert session.manager is not old
    say(sessions, session.id, "meanwhile")
    await restarting
    contents = [message.content for message in session.state.snapshot().messages]
    assert contents == ["before", "meanwhile"]
    assert (await session.manager.run_lua("return x")).values == [None]
    assert (await session.manager.read_file("a.txt")).size == 14


async def test_a_session_that_can_not_be_stored_is_not_opened(project: Path) -> None:
    storage = Picky()
    sessions = Sessions(Told(storage).around)
    storage.refuses_to_create = True
    with pytest.raises(StorageFailed):
        sessions.open(str(project))
    storage.refuses_to_create = False
    storage.refused_kind = "sessionOpened"
    with pytest.raises(StorageFailed):
        sessions.open(str(project))
    assert list(sessions) == []


async def test_a_session_whose_end_can_not_be_stored_is_closed_with_a_warning(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Picky()
    sessions = Sessions(Told(storage).around)
    session = sessions.open(str(project))
    storage.refused_kind = "sessionClosed"
    await sessions.close(session.id)
    assert list(sessions) == []
    assert "its end is not stored" in caplog.text
    assert (await sessions.resume(session.id)).id == session.id
    await sessions.close_all()
    assert list(sessions) == []


async def test_closing_a_session_ends_what_it_owns(sessions: Sessions, project: Path) -> None:
    session = sessions.open(str(project))
    forever = session.own(asyncio.Event().wait())
    script = session.manager.run_lua("while true do end")
    await sessions.close(session.id)
    assert forever.cancelled()
    assert script.done()


async def test_a_deleted_session_is_gone_open_or_not(sessions: Sessions, project: Path) -> None:
    first, second = sessions.open(str(project)), sessions.open(str(project))
    await sessions.close(second.id)
    await sessions.delete(first.id)
    await sessions.delete(second.id)
    assert (await sessions.archive().saved()).sessions == []
    with pytest.raises(SessionNotFound):
        await sessions.delete(first.id)


async def test_a_history_is_read_page_by_page(sessions: Sessions, project: Path) -> None:
    session = sessions.open(str(project))
    session.state.start_streaming("m")
    session.state.update_streaming("not told yet")
    page = await sessions.archive().updates(session.id, 1, 1)
    assert ([u.seq for u in page.updates], page.last_seq, page.has_more) == ([2], 3, True)
    page = await sessions.archive().updates(session.id, 2, 9)
    assert ([u.seq for u in page.updates], page.last_seq, page.has_more) == ([3], 3, False)
    text = await sessions.archive().export(session.id, "markdown")
    assert "not told yet" in text.content


async def test_saved_sessions_are_of_one_project_if_it_is_named(
    sessions: Sessions, project: Path
) -> None:
    session = sessions.open(str(project))
    saved = (await sessions.archive().saved(str(project))).sessions
    assert [(one.id, one.is_open) for one in saved] == [(session.id, True)]
    assert (await sessions.archive().saved("/elsewhere")).sessions == []


async def test_resuming_ends_with_the_server(sessions: Sessions, project: Path) -> None:
    session = sessions.open(str(project))
    await sessions.close(session.id)
    sessions.around.workers.pause()
    resuming = sessions.resume(session.id)
    await asyncio.sleep(0)
    await sessions.close_all()
    sessions.around.workers.resume()
    await asyncio.wait([resuming], timeout=5)
    assert resuming.cancelled()
