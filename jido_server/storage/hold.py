"""The right to write a session's history: one server at a time, and gone with its process."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from jido_server.storage.trouble import Held

PATIENCE = 0.25
LOOK_AGAIN = 0.002
"""Seconds to wait for a lock that somebody may only be looking at, and between two attempts."""

PID_AT = 16
"""Where in the lock file the holder's process id is; on Windows the first byte can't be read."""


class Hold:
    """The right to write, held from now on until it is released or the process ends.

    The lock is the operating system's own. Its file is removed by whoever holds it, so one that
    was removed is never taken for the lock: filelock looks for that after locking.

    Raises:
        Held: Another holds it.
        OSError: The lock file can't be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path, mode=0o600, thread_local=False)
        try:
            self._lock.acquire(timeout=PATIENCE, poll_interval=LOOK_AGAIN)
        except Timeout:
            raise Held(_pid_in(path)) from None
        with contextlib.suppress(OSError), path.open("r+b", buffering=0) as file:
            file.seek(PID_AT)
            file.write(b"%20d\n" % os.getpid())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let others have it."""
        with contextlib.suppress(OSError):  # Windows keeps a file that is open
            self._path.unlink()
        self._lock.release()


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at ``path``."""
    if not path.exists():
        return False
    lock = FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except OSError:
        return False  # what can't be locked by us isn't locked by a server of ours
    with contextlib.suppress(OSError):
        path.unlink()
    lock.release()
    return False


def _pid_in(path: Path) -> int | None:
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(PID_AT)
            return int(file.read(20))
    except (OSError, ValueError):
        return None
