"""A project for scripts: a folder, in plain Python."""

from __future__ import annotations

import asyncio
from pathlib import Path

import attrs

from jido_server.errors import FileNotFound, IsDirectory, PathEscapesBoundary


@attrs.frozen
class Stat:
    type: str
    size: int
    modified_at: str
    mode: int


class FolderHost:
    """Good enough for honest paths; the real boundary is tested elsewhere."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def project_root(self) -> str:
        return str(self.root)

    async def read_file(self, path: str, offset: int | None, limit: int | None) -> bytes:
        file = self._existing(path)
        if file.is_dir():
            raise IsDirectory(path)
        content = file.read_bytes()
        if offset is None and limit is None:
            return content
        start = (offset or 1) - 1
        lines = content.splitlines(keepends=True)[start:]
        return b"".join(lines[: len(lines) if limit is None else limit])

    async def write_file(self, path: str, content: bytes) -> None:
        self._inside(path).write_bytes(content)

    async def list_dir(self, path: str) -> list[tuple[str, str]]:
        entries = sorted(self._existing(path).iterdir())
        return [(entry.name, "directory" if entry.is_dir() else "file") for entry in entries]

    async def glob(self, pattern: str, path: str) -> list[str]:
        if ".." in pattern:
            raise PathEscapesBoundary(pattern)
        found = sorted(self._existing(path).glob(pattern.lstrip("/")))
        return [
            str(file.relative_to(self.root))
            for file in found
            if file.resolve().is_relative_to(self.root)
        ]

    async def stat(self, path: str) -> Stat:
        file = self._existing(path)
        found = file.stat()
        kind = "directory" if file.is_dir() else "file"
        return Stat(kind, found.st_size, "2025-01-01T00:00:00Z", found.st_mode & 0o777)

    async def make_dir(self, path: str) -> None:
        self._inside(path).mkdir(parents=True, exist_ok=True)

    async def delete_file(self, path: str) -> None:
        self._existing(path).unlink()

    def _inside(self, path: str) -> Path:
        file = (self.root / path.replace("\0", "/../../nul")).resolve()
        if not file.is_relative_to(self.root):
            raise PathEscapesBoundary(path)
        return file

    def _existing(self, path: str) -> Path:
        file = self._inside(path)
        if not file.exists():
            raise FileNotFound(path)
        return file


class WaitingHost(FolderHost):
    """Tells that a script has come so far as to ask for a file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked = asyncio.Event()

    async def stat(self, path: str) -> Stat:
        self.asked.set()
        return await super().stat(path)
