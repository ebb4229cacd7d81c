"""The settings of a project as requests use them: in the order of what is done to its files."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable
from pathlib import PurePath
from typing import TypeVar

from jido_server.project.boundary import Boundary
from jido_server.protocol.settings import LoadSettingsResult
from jido_server.session.apart import apart
from jido_server.session.file_order import FileOrder, Slow
from jido_server.session.sessions import Sessions
from jido_server.session.settings import ProjectSettings

T = TypeVar("T")


class SettingsAccess:
    """Reads and changes the settings of one project.

    What is done has its place in the file order of every session that can reach the same files:
    those on the project itself, on a folder above it or beneath it.

    Args:
        sessions: All that are open.
        settings: The project's.
        order: The file order of who asks.
        done: Called when the one operation that this is for is over.

    Attributes:
        path: The project's own file, absolute.
    """

    def __init__(
        self,
        sessions: Sessions,
        settings: ProjectSettings,
        order: FileOrder,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = settings.path
        self._sessions = sessions
        self._settings = settings
        self._order = order
        self._done = done
        self._others = [
            session.order
            for session in sessions
            if session.order is not order and _overlap(session.project_settings.root, settings.root)
        ]

    @classmethod
    def of_session(cls, sessions: Sessions, session_id: str) -> SettingsAccess:
        """Use the settings of an open session.

        Raises:
            SessionNotFound: It is not open.
        """
        session = sessions.get(session_id)
        return cls(sessions, session.project_settings, session.order)

    @classmethod
    def of_project(cls, sessions: Sessions, project_path: str) -> SettingsAccess:
        """Use the settings of a project on which no session needs to be open.

        Raises:
            InvalidProjectPath: There is no such folder.
        """
        boundary = Boundary.open(project_path)
        order = FileOrder(sessions.around.workers)
        return cls(sessions, ProjectSettings(boundary), order, boundary.close)

    def read(self, operation: Callable[[ProjectSettings], T]) -> Future[T]:
        """Return what an operation gives that changes nothing."""
        return self._order.read(lambda: self._run(operation), others=self._others)

    def change(self, operation: Callable[[ProjectSettings], None]) -> Future[LoadSettingsResult]:
        """Return what holds after an operation; the sessions on the project are told it first."""

        def both(settings: ProjectSettings) -> LoadSettingsResult:
            operation(settings)
            return settings.load()

        def change() -> LoadSettingsResult | Slow[LoadSettingsResult]:
            return Slow(lambda: self._run(both))  # it waits for the disk

        changing = self._order.write(change, others=self._others)
        return asyncio.shield(asyncio.ensure_future(self._tell(changing)))

    async def _tell(self, changing: Future[LoadSettingsResult]) -> LoadSettingsResult:
        loaded = await changing
        for session in self._sessions:
            if session.id in self._sessions and session.project_settings.path == self.path:
                with apart(session.id, "keeps its old settings"):
                    session.use_settings(loaded.settings)
                await asyncio.sleep(0)
        return loaded

    def _run(self, operation: Callable[[ProjectSettings], T]) -> T:
        try:
            return operation(self._settings)
        finally:
            self._done()


def _overlap(root: str, other: str) -> bool:
    a, b = PurePath(root), PurePath(other)
    return a.is_relative_to(b) or b.is_relative_to(a)
