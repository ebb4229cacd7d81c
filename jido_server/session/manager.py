"""Manager: what a session may do with its project's files, and with Lua."""

from __future__ import annotations

import asyncio
import base64
import binascii
from asyncio import Future, Task
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from jido_server.errors import InvalidParams, Problem
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.project.reading import OpenFile
from jido_server.protocol import manager as p
from jido_server.sandbox.sandbox import Sandbox
from jido_server.session.file_order import FileOrder, Slow
from jido_server.session.lua_host import LuaHost

T = TypeVar("T")

READ_LIMIT_BYTES = 16 << 20
QUICK_BYTES = 256 << 10
"""Files up to this size are written, or hashed for a tool, on the event loop, in well under a
millisecond."""
QUICK_READ_BYTES = 1 << 20
"""Files up to this size are read on the event loop, in about half a millisecond."""
QUICK_ENTRIES = 2000
"""Folders with up to as many are listed on the event loop, in about two milliseconds."""


class Manager:
    """The files of one project as one session uses them.

    Every operation returns a future; the effects come in the order of the calls.

    Args:
        boundary: The project's; the manager doesn't close it.
        order: Of the session's file operations; it outlives a restart.
        sandbox: Where its scripts run, in a Lua state of the manager's own.

    Attributes:
        files: The files themselves, without an order.
        order: In which what is done to them takes effect.
    """

    def __init__(self, boundary: Boundary, order: FileOrder, sandbox: Sandbox) -> None:
        self.files = Files(boundary)
        self._boundary = boundary
        self.order = order
        self._lua = sandbox.session(LuaHost(self))

    @property
    def project_root(self) -> str:
        """The root that nothing leaves, absolute and resolved."""
        return self._boundary.root

    def validate_path(self, path: str) -> Future[p.PathResult]:
        """Say where ``path`` leads; its last components need not exist."""
        return self.order.read(lambda: p.PathResult(path=self._boundary.resolve(path)))

    def read_file(
        self,
        path: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        encoding: p.Encoding = "utf-8",
    ) -> Future[p.ReadFileResult]:
        """Read a file, or ``limit`` lines of it from line ``offset`` on.

        Raises:
            InvalidParams: Lines of something that is not asked for as text.
            FileTooLarge: More than 16 MiB would have to be given.
        """
        window = None if offset is None and limit is None else (offset or 1, limit)
        if window and encoding == "base64":
            raise InvalidParams([Problem("params.encoding", "lines are given of text only")])
        return self.read_as(path, partial(_content, encoding=encoding, window=window))

    def read_bytes(self, path: str) -> Future[bytes]:
        """Read a file of at most 16 MiB as it is."""
        return self.read_as(path, _bytes)

    def read_as(
        self, path: str, take: Callable[[OpenFile], T], *, quick_bytes: int = QUICK_READ_BYTES
    ) -> Future[T]:
        """Open a file and return what ``take`` makes of it.

        Args:
            path: The file.
            take: Reads it, and closes it.
            quick_bytes: Up to which size that is done on the event loop, not in a worker.
        """

        def read() -> T | Slow[T]:
            file = self.files.open_read(path)
            rest = partial(take, file)
            return rest() if file.size <= quick_bytes else Slow(rest)

        return self.order.read(read)

    def write_file(
        self, path: str, content: str, *, encoding: p.Encoding = "utf-8"
    ) -> Future[p.WriteFileResult]:
        """Write a file, all or nothing, and make its missing folders.

        Raises:
            InvalidParams: The content is not what the encoding says.
        """
        return self.write_bytes(path, _decoded(content, encoding))

    def write_bytes(self, path: str, data: bytes) -> Future[p.WriteFileResult]:
        """Write a file, all or nothing, and make its missing folders."""
        write = partial(self.files.write, path, data)
        return self.order.write(write if len(data) <= QUICK_BYTES else lambda: Slow(write))

    def list_dir(self, path: str = ".") -> Future[p.ListDirResult]:
        """List a folder, directories first, then by name."""
        return self.order.read(partial(_list, self.files, path))

    def stat(self, path: str) -> Future[p.StatResult]:
        """Say what is known of a file or folder."""
        return self.order.read(partial(self.files.stat, path))

    def make_dir(self, path: str) -> Future[p.MakeDirResult]:
        """Make a folder, its parents too."""
        return self.order.write(partial(self.files.make_dir, path))

    def delete(self, path: str, *, recursive: bool = False) -> Future[None]:
        """Delete a file, a link (never what it leads to) or, if ``recursive``, a whole folder."""
        delete = partial(self.files.delete, path, recursive=recursive)
        return self.order.write((lambda: Slow(delete)) if recursive else delete)

    def glob(
        self, pattern: str, path: str = ".", *, include_ignored: bool = False
    ) -> Future[p.GlobResult]:
        """Find files by a pattern, newest first."""

        def find() -> p.GlobResult:
            matches = self.files.glob(pattern, path, include_ignored=include_ignored)
            return p.GlobResult(paths=matches.paths, truncated=matches.truncated or None)

        return self.order.read(lambda: Slow(find))

    def run_lua(self, script: str, *, timeout_ms: int | None = None) -> Task[p.RunLuaResult]:
        """Run a script behind those that were given before; cancelling the task ends it at once.

        Raises:
            LuaFailure: It failed, and the Lua state is as it was before.
            SandboxUnavailable: There is no sandbox here.
        """
        return asyncio.ensure_future(self._run_lua(script, timeout_ms))

    async def close(self) -> None:
        """End the scripts; their requests are answered as cancelled."""
        await self._lua.close()

    async def _run_lua(self, script: str, timeout_ms: int | None) -> p.RunLuaResult:
        ran = await self._lua.run(script, timeout_ms=timeout_ms)
        return p.RunLuaResult(values=ran.values, output=ran.output, duration_ms=ran.duration_ms)


def _list(files: Files, path: str) -> p.ListDirResult | Slow[p.ListDirResult]:
    return files.list_short(path, QUICK_ENTRIES) or Slow(partial(files.list, path))


def _content(
    file: OpenFile, encoding: p.Encoding, window: tuple[int, int | None] | None
) -> p.ReadFileResult:
    truncated = False
    with file:
        if window is not None:
            lines = file.lines(*window, max_bytes=READ_LIMIT_BYTES)
            content, truncated = lines.text, lines.truncated
        elif encoding == "base64":
            content = base64.b64encode(file.bytes(READ_LIMIT_BYTES)).decode("ascii")
        else:
            content = file.text(READ_LIMIT_BYTES)
    return p.ReadFileResult(
        path=file.path, content=content, encoding=encoding, size=file.size, truncated=truncated
    )


def _bytes(file: OpenFile) -> bytes:
    with file:
        return file.bytes(READ_LIMIT_BYTES)


def _decoded(content: str, encoding: p.Encoding) -> bytes:
    if encoding == "utf-8":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise InvalidParams([Problem("params.content", f"not base64: {error}")]) from None
