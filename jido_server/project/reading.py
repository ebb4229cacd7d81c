"""An open file of the project: its size first, then its content within a limit."""

from __future__ import annotations

import os
import stat
from types import TracebackType
from typing import Self

import attrs

from jido_server.errors import IsDirectory, NotRegularFile, NotText
from jido_server.project.content import Content
from jido_server.project.failures import FailingAs


@attrs.frozen
class Window:
    """Some lines of a text.

    Attributes:
        text: The lines, with their ends as they are in the file.
        truncated: Whether the file has anything before or after them.
    """

    text: str
    truncated: bool


class OpenFile:
    """A regular file that is open for reading.

    Attributes:
        path: Its absolute path without links.
        size: Its bytes when it was opened.
    """

    __slots__ = ("_asked", "_content", "path", "size")

    _close = staticmethod(os.close)  # still there when the interpreter has begun to end

    def __init__(self, fd: int, path: str, asked: str) -> None:
        """Take a descriptor over.

        Raises:
            IsDirectory: It is a directory.
            NotRegularFile: It is a pipe, a socket or a device.
        """
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            error = IsDirectory if stat.S_ISDIR(status.st_mode) else NotRegularFile
            raise error(asked)
        self._content = Content(fd, status.st_size, asked)
        self._asked = asked
        self.path = path
        self.size = status.st_size

    def close(self) -> None:
        """Close it; more than once does no harm."""
        fd, self._content.fd = self._content.fd, -1
        if fd >= 0:
            self._close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def part(self, offset: int, size: int) -> bytes:
        """Return at most ``size`` bytes from ``offset`` on; none if the file ends before it."""
        with FailingAs(self._asked):
            return self._content.part(offset, size)

    def __del__(self) -> None:
        if hasattr(self, "_content"):
            self.close()

    def bytes(self, limit: int) -> bytes:
        """Return the content.

        Args:
            limit: Most bytes; a larger file is refused, never cut.

        Raises:
            FileTooLarge: The file has more than ``limit`` bytes.
        """
        with FailingAs(self._asked):
            return self._content.whole(limit)

    def text(self, limit: int) -> str:
        """Return the content as text, line ends and byte order mark as they are.

        Args:
            limit: Most bytes; a larger file is refused, never cut.

        Raises:
            FileTooLarge: The file has more than ``limit`` bytes.
            NotText: It isn't UTF-8.
        """
        try:
            return str(self.bytes(limit), "utf-8")
        except UnicodeDecodeError as error:
            raise NotText(self._asked) from error

    def lines(self, offset: int = 1, limit: int | None = None, *, max_bytes: int) -> Window:
        """Return some lines, without reading more of the file than up to their end.

        Args:
            offset: The first line, from 1.
            limit: Most lines; None for all there are.
            max_bytes: Most bytes of these lines together.

        Raises:
            FileTooLarge: The lines have more than ``max_bytes`` bytes, or begin beyond the first
                GiB of the file; its ``limit`` says which.
            NotText: They aren't UTF-8.
        """
        with FailingAs(self._asked):
            content, truncated = self._content.lines(offset, limit, max_bytes)
        try:
            return Window(str(content, "utf-8"), truncated)
        except UnicodeDecodeError as error:
            raise NotText(self._asked) from error
