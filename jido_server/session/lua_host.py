"""The project as a script of Lua uses it: through the session's Manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jido_server.protocol.manager import StatResult

if TYPE_CHECKING:
    from jido_server.session.manager import Manager


class LuaHost:
    """Answers what scripts ask, in the order of the session's other file operations.

    Args:
        manager: The session's.
    """

    def __init__(self, manager: Manager) -> None:
        self._manager = manager

    def project_root(self) -> str:
        """Return the root, absolute."""
        return self._manager.project_root

    async def read_file(self, path: str, offset: int | None, limit: int | None) -> bytes:
        """Return a file, or ``limit`` lines of it from line ``offset`` on."""
        if offset is None and limit is None:
            return await self._manager.read_bytes(path)
        lines = await self._manager.read_file(path, offset=offset, limit=limit)
        return lines.content.encode()

    async def write_file(self, path: str, content: bytes) -> None:
        """Write a file, all or nothing."""
        await self._manager.write_bytes(path, content)

    async def list_dir(self, path: str) -> Sequence[tuple[str, str]]:
        """Return the names and types of a folder's entries."""
        listing = await self._manager.list_dir(path)
        return [(entry.name, entry.type) for entry in listing.entries]

    async def glob(self, pattern: str, path: str) -> Sequence[str]:
        """Return the files that fit a pattern, relative to the root."""
        return (await self._manager.glob(pattern, path)).paths

    async def stat(self, path: str) -> StatResult:
        """Return what is known of a file or folder."""
        return await self._manager.stat(path)

    async def make_dir(self, path: str) -> None:
        """Make a folder, its parents too."""
        await self._manager.make_dir(path)

    async def delete_file(self, path: str) -> None:
        """Delete a file or a link."""
        await self._manager.delete(path)
