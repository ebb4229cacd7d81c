"""One session: its Manager, its State and its settings; it owns what runs for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from jido_server.model import SessionInfo, Settings
from jido_server.project.boundary import Boundary
from jido_server.protocol.session import SessionStateResult
from jido_server.session.content import Content
from jido_server.session.file_order import FileOrder
from jido_server.session.manager import Manager
from jido_server.session.settings import ProjectSettings, Stamp
from jido_server.session.state import State
from jido_server.session.surroundings import Surroundings
from jido_server.storage.journal import Journal

T = TypeVar("T")


class Session:
    """An open session.

    Args:
        session_id: Its id.
        boundary: Of its project; closed with the session.
        journal: Its history; closed with the session.
        content: What the history amounts to.
        around: What all sessions share.

    Attributes:
        id: Its id.
        manager: Its project's files, and Lua.
        state: What was said.
        settings: The merged settings that hold now.
        project_settings: Where they are from.
        order: In which what is done to its project's files takes effect.
    """

    def __init__(
        self,
        session_id: str,
        boundary: Boundary,
        journal: Journal,
        content: Content,
        around: Surroundings,
    ) -> None:
        self.id = session_id
        self._boundary = boundary
        self._journal = journal
        self._around = around
        self._tasks: set[asyncio.Task[Any]] = set()
        self.order = FileOrder(around.workers)
        self.manager = self._new_manager()
        self.project_settings = ProjectSettings(boundary)
        self.settings: Settings = self.project_settings.load().settings
        self._stamp: Stamp = ""
        self._settings_are_stale = False
        self.state = State(session_id, content, journal, around)

    @property
    def info(self) -> SessionInfo:
        """What is said of the session."""
        return self.state.session

    def describe(self, message_limit: int | None = None) -> SessionStateResult:
        """Return all that a client needs to show the session."""
        state = self.state.snapshot(message_limit)
        return SessionStateResult(session=self.info, settings=self.settings, state=state)

    def own(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin work that ends with the session at the latest."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def restart(self) -> asyncio.Task[None]:
        """Begin anew: a fresh Manager at once, and a State rebuilt from what was stored.

        The history is read behind the event loop; what is said meanwhile is part of it.
        """
        self.state.flush()
        old, self.manager = self.manager, self._new_manager()
        return self.own(self._rebuild(old))

    def look_at_settings(self, *, again: bool = False) -> None:
        """Load the settings again if their file has changed, or if that is asked for."""
        before, self._stamp = self._stamp, self.project_settings.stamp()
        self._settings_are_stale |= again or self._stamp != before
        if self._settings_are_stale:
            self.use_settings(self.project_settings.load().settings)
            self._settings_are_stale = False

    def use_settings(self, settings: Settings) -> None:
        """Let these settings hold, and tell it if they are others than before.

        They are looked at once more, as what was loaded last is not always used last.

        Raises:
            StorageFailed: It could not be stored, and the old ones hold.
        """
        self._settings_are_stale = True
        if settings != self.settings:
            self.state.change_settings(settings)
            self.settings = settings

    async def close(self) -> None:
        """End what runs for the session and let go of its project and its history.

        All of it is done, though a part fails.
        """
        async with AsyncExitStack() as ends:
            ends.push_async_callback(asyncio.to_thread, self._journal.close)
            ends.callback(self._boundary.close)
            ends.push_async_callback(self.order.drain)
            ends.push_async_callback(self.manager.close)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _rebuild(self, old: Manager) -> None:
        await old.close()
        content = await self._around.workers.run(self._replay)
        self.state.flush()
        for record in self._journal.read(content.seq):
            content.apply(record)
        self.state = State(self.id, content, self._journal, self._around)
        self.state.restarted()

    def _replay(self) -> Content:
        return Content(self._around.storage.records(self.id, 0, self.state.seq))

    def _new_manager(self) -> Manager:
        return Manager(self._boundary, self.order, self._around.sandbox)
