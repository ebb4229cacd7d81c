"""Writing a file whole: readers see the old content or the new, never a part.

The content goes to a draft beside the target: a file without a name where there are such (a kill
then leaves nothing behind), else one under a random name. The draft takes the old file's mode and
owner and is then put in its place, all within one directory that is held open.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

from jido_server.project.directory import Directory
from jido_server.project.walk import refuse_link


def replace(directory: Directory, name: str, data: bytes, *, durable: bool) -> bool:
    """Make a file be these bytes.

    Args:
        directory: Where it is, or will be.
        name: What it is called there.
        data: Its whole content.
        durable: Whether it is on the disk, not only in the system's cache, when this returns.

    Returns:
        Whether there was none before.

    Raises:
        OSError: ``ELOOP`` if the name is a link; otherwise what the system says. The old file
            is untouched, and nothing else is left.
    """
    old = _replaceable(directory, name)
    with directory.synced() if durable else nullcontext(), _draft(directory) as draft:
        draft.write(data)
        if old is not None:
            directory.keep_owner_and_mode(draft.fd, old)
        if durable:
            os.fsync(draft.fd)
        draft.publish(name, over=old is not None)
    return old is None


def _replaceable(directory: Directory, name: str) -> os.stat_result | None:
    """Return what is to be replaced, or None; refuse what a writer couldn't open."""
    try:
        old = refuse_link(directory, name)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(old.st_mode):
        raise _refused(errno.EISDIR)
    if not stat.S_ISREG(old.st_mode):
        raise _refused(errno.ENXIO)
    # A rename needs no right to the file itself, and root may do anything: a file that nobody
    # may write to is not ours to replace.
    if not old.st_mode & 0o222 or not directory.writable(name):
        raise _refused(errno.EACCES)
    return old


class _Draft:
    """Content on its way; it has a name only if it had to be given one."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._name: str | None = None
        unnamed = directory.unnamed()
        if unnamed is None:
            self._name = _fresh_name()
            unnamed = directory.open(self._name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        self.fd = unnamed

    def write(self, data: bytes) -> None:
        """Write all of it."""
        left = memoryview(data)
        while left:
            left = left[os.write(self.fd, left) :]

    def publish(self, name: str, *, over: bool) -> None:
        """Let the draft be what has this name."""
        if self._name is None:
            if not over:
                with suppress(FileExistsError):  # then somebody was faster, and is replaced
                    self._directory.give_name(self.fd, name)
                    return
            self._name = _fresh_name()
            self._directory.give_name(self.fd, self._name)
        self._directory.rename(self._name, self._directory, name)
        self._name = None

    def discard(self) -> None:
        """Close it, and take away what name it still has."""
        os.close(self.fd)
        if self._name is not None:
            with suppress(FileNotFoundError):
                self._directory.unlink(self._name)


@contextmanager
def _draft(directory: Directory) -> Iterator[_Draft]:
    draft = _Draft(directory)
    try:
        yield draft
    finally:
        draft.discard()


def _fresh_name() -> str:
    """Return a hidden name; it isn't made from the target's, which may be as long as names get."""
    return f".jido-{secrets.token_hex(8)}.tmp"


def _refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))
