"""The dictionary of sessions: open, find, restart, close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from jido_server.errors import JidoError, SessionLimitReached, SessionNotFound
from jido_server.model import SessionInfo
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.session.session import Session
from jido_server.session.settings import ProjectSettings
from jido_server.session.surroundings import Surroundings

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
        self._around = around
        self._open: dict[str, Session] = {}

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
        if len(self._open) >= self.limit:
            raise SessionLimitReached(self.limit)
        boundary = Boundary.open(project_path)
        try:
            session = self._begin(boundary, name)
        except JidoError:
            boundary.close()
            raise
        self._open[session.id] = session
        log.info("Session %s is open on %s", session.id, boundary.root)
        return session

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

    async def close_all(self) -> None:
        """Close every session and wait until nothing of them runs any more."""
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
            yield ProjectSettings(Files(boundary))
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

    def _begin(self, boundary: Boundary, name: str | None) -> Session:
        now = self._around.clock.now()
        info = SessionInfo(
            id=self._around.clock.new_id(),
            name=name or PurePath(boundary.root).name[:MAX_NAME] or boundary.root,
            project_path=boundary.root,
            created_at=now,
            updated_at=now,
        )
        journal = self._around.storage.create(info.id)
        try:
            return Session(info, boundary, journal, self._around)
        except JidoError:
            journal.close()
            raise
