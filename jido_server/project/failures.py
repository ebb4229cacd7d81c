"""What the operating system says, as the errors that clients can tell apart."""

from __future__ import annotations

import errno
import os
from types import TracebackType

from jido_server.errors import (
    FileError,
    FileNotFound,
    InvalidPath,
    IsDirectory,
    NotDirectory,
    NotRegularFile,
    PathError,
    PermissionDenied,
    StorageFull,
    SymlinkEscapesBoundary,
)
from jido_server.project.names import shown

_PLAIN: dict[int, type[PathError]] = {
    errno.ENOENT: FileNotFound,
    errno.EISDIR: IsDirectory,
    errno.ENOTDIR: NotDirectory,
    errno.EACCES: PermissionDenied,
    errno.EPERM: PermissionDenied,
    errno.EROFS: PermissionDenied,
    errno.ENXIO: NotRegularFile,  # what opening a socket, or a pipe without a reader, gives
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
}

_UNUSABLE: dict[int, str] = {
    errno.ELOOP: "its links go in a circle",
    errno.ENAMETOOLONG: "it is too long",
    errno.EILSEQ: "the file system does not take such a name",
}


class LeadsOutside(Exception):
    """A link, or a ``..`` after one, leads above the root."""


class FailingAs:
    """A context in which failures of the system become errors about one path.

    Attributes:
        path: As the client gave it.
    """

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Begin; nothing is needed."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise the client's error in place of the system's."""
        if isinstance(error, OSError):
            raise path_error(self.path, error) from error
        if isinstance(error, LeadsOutside):
            raise SymlinkEscapesBoundary(shown(self.path)) from error


def path_error(path: str, error: OSError) -> PathError:
    """Return the error for what the system said about a path."""
    number = error.errno or 0
    if (plain := _PLAIN.get(number)) is not None:
        return plain(shown(path))
    if (reason := _UNUSABLE.get(number)) is not None:
        return InvalidPath(shown(path), reason)
    return FileError(shown(path), number, os.strerror(number))
