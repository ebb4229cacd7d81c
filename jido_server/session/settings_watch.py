"""Notices when settings change on disk."""

from __future__ import annotations

import asyncio
import importlib
import logging
from pathlib import Path
from typing import Any

from jido_server.session.sessions import Sessions
from jido_server.session.settings import FILE_NAME, global_path

log = logging.getLogger(__name__)

STEP_MS = 100
DEBOUNCE_MS = 200
AGAIN_SECONDS = 1.0


class SettingsWatch:
    """Has the open sessions load their settings again when a file of theirs changes.

    One watch serves all sessions. It looks at folders, as files come and go: each project's
    ``jido_code`` and the user's configuration folder, or where they would be made.

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
        # Only a server with a session needs this library, which takes a while to be imported.
        watchfiles = await asyncio.to_thread(importlib.import_module, "watchfiles")
        while True:
            self._again.clear()
            folders = self._folders_there()
            try:
                await self._watch_folders(watchfiles, folders)
            except OSError as error:  # a folder has just gone, or there are no more watches
                log.warning("Settings can't be watched now: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _watch_folders(self, watchfiles: Any, folders: set[Path]) -> None:  # noqa: ANN401 - a module
        """Watch until other folders are to be watched."""
        if not folders:
            await self._again.wait()
            return
        watch = watchfiles.awatch(
            *folders,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=self._again,
            recursive=False,
        )
        first = asyncio.ensure_future(anext(watch, None))
        # The system watches from the first step on. What changed before is seen by looking now.
        await asyncio.sleep(0)
        self._sessions.refresh_settings()
        if self._folders_there() != folders:
            self._again.set()
        changes = await first
        while changes is not None:
            self._take({Path(path) for _, path in changes})
            changes = await anext(watch, None)

    def _take(self, changed: set[Path]) -> None:
        if changed & self._folders():  # a folder came or went
            self._again.set()
        elif any(path.name == FILE_NAME for path in changed):
            self._sessions.refresh_settings()

    def _folders_there(self) -> set[Path]:
        return {folder for folder in self._folders() if folder.is_dir()}

    def _folders(self) -> set[Path]:
        folders = _up_to_what_exists(global_path().parent)
        for session in self._sessions:
            folders |= _up_to_what_exists(Path(session.project_settings.directory))
        return folders


def _up_to_what_exists(folder: Path) -> set[Path]:
    """Return ``folder`` and those above it, up to the first that is there."""
    folders = {folder}
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
        folders.add(folder)
    return folders
