"""The dictionary of sessions: open, find, resume, close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from jido_server.errors import JidoError, SessionLimitReached, SessionNotFound
from jido_server.model import SessionInfo
from jido_server.project.boundary import Boundary
from jido_server.session.archive import Archive
from jido_server.session.content import Content
from jido_server.session.session import Session
from jido_server.session.settings import ProjectSettings
from jido_server.session.surroundings import Surroundings
from jido_server.storage.journal import Journal

log = logging.getLogger(__name__)

MAX_NAME = 50


class Sessions:
    """All open sessions, by id, oldest first.

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
        self._resuming: set[asyncio.Task[Any]] = set()

    def __iter__(self) -> Iterator[Session]:
        """Go through the open sessions, oldest first."""
        return iter(list(self._open.values()))

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
        try:
            journal = self.around.storage.create(info.id)
        except JidoError:
            boundary.close()
            raise
        return self._begin(info, boundary, journal, Content())

    def resume(self, session_id: str) -> asyncio.Task[Session]:
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
        task = asyncio.ensure_future(self._resume(session_id))
        self._resuming.add(task)
        task.add_done_callback(self._resuming.discard)
        return task

    def close(self, session_id: str) -> asyncio.Task[None]:
        """Close a session at once; the task ends when nothing of it runs any more.

        Raises:
            SessionNotFound: It is not open.
            StorageFailed: Its end could not be stored; it stays open.
        """
        session = self.get(session_id)
        session.state.close()
        del self._open[session_id]
        log.info("Session %s is closed", session_id)
        return asyncio.ensure_future(session.close())

    def delete(self, session_id: str) -> Coroutine[Any, Any, None]:
        """Close a session if it is open, and remove what is stored of it.

        Raises:
            SessionNotFound: Nothing is stored of it.
            SessionInUse: Another server has it open.
        """
        closing = self.close(session_id) if session_id in self._open else None
        return self._delete(session_id, closing)

    def archive(self) -> Archive:
        """Return what is stored of all sessions, what the open ones were told included."""
        for session in self:
            session.state.flush()
        return Archive(self.around.storage, self.around.workers)

    async def close_all(self) -> None:
        """Close every session and wait until nothing of them runs any more."""
        for task in self._resuming:
            task.cancel()
        closing = []
        for session in self:
            try:
                closing.append(self.close(session.id))
            except JidoError as error:
                log.error("Session %s was not closed well: %s", session.id, error)  # noqa: TRY400 - no fault of ours
        await asyncio.gather(*closing)

    @contextmanager
    def project_settings(self, project_path: str) -> Iterator[ProjectSettings]:
        """Give the settings of a project on which no session needs to be open.

        Raises:
            InvalidProjectPath: There is no such folder.
        """
        boundary = Boundary.open(project_path)
        try:
            yield ProjectSettings(boundary)
        finally:
            boundary.close()

    def refresh_settings(self, directories: set[str] | None = None) -> None:
        """Load settings again and tell those that changed.

        Args:
            directories: Only of the projects whose settings are in one of these folders.
        """
        for session in self:
            if directories is None or session.project_settings.directory in directories:
                session.refresh_settings()

    def _check_limit(self) -> None:
        if len(self._open) >= self.limit:
            raise SessionLimitReached(self.limit)

    async def _resume(self, session_id: str) -> Session:
        if session_id in self._open:
            return self._open[session_id]
        self._check_limit()
        journal = await self.around.workers.run(lambda: self.around.storage.open(session_id))
        try:
            content = await self.around.workers.run(lambda: Content(journal.records()))
            self._check_limit()
            assert content.session is not None, "a stored history begins with its session"
            boundary = Boundary.open(content.session.project_path)
        except BaseException:
            journal.close()
            raise
        session = self._begin(content.session, boundary, journal, content)
        session.state.end_interrupted()
        return session

    async def _delete(self, session_id: str, closing: asyncio.Task[None] | None) -> None:
        if closing is not None:
            await closing
        await self.around.workers.run(lambda: self.around.storage.delete(session_id))

    def _begin(
        self, info: SessionInfo, boundary: Boundary, journal: Journal, content: Content
    ) -> Session:
        try:
            session = Session(info.id, boundary, journal, content, self.around)
            session.state.open(info)
        except JidoError:
            boundary.close()
            journal.close()
            raise
        self._open[session.id] = session
        log.info("Session %s is open on %s", session.id, boundary.root)
        return session
