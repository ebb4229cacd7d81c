"""An open directory: names are looked up in it, and no link is ever followed.

This is the only place that says ``dir_fd``. Everything above speaks of directories and names, so
that a check and the use after it are made on the same descriptor.
"""

from __future__ import annotations

import errno
import functools
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

# Windows has none of these; there the class of windows.py does the work.
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)

READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | _CLOEXEC
"""Open for reading; a pipe or a terminal must neither hang nor catch the reader."""

LIST = os.O_RDONLY | _DIRECTORY | _CLOEXEC
"""Open a directory to read its entries."""


class Directory:
    """A directory that is held open.

    A method that takes a name wants one component without a slash: behind a slash even
    ``O_NOFOLLOW`` follows a link. ``.`` is the directory itself. Where a name turns out to be a
    link, opening it fails with ``ELOOP`` or ``ENOTDIR``.

    Attributes:
        fd: Its descriptor; it may be good for looking up names only.
    """

    __slots__ = ("fd",)

    search: ClassVar[int] = getattr(os, "O_PATH", os.O_RDONLY) | _DIRECTORY | _CLOEXEC
    """How a directory is opened in which names are only looked up."""

    unnamed_file: ClassVar[int] = getattr(os, "O_TMPFILE", 0)
    """How a file without a name is made; 0 where there are none."""

    _close = staticmethod(os.close)  # still there when the interpreter has begun to end

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def at(cls, path: str) -> Self:
        """Open a directory by its absolute path without links."""
        return cls(os.open(path, cls.search | _NOFOLLOW))

    def close(self) -> None:
        """Give the descriptor back; more than once does no harm."""
        fd, self.fd = self.fd, -1
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

    def __del__(self) -> None:
        self.close()

    def again(self) -> Self:
        """Return the same directory under a descriptor of its own."""
        return type(self)(os.dup(self.fd))

    @property
    def removed(self) -> bool:
        """Whether the directory was deleted while it was held."""
        return os.fstat(self.fd).st_nlink == 0

    def enter(self, name: str) -> Self:
        """Open a directory in this one, to look up names in it."""
        return type(self)(os.open(name, self.search | _NOFOLLOW, dir_fd=self.fd))

    def enter_to_scan(self, name: str) -> Self:
        """Open a directory in this one, to read its entries as well."""
        return type(self)(self.open(name, LIST))

    def open(self, name: str, flags: int, mode: int = 0o666) -> int:
        """Return a descriptor for a name."""
        return os.open(name, flags | _NOFOLLOW | _CLOEXEC, mode, dir_fd=self.fd)

    def stat(self, name: str) -> os.stat_result:
        """Return what the name is; a link is a link."""
        return os.stat(name, dir_fd=self.fd, follow_symlinks=False)

    def readlink(self, name: str) -> str:
        """Return the text of a link; ``EINVAL`` if the name is none."""
        return os.readlink(name, dir_fd=self.fd)

    def writable(self, name: str) -> bool:
        """Tell whether this process may write to what was just seen to be a file.

        Should it have become a link since, this asks about the link's target, and no more than
        the answer comes of it.
        """
        return os.access(name, os.W_OK, dir_fd=self.fd, effective_ids=True)

    def scan(self) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        """Read the entries of what was entered for that.

        What each one is comes with it, or is asked of this directory as long as it is open.
        """
        return os.scandir(self.fd)

    @contextmanager
    def entries(self) -> Iterator[Iterator[os.DirEntry[str]]]:
        """Read the entries; they are good for questions within the context only."""
        with self.enter_to_scan(".") as opened, opened.scan() as found:
            yield found

    def mkdir(self, name: str) -> None:
        """Make a directory."""
        os.mkdir(name, dir_fd=self.fd)

    def rmdir(self, name: str) -> None:
        """Remove an empty directory."""
        os.rmdir(name, dir_fd=self.fd)

    def unlink(self, name: str) -> None:
        """Remove a file, or a link itself."""
        os.unlink(name, dir_fd=self.fd)

    def rename(self, name: str, into: Directory, new_name: str) -> None:
        """Move a name, over a file or a link that has the new name."""
        os.replace(name, new_name, src_dir_fd=self.fd, dst_dir_fd=into.fd)

    def unnamed(self) -> int | None:
        """Return a new file without a name, or None where there is no such thing."""
        if not (self.unnamed_file and _there_is_proc()):
            return None
        flags = self.unnamed_file | os.O_WRONLY | _CLOEXEC
        try:
            return os.open(".", flags, 0o666, dir_fd=self.fd)
        except OSError as error:
            if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}:
                return None  # the file system can't, or the kernel doesn't know the flag
            raise

    def give_name(self, fd: int, name: str) -> None:
        """Give a file that has no name one that is free."""
        os.link(f"/proc/self/fd/{fd}", name, dst_dir_fd=self.fd, follow_symlinks=True)

    def keep_owner_and_mode(self, fd: int, old: os.stat_result) -> None:
        """Make an open file of this directory what the old file was.

        The owner stays where the system lets us; the bits that lend an owner's rights
        (setuid, setgid) don't, for the content is new.
        """
        new = os.fstat(fd)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            with suppress(PermissionError):
                os.fchown(fd, old.st_uid, old.st_gid)
        mode = stat.S_IMODE(old.st_mode) & 0o777
        if stat.S_IMODE(new.st_mode) != mode:
            os.fchmod(fd, mode)

    @contextmanager
    def synced(self) -> Iterator[None]:
        """Flush the names in it to the disk at the end; fail at the start if that can't be."""
        fd = self.open(".", LIST)
        try:
            yield
            os.fsync(fd)
        finally:
            os.close(fd)


@functools.cache
def _there_is_proc() -> bool:
    """Tell whether there is the ``/proc`` through which a file gets its name later."""
    return Path("/proc/self/fd").is_dir()
