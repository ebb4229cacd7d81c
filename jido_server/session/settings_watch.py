"""Notices when settings change on disk."""

from __future__ import annotations

import asyncio
import importlib
import logging
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from jido_server.session.sessions import Sessions
from jido_server.session.settings import FILE_NAME, global_path

log = logging.getLogger(__name__)

STEP_MS = 100
DEBOUNCE_MS = 200
LOOK_MS = 500
"""How often it is looked for folders that have come; an error is given as long to pass."""

Folders = dict[Path, tuple[int, int]]
"""Folders that are there, each with what tells it from another of its name."""


class SettingsWatch:
    """Has the open sessions load their settings again when a file of theirs changes.

    One watch serves all sessions. It is on folders, as files come and go: each project's
    ``jido_code`` and the user's configuration folder. Where there is none, it is looked for now
    and then: watched, the folder above would tell of every file that is opened in it.

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
            try:
                await self._watch_folders(watchfiles, self._folders())
            except OSError as error:  # a folder has just gone, or there are no more watches
                log.warning("Settings can't be watched now: %s", error)
                await asyncio.sleep(LOOK_MS / 1000)

    async def _watch_folders(self, watchfiles: Any, folders: Folders) -> None:  # noqa: ANN401 - a module
        """Watch until there are other folders."""
        watch = watchfiles.awatch(
            *folders,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._again,
            recursive=False,
        )
        first = asyncio.ensure_future(anext(watch, None))
        # The system watches from the first step on. What changed before is seen by looking now.
        await asyncio.sleep(0)
        self._sessions.refresh_settings()
        changes = await first
        while changes is not None:
            changed = {Path(path) for _, path in changes}
            if not changed.isdisjoint(folders) or self._folders() != folders:
                self._again.set()  # one has come, gone, or been replaced
            elif any(path.name == FILE_NAME for path in changed):
                self._sessions.refresh_settings()
            changes = await anext(watch, None)

    def _folders(self) -> Folders:
        """Return those that are there."""
        wanted = {global_path().parent}
        wanted |= {Path(session.project_settings.directory) for session in self._sessions}
        found = {}
        for folder in wanted:
            with suppress(OSError):
                status = folder.stat()
                if S_ISDIR(status.st_mode):
                    found[folder] = (status.st_dev, status.st_ino)
        return found
