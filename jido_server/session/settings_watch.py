"""Notices when settings change on disk."""

from __future__ import annotations

import asyncio
import importlib
import logging
from pathlib import Path

from jido_server.session.sessions import Sessions
from jido_server.session.settings import FILE_NAME, global_path

log = logging.getLogger(__name__)

STEP_MS = 100
DEBOUNCE_MS = 200
AGAIN_SECONDS = 1.0


class SettingsWatch:
    """Has the open sessions load their settings again when a file of theirs changes.

    One watch serves all sessions. It looks at folders, as files come and go: each project's root,
    its ``jido_code`` and the user's configuration folder, as far as they are there.

    Args:
        sessions: Whose settings are watched.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._again = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    def refresh(self) -> None:
        """Watch for the sessions that are open now."""
        self._again.set()
        if self._watching is None:
            self._watching = asyncio.ensure_future(self._watch())

    async def close(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        while True:
            self._again.clear()
            folders = [folder for folder in self._folders() if folder.is_dir()]
            # What changed while nothing was watched is seen by looking.
            self._sessions.refresh_settings()
            try:
                await self._watch_folders(folders)
            except OSError as error:  # a folder has just gone, or there are no more watches
                log.warning("Settings can't be watched now: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _watch_folders(self, folders: list[Path]) -> None:
        """Watch until other folders are to be watched."""
        if not folders:
            await self._again.wait()
            return
        # Only a server with a session needs this library, which takes a while to be imported.
        watchfiles = await asyncio.to_thread(importlib.import_module, "watchfiles")
        async for changes in watchfiles.awatch(
            *folders,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=self._again,
            recursive=False,
            raise_interrupt=False,
        ):
            self._take({Path(path) for _, path in changes})

    def _take(self, changed: set[Path]) -> None:
        if changed & self._folders():  # a folder came or went
            self._again.set()
        elif any(path.name == FILE_NAME for path in changed):
            self._sessions.refresh_settings()

    def _folders(self) -> set[Path]:
        folders = {global_path().parent}
        for session in self._sessions:
            local = Path(session.project_settings.directory)
            folders |= {local, local.parent}
        return folders
