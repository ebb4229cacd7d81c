"""One session's trouble is its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from jido_server.errors import SessionNotFound, StorageFailed
from jido_server.model import Message
from jido_server.protocol import session as p
from jido_server.protocol.inputs import MessageInput
from jido_server.server.handlers import session as handlers
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.storage.journal import Journal
from jido_server.storage.sqlite import SqliteStorage
from jido_server.updates import MessageAppended, Record
from tests.session.full_disk import FullDisk, until
from tests.support.surroundings import Told


def say(session: Session, content: str) -> None:
    session.state.append_message(MessageInput(role="user", content=content))


async def test_a_chunk_that_can_not_be_stored_hides_no_history(
    two: tuple[Session, Session], storage: FullDisk, sessions: Sessions
) -> None:
    hurt, well = two
    hurt.state.start_streaming("m")
    hurt.state.update_streaming("never stored")
    storage.full.add(hurt.id)
    say(well, "stored")
    assert len((await sessions.archive().saved()).sessions) == 2
    for session in two:
        assert (await sessions.archive().updates(session.id, 0, 9)).updates
        assert (await sessions.archive().export(session.id, "markdown")).content


async def test_a_session_that_can_not_be_stored_is_closed_resumed_and_deleted(
    two: tuple[Session, Session], storage: FullDisk, sessions: Sessions
) -> None:
    hurt, well = two
    hurt.state.start_streaming("m")
    hurt.state.update_streaming("never stored")
    storage.full.add(hurt.id)
    await sessions.close(hurt.id)
    assert list(sessions) == [well]
    with pytest.raises(StorageFailed):
        await sessions.resume(hurt.id)
    assert list(sessions) == [well]
    storage.full.clear()
    await sessions.resume(hurt.id)
    storage.full.add(hurt.id)
    await sessions.delete(hurt.id)
    assert [one.id for one in (await sessions.archive().saved()).sessions] == [well.id]


class NoRoomForRecords(SqliteStorage):
    """Storage in which a history can be begun, and nothing more."""

    def create(self, session_id: str) -> Journal:
        journal = super().create(session_id)

        def refuse(record: Record) -> None:
            raise StorageFailed(f"no room for {record.seq}")

        journal.append = refuse  # type: ignore[method-assign]
        return journal


async def test_a_session_that_was_not_opened_leaves_no_file(tmp_path: Path, project: Path) -> None:
    storage = NoRoomForRecords(tmp_path / "state")
    sessions = Sessions(Told(storage).around)
    for _ in range(3):
        with pytest.raises(StorageFailed):
            sessions.open(str(project))
    assert list(sessions) == []
    await sessions.close_all()
    assert list((tmp_path / "state" / "sessions").iterdir()) == []
    storage.close()


async def test_an_open_whose_answer_can_not_be_given_is_undone(
    sessions: Sessions, project: Path
) -> None:
    with pytest.raises(TypeError):
        handlers.open_(sessions, p.OpenParams(project_path=str(project), name="\ud800"))
    assert list(sessions) == []
    await sessions.close_all()
    assert (await sessions.archive().saved()).sessions == []


async def test_a_resume_whose_answer_can_not_be_given_is_undone(
    sessions: Sessions, storage: FullDisk, project: Path
) -> None:
    session = sessions.open(str(project))
    await sessions.close(session.id)
    journal = storage.open(session.id)
    message = Message(id="m", role="user", content="\ud800", timestamp="")
    journal.append(Record(session.id, 3, "", MessageAppended(message)))
    journal.close()
    resuming = handlers.resume(sessions, p.SessionStateParams(session_id=session.id))
    assert isinstance(resuming, asyncio.Future)
    with pytest.raises(TypeError):
        await resuming
    await until(lambda: list(sessions) == [])
    await sessions.delete(session.id)


async def test_a_resume_that_is_cancelled_leaves_the_session_closed(
    sessions: Sessions, project: Path
) -> None:
    session = sessions.open(str(project))
    await sessions.close(session.id)
    sessions.around.workers.pause()
    resuming = handlers.resume(sessions, p.SessionStateParams(session_id=session.id))
    assert isinstance(resuming, asyncio.Future)
    await asyncio.sleep(0)
    resuming.cancel()
    await asyncio.wait([resuming])
    sessions.around.workers.resume()
    await sessions.delete(session.id)
    assert list(sessions) == []


async def test_what_is_asked_of_one_session_at_once_is_done_in_that_order(
    sessions: Sessions, project: Path
) -> None:
    session = sessions.open(str(project))
    asked: list[asyncio.Future[Any]] = [
        sessions.close(session.id),
        *(sessions.resume(session.id) for _ in range(3)),
        sessions.delete(session.id),
    ]
    closed, *resumed, deleted = await asyncio.gather(*asked, return_exceptions=True)
    assert (closed, deleted) == (None, None)
    assert len({id(one) for one in resumed}) == 1
    assert isinstance(resumed[0], Session)
    with pytest.raises(SessionNotFound):
        await sessions.resume(session.id)
