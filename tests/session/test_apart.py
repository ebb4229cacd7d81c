"""One session's trouble is its own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jido_server.errors import SessionNotFound, StorageFailed
from jido_server.model import Message, Settings
from jido_server.protocol import session as p
from jido_server.protocol.inputs import MessageInput
from jido_server.server.handlers import session as handlers
from jido_server.session import settings_watch
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.session.settings import ProjectSettings
from jido_server.session.settings_access import SettingsAccess
from jido_server.session.settings_watch import SettingsWatch
from jido_server.storage.journal import Journal, MemoryJournal, MemoryStorage
from jido_server.updates import MessageAppended, Record
from tests.support.surroundings import Told

PATIENCE_SECONDS = 10


class Full(MemoryStorage):
    """Storage in which the disk of some sessions is full."""

    def __init__(self) -> None:
        super().__init__()
        self.full: set[str] = set()

    def create(self, session_id: str) -> Journal:
        journal = super().create(session_id)
        assert isinstance(journal, MemoryJournal)
        append = journal.append

        def append_if_there_is_room(record: Record) -> None:
            if record.session_id in self.full:
                raise StorageFailed("the disk is full")
            append(record)

        journal.append = append_if_there_is_room  # type: ignore[method-assign]
        return journal


@pytest.fixture
def storage() -> Full:
    return Full()


@pytest.fixture
async def sessions(storage: Full) -> AsyncIterator[Sessions]:
    sessions = Sessions(Told(storage).around)
    yield sessions
    await sessions.close_all()
    await sessions.around.sandbox.close()


@pytest.fixture
async def watch(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SettingsWatch]:
    monkeypatch.setattr(settings_watch, "LOOK_SECONDS", 0.005)
    watch = SettingsWatch(sessions)
    yield watch
    await watch.close()


@pytest.fixture
def two(sessions: Sessions, tmp_path: Path, project: Path) -> tuple[Session, Session]:
    """A session that gets into trouble, and its neighbour on another project."""
    other = tmp_path / "other"
    other.mkdir()
    return sessions.open(str(project)), sessions.open(str(other))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - nothing else tells of it
            await asyncio.sleep(0.005)


def write(session: Session, settings: Any) -> None:
    """Replace a project's settings as an editor does."""
    path = Path(session.project_settings.path)
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(settings))
    fresh.replace(path)


def holds(session: Session, settings: Settings) -> bool:
    return session.settings == settings


def set_number(number: int, settings: ProjectSettings) -> None:
    settings.set("number", number)


def say(session: Session, content: str) -> None:
    session.state.append_message(MessageInput(role="user", content=content))


async def test_a_session_that_can_not_be_stored_does_not_end_the_watch_for_others(
    two: tuple[Session, Session], storage: Full, watch: SettingsWatch
) -> None:
    hurt, well = two
    storage.full.add(hurt.id)
    watch.refresh()
    write(hurt, {"model": "unstored"})
    write(well, {"model": "first"})
    await until(lambda: well.settings == {"model": "first"})
    write(well, {"model": "second"})
    await until(lambda: well.settings == {"model": "second"})
    assert hurt.settings == {}
    storage.full.clear()
    await until(lambda: hurt.settings == {"model": "unstored"})


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
async def test_no_name_beside_the_settings_disturbs_the_watch(
    two: tuple[Session, Session], watch: SettingsWatch
) -> None:
    hurt, well = two
    write(hurt, {})
    watch.refresh()
    write(well, {"model": "first"})
    await until(lambda: well.settings == {"model": "first"})
    Path(hurt.project_settings.directory, os.fsdecode(b"\xff")).touch()
    write(well, {"model": "second"})
    await until(lambda: well.settings == {"model": "second"})
    write(hurt, {"model": "seen"})
    await until(lambda: hurt.settings == {"model": "seen"})


@pytest.mark.skipif(os.name != "posix", reason="Windows has no FIFOs")
async def test_settings_are_watched_whatever_takes_their_place(
    two: tuple[Session, Session], watch: SettingsWatch, tmp_path: Path
) -> None:
    session, _ = two
    path = Path(session.project_settings.path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text('{"model": "stolen"}')

    def fifo() -> None:
        os.mkfifo(path)

    def link() -> None:
        path.symlink_to(outside / "settings.json")

    def folder() -> None:
        path.mkdir()

    def link_in_place_of_the_folder() -> None:
        path.parent.rmdir()
        path.parent.symlink_to(outside)

    watch.refresh()
    for number, put in enumerate((fifo, link, folder, link_in_place_of_the_folder)):
        write(session, {"number": number})
        await until(partial(holds, session, {"number": number}))
        path.unlink()
        put()
        await until(partial(holds, session, {}))
        if path.is_dir():
            path.rmdir()
        elif put is not link_in_place_of_the_folder:
            path.unlink()
    (outside / "settings.json").write_text('{"model": "stolen again"}')
    path.parent.unlink()
    write(session, {"model": "own"})
    await until(lambda: session.settings == {"model": "own"})


async def test_a_chunk_that_can_not_be_stored_hides_no_history(
    two: tuple[Session, Session], storage: Full, sessions: Sessions
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
    two: tuple[Session, Session], storage: Full, sessions: Sessions
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


async def test_a_session_that_was_not_opened_leaves_no_history(
    sessions: Sessions, storage: Full, project: Path
) -> None:
    storage.full.add("id-1")
    with pytest.raises(StorageFailed):
        sessions.open(str(project))
    assert list(sessions) == []
    await sessions.close_all()
    with pytest.raises(SessionNotFound):
        storage.open("id-1")


async def test_an_open_whose_answer_can_not_be_given_is_undone(
    sessions: Sessions, project: Path
) -> None:
    with pytest.raises(TypeError):
        handlers.open_(sessions, p.OpenParams(project_path=str(project), name="\ud800"))
    assert list(sessions) == []
    await sessions.close_all()
    assert (await sessions.archive().saved()).sessions == []


async def test_a_resume_whose_answer_can_not_be_given_is_undone(
    sessions: Sessions, storage: Full, project: Path
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


async def test_settings_are_set_behind_the_writes_that_were_sent_before(
    sessions: Sessions, project: Path
) -> None:
    (project / "inner").mkdir()
    above, here, beneath = (
        sessions.open(str(project)),
        sessions.open(str(project)),
        sessions.open(str(project / "inner")),
    )
    large = "x" * (2 << 20)
    for number in range(20):
        expected = {"sent": "first", "number": number}
        above.manager.write_file("large.txt", large)
        above.manager.write_file("jido_code/settings.json", '{"sent": "first"}')
        access = SettingsAccess.of_session(sessions, here.id)
        setting = access.change(partial(set_number, number))
        by_path = SettingsAccess.of_project(sessions, str(project)).read(lambda s: s.load())
        overwriting = above.manager.write_file("jido_code/settings.json", '{"sent": "last"}')
        assert (await setting).settings == expected
        assert (await by_path).local == expected
        await overwriting
        assert json.loads(Path(here.project_settings.path).read_text()) == {"sent": "last"}
        above.manager.write_file("large.txt", large)
        above.manager.write_file("inner/jido_code/settings.json", '{"sent": "first"}')
        access = SettingsAccess.of_session(sessions, beneath.id)
        assert (await access.change(lambda s: s.set("a", 1))).local == {"sent": "first", "a": 1}


async def test_what_a_neighbour_can_not_store_does_not_fail_a_change_of_settings(
    sessions: Sessions, storage: Full, project: Path
) -> None:
    asking, hurt, well = (sessions.open(str(project)) for _ in range(3))
    storage.full.add(hurt.id)
    access = SettingsAccess.of_session(sessions, asking.id)
    loaded = await access.change(lambda settings: settings.set("model", "m"))
    assert loaded.settings == {"model": "m"}
    assert (asking.settings, hurt.settings, well.settings) == ({"model": "m"}, {}, {"model": "m"})
