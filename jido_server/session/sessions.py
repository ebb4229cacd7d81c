"""The dictionary of sessions: open, find, resume, close."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Future
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import PurePath
from typing import Any, TypeVar

from jido_server.errors import SessionLimitReached, SessionNotFound
from jido_server.model import SessionInfo
from jido_server.project.boundary import Boundary
from jido_server.session.apart import apart
from jido_server.session.archive import Archive
from jido_server.session.content import Content
from jido_server.session.session import Session
from jido_server.session.surroundings import Surroundings

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_NAME = 50


class Sessions:
    """All open sessions, by id, oldest first.

    What is asked of one session's life takes effect in the order in which it was asked, and what
    has begun is finished, though who asked waits no more.

    Args:
        around: What they share.
        limit: How many may be open at once.

    Attributes:
        limit: How many may be open at once.
    """

    def __init__(self, around: Surroundings, limit: int = 64) -> None:
        self.limit = limit
        self.around = around
        self._open: dict[str, Session] = {}
        self._turns: dict[str, asyncio.Task[Any]] = {}
        self._resuming: set[asyncio.Task[Any]] = set()

    def __iter__(self) -> Iterator[Session]:
        """Go through the open sessions, oldest first."""
        return iter(list(self._open.values()))

    def __contains__(self, session_id: str) -> bool:
        """Whether a session is open."""
        return session_id in self._open

    def get(self, session_id: str) -> Session:
        """Return an open session.

        Raises:
            SessionNotFound: It was never opened, or is closed.
        """
        session = self._open.get(session_id)
        if session is None:
            raise SessionNotFound(session_id)
        return session

    def open(self, project_path: str, name: str | None = None) -> Session:
        """Open a new session on a project.

        Raises:
            SessionLimitReached: As many are open as may be.
            InvalidProjectPath: There is no such folder.
            StorageFailed: Its history could not be begun.
        """
        self._check_limit()
        boundary = Boundary.open(project_path)
        now = self.around.clock.now()
        info = SessionInfo(
            id=self.around.clock.new_id(),
            name=name or PurePath(boundary.root).name[:MAX_NAME] or boundary.root,
            project_path=boundary.root,
            created_at=now,
            updated_at=now,
        )
        with ExitStack() as undo:
            undo.callback(boundary.close)
            journal = self.around.storage.create(info.id)
            undo.callback(self._forget, info.id)
            undo.callback(journal.close)
            session = Session(info.id, boundary, journal, Content(), self.around)
            undo.pop_all()
        self._open[session.id] = session
        try:
            session.state.open(info)
        except BaseException:
            self._end(session)
            self._forget(session.id)
            raise
        log.info("Session %s is open on %s", session.id, boundary.root)
        return session

    def is_open_soon(self, session_id: str) -> bool:
        """Whether a session is open, or is being resumed."""
        return session_id in self._open or any(
            task.get_name() == session_id for task in self._resuming
        )

    def resume(self, session_id: str) -> Future[Session]:
        """Open a stored session again; one that is open here is given as it is.

        Its history is read behind the event loop. What was going on when its server died is ended
        by updates of its own.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: Another server has it open.
            SessionLimitReached: As many are open as may be.
            InvalidProjectPath: Its project is no more.
            StorageFailed: Its history can't be read.
        """
        task = self._in_turn(session_id, lambda: self._resume(session_id))
        task.set_name(session_id)
        self._resuming.add(task)
        task.add_done_callback(self._resuming.discard)
        return asyncio.shield(task)

    def undo_resume(self, session_id: str) -> None:
        """Close a session that was resumed for an answer which can't be given."""
        self._in_turn(session_id, lambda: self._close_if_open(session_id))

    def close(self, session_id: str) -> Future[None]:
        """Close a session at once; the future ends when nothing of it runs any more.

        A session whose end can't be stored is closed all the same, and warned of.

        Raises:
            SessionNotFound: It is not open.
        """
        session = self.get(session_id)
        self._say_closed(session)
        return asyncio.shield(self._end(session))

    def delete(self, session_id: str) -> Future[None]:
        """Close a session if it is open, and remove what is stored of it.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: Another server has it open.
        """
        if session_id in self._open:
            self.close(session_id)
        return asyncio.shield(self._in_turn(session_id, lambda: self._delete(session_id)))

    def archive(self) -> Archive:
        """Return what is stored of all sessions, what the open ones were told included."""
        for session in self:
            with apart(session.id, "has told more than is stored of it"):
                session.state.flush()
        return Archive(self.around.storage, self.around.workers)

    async def close_all(self) -> None:
        """Close every session and wait until nothing of them runs any more."""
        for task in self._resuming:
            task.cancel()
        for session in self:
            self.close(session.id)
        await asyncio.gather(*self._turns.values(), return_exceptions=True)

    def _check_limit(self) -> None:
        if len(self._open) >= self.limit:
            raise SessionLimitReached(self.limit)

    async def _resume(self, session_id: str) -> Session:
        if session_id in self._open:
            return self._open[session_id]
        self._check_limit()
        journal = await self.around.workers.run(lambda: self.around.storage.open(session_id))
        async with AsyncExitStack() as undo:
            undo.push_async_callback(asyncio.to_thread, journal.close)
            content = await self.around.workers.run(lambda: Content(journal.records()))
            self._check_limit()
            assert content.session is not None, "a stored history begins with its session"
            info = content.session
            boundary = undo.enter_context(Boundary.open(info.project_path))
            session = Session(session_id, boundary, journal, content, self.around)
            undo.pop_all()
        self._open[session_id] = session
        try:
            session.state.open(info)
            session.state.end_interrupted()
        except BaseException:
            await self._close_if_open(session_id)
            raise
        log.info("Session %s is open on %s", session_id, boundary.root)
        return session

    async def _delete(self, session_id: str) -> None:
        await self._close_if_open(session_id)  # it was being resumed when this was asked
        await self.around.workers.run(lambda: self.around.storage.delete(session_id))

    async def _close_if_open(self, session_id: str) -> None:
        session = self._open.pop(session_id, None)
        if session is not None:
            self._say_closed(session)
            await session.close()

    def _say_closed(self, session: Session) -> None:
        with apart(session.id, "is closed, but its end is not stored"):
            session.state.close()
        log.info("Session %s is closed", session.id)

    def _end(self, session: Session) -> asyncio.Task[None]:
        del self._open[session.id]
        return self._in_turn(session.id, session.close)

    def _forget(self, session_id: str) -> None:
        """Remove what is stored of a session that nobody was told of."""

        async def forget() -> None:
            with apart(session_id, "leaves a file behind"), suppress(SessionNotFound):
                await self._delete(session_id)

        self._in_turn(session_id, forget)

    def _in_turn(
        self, session_id: str, work: Callable[[], Coroutine[Any, Any, T]]
    ) -> asyncio.Task[T]:
        """Begin work on a session when what was asked of it before is done."""
        before = self._turns.get(session_id)

        async def take_turn() -> T:
            if before is not None:
                await asyncio.wait([before])
            return await work()

        def over(task: asyncio.Task[T]) -> None:
            if self._turns.get(session_id) is task:
                del self._turns[session_id]

        task = self._turns[session_id] = asyncio.ensure_future(take_turn())
        task.add_done_callback(over)
        return task
