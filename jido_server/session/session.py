"""One session: its Manager, its State and its settings; it owns what runs for it."""

from __future__ import annotations

from jido_server.model import SessionInfo, Settings
from jido_server.project.boundary import Boundary
from jido_server.protocol.session import SessionStateResult
from jido_server.session.file_order import FileOrder
from jido_server.session.manager import Manager
from jido_server.session.settings import ProjectSettings
from jido_server.session.state import State
from jido_server.session.surroundings import Surroundings
from jido_server.storage.journal import Journal


class Session:
    """An open session.

    Args:
        info: What is said of it.
        boundary: Of its project; closed with the session.
        journal: Its history; closed with the session.
        around: What all sessions share.

    Attributes:
        id: Its id.
        manager: Its project's files, and Lua.
        state: What was said.
        settings: The merged settings that hold now.
    """

    def __init__(
        self,
        info: SessionInfo,
        boundary: Boundary,
        journal: Journal,
        around: Surroundings,
    ) -> None:
        self.id = info.id
        self._boundary = boundary
        self._journal = journal
        self._around = around
        self._order = FileOrder(around.workers)
        self.manager = Manager(boundary, self._order)
        self.project_settings = ProjectSettings(self.manager.files)
        self.settings: Settings = self.project_settings.load().settings
        self.state = self._replay()
        self.state.open(info)

    @property
    def info(self) -> SessionInfo:
        """What is said of the session."""
        return self.state.session

    def describe(self, message_limit: int | None = None) -> SessionStateResult:
        """Return all that a client needs to show the session."""
        state = self.state.snapshot(message_limit)
        return SessionStateResult(session=self.info, settings=self.settings, state=state)

    def restart(self) -> None:
        """Begin anew with a fresh Manager and a State rebuilt from what was stored."""
        self.state.flush()
        self.state = self._replay()
        self.manager = Manager(self._boundary, self._order)
        self.state.restarted()

    def refresh_settings(self) -> None:
        """Load the settings again, and tell it if they changed."""
        settings = self.project_settings.load().settings
        if settings != self.settings:
            self.state.change_settings(settings)
            self.settings = settings

    async def close(self) -> None:
        """End what runs for the session and let go of its project and its history."""
        await self._order.drain()
        self._boundary.close()
        self._journal.close()

    def _replay(self) -> State:
        return State(self.id, self._journal, self._around)
