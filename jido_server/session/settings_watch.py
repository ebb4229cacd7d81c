"""Notices when settings change on disk."""

from __future__ import annotations

import asyncio

from jido_server.session.apart import apart
from jido_server.session.sessions import Sessions
from jido_server.session.settings import global_stamp

LOOK_SECONDS = 0.5


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
            for session in open_:
                with apart(session.id, "can't look at its settings"):
                    session.look_at_settings(again=seen != before)
            await asyncio.sleep(LOOK_SECONDS)
        self._watching = None
