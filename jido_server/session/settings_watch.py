"""Notices when settings change on disk."""

from __future__ import annotations

import asyncio
import logging
import time

from jido_server.errors import JidoError
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.session.settings import global_stamp

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
MAX_BUSY_SECONDS = 0.002
"""How long the event loop is held before others get their turn."""
PAUSE = 9
"""How many times as long they get."""


class SettingsWatch:
    """Has the open sessions load their settings again when a file of theirs changes.

    It asks now and then when the files were changed, each project's through its boundary: no link
    leads it outside, no name disturbs it, and what is wrong with one project concerns no other.

    Args:
        sessions: Whose settings are watched.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._watching: asyncio.Task[None] | None = None
        self._failing: set[str] = set()

    def refresh(self) -> None:
        """Watch from now on, if a session is open."""
        if self._watching is None:
            self._watching = asyncio.ensure_future(self._watch())

    async def close(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        seen = global_stamp()
        while open_ := list(self._sessions):
            before, seen = seen, global_stamp()
            await self._look_at(open_, again=seen != before)
            await asyncio.sleep(LOOK_SECONDS)
        self._watching = None

    async def _look_at(self, sessions: list[Session], *, again: bool) -> None:
        """Look at the settings of all, without keeping the event loop busy."""
        began = time.monotonic()
        for session in sessions:
            if session.id in self._sessions:
                self._look_at_one(session, again=again)
            if (busy := time.monotonic() - began) > MAX_BUSY_SECONDS:
                await asyncio.sleep(busy * PAUSE)
                began = time.monotonic()

    def _look_at_one(self, session: Session, *, again: bool) -> None:
        try:
            session.look_at_settings(again=again)
        except Exception as error:
            if session.id not in self._failing:  # it is tried again, but not said again
                fault = None if isinstance(error, JidoError) else error
                log.warning("Session %s keeps its settings: %s", session.id, error, exc_info=fault)
            self._failing.add(session.id)
        else:
            self._failing.discard(session.id)
