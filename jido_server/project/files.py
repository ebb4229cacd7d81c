"""The files of a project: read, written, listed, deleted, and never outside it.

Everything here blocks and knows nothing of an event loop: callers run what is small where they
are, and what is large in a thread. Paths are as for the boundary, and so are their errors.
"""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from jido_server.errors import FileNotFound, InvalidPath, NotDirectory
from jido_server.project.atomic import replace
from jido_server.project.boundary import Boundary
from jido_server.project.directory import READ, Directory
from jido_server.project.failures import FailingAs
from jido_server.project.names import shown
from jido_server.project.reading import OpenFile
from jido_server.project.removal import remove
from jido_server.project.walk import enter_to_scan, make_if_missing, refuse_link
from jido_server.protocol.manager import (
    DirEntry,
    FileType,
    ListDirResult,
    MakeDirResult,
    StatResult,
    WriteFileResult,
)

if TYPE_CHECKING:
    from jido_server.project.glob import Matches


class Files:
    """What can be done with the files of one project.

    Attributes:
        boundary: What keeps it inside.
    """

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary

    def open_read(self, path: str) -> OpenFile:
        """Open a file, so that its size is known before it is read.

        Raises:
            IsDirectory: It is a directory.
            NotRegularFile: It is a pipe, a socket or a device.
            PathError: As the boundary has it.
        """
        fd, resolved = self.boundary.descriptor(path, READ)
        return OpenFile(fd, resolved, asked=path)

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a file.

        Args:
            path: The file.
            limit: Most bytes to read; a larger file is refused, never cut.

        Raises:
            FileTooLarge: The file has more than ``limit`` bytes.
            PathError: As for ``open_read``.
        """
        with self.open_read(path) as file:
            return file.bytes(limit)

    def write(self, path: str, data: bytes, *, durable: bool = False) -> WriteFileResult:
        """Make a file be these bytes, at once and whole; folders on the way are made.

        An existing file keeps its mode, and its owner where the system allows. A link that leads to
        a file inside stays, and its target is written.

        Args:
            path: The file.
            data: Its whole content.
            durable: Whether it must be on the disk, not only in the system's cache, afterwards.

        Raises:
            PermissionDenied: The file's own mode forbids writing, even to root.
            StorageFull: There is no space; the old file is untouched.
            PathError: As the boundary has it.
        """
        created, names = self.boundary.reach(
            path,
            lambda directory, name: replace(directory, name, data, durable=durable),
            make=not path.endswith(("/", "/.", "/..")),
        )
        return WriteFileResult(path=self.boundary.absolute(names), size=len(data), created=created)

    def list(self, path: str = ".") -> ListDirResult:
        """Return what is in a directory."""
        return _listing(*_entries(self.boundary, path, None))

    def list_short(self, path: str, most: int) -> ListDirResult | None:
        """Return what is in a directory, unless that is more than ``most`` entries."""
        resolved, entries = _entries(self.boundary, path, most + 1)
        return _listing(resolved, entries) if len(entries) <= most else None

    def stat(self, path: str) -> StatResult:
        """Return what is known of a file or directory, links followed."""
        status, names = self.boundary.reach(path, refuse_link)
        return StatResult(
            path=self.boundary.absolute(names),
            type=_type_in(status.st_mode),
            size=status.st_size,
            modified_at=timestamp(status.st_mtime),
            mode=stat.S_IMODE(status.st_mode),
        )

    def make_dir(self, path: str) -> MakeDirResult:
        """Make a directory, and those above it that are missing.

        Raises:
            NotDirectory: Something else is there, or on the way.
            PathError: As the boundary has it.
        """
        created, names = self.boundary.reach(path, _make, make=True, named=True)
        return MakeDirResult(path=self.boundary.absolute(names), created=created)

    def delete(self, path: str, *, recursive: bool = False) -> None:
        """Delete a file, a link itself, or a folder.

        Args:
            path: What to delete.
            recursive: Whether a folder is deleted, with everything in it.

        Raises:
            InvalidPath: It is the project itself, or ends in ``..``.
            IsDirectory: It is a folder, and ``recursive`` was not said.
            PathError: As the boundary has it; of a folder, a part may then be gone.
        """
        needs_folder = path.endswith(("/", "/."))

        def act(directory: Directory, name: str) -> None:
            if name == ".":
                raise InvalidPath(path, "it names the project, or a folder only by `..`")
            if needs_folder and not stat.S_ISDIR(directory.stat(name).st_mode):
                raise NotDirectory(path)
            remove(directory, name, recursive=recursive)

        self.boundary.reach(path, act, follow=False, named=True)

    def exists(self, path: str) -> bool:
        """Tell whether anything is there, links followed."""
        return self._type(path) is not None

    def is_file(self, path: str) -> bool:
        """Tell whether a regular file is there, links followed."""
        return self._type(path) == "file"

    def is_dir(self, path: str) -> bool:
        """Tell whether a directory is there, links followed."""
        return self._type(path) == "directory"

    def glob(self, pattern: str, path: str = ".", *, include_ignored: bool = False) -> Matches:
        """Return the files that fit a pattern, newest first; see ``project.glob``."""
        # What matches patterns takes a quarter of the server's start to be imported.
        from jido_server.project.glob import glob  # noqa: PLC0415

        return glob(self.boundary, pattern, path, include_ignored=include_ignored)

    def _type(self, path: str) -> FileType | None:
        try:
            return self.stat(path).type
        except (FileNotFound, NotDirectory):
            return None


def _entries(boundary: Boundary, path: str, most: int | None) -> tuple[str, list[DirEntry]]:
    """Return the absolute path of a directory, and at most so many entries as they come."""
    directory, names = boundary.reach(path, enter_to_scan)
    with directory, FailingAs(path), directory.scan() as found:
        entries = [DirEntry(shown(entry.name), _type_of(entry)) for entry in islice(found, most)]
    return boundary.absolute(names), entries


def _listing(path: str, entries: list[DirEntry]) -> ListDirResult:
    entries.sort(key=attrgetter("name"))
    folders = [entry for entry in entries if entry.type == "directory"]
    others = [entry for entry in entries if entry.type != "directory"]
    return ListDirResult(path=path, entries=folders + others)


def _make(directory: Directory, name: str) -> bool:
    """Make a directory; what is there already must be one."""
    if name != "." and make_if_missing(directory, name):
        return True
    directory.enter(name).close()
    return False


def _type_of(entry: os.DirEntry[str]) -> FileType:
    """Tell what an entry is, without asking the system again where the listing said it."""
    if entry.is_file(follow_symlinks=False):
        return "file"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "symlink" if entry.is_symlink() else "other"


def _type_in(mode: int) -> FileType:
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH).total_seconds() - 1
_EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH).total_seconds()


def timestamp(seconds: float) -> str:
    """Return a time of the file system, which may be outside of what a calendar holds."""
    moment = _EPOCH + timedelta(seconds=min(max(seconds, _EARLIEST), _LATEST))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
