"""Reads what the client sends, and can be told to wait without missing the client's end."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Protocol

READ_BYTES = 64 << 10
"""What a pipe holds. For more, the allocator would map and unmap memory at every read."""
LOOK_FOR_END_SECONDS = 0.1


class Reader(Protocol):
    """Hands bytes to the event loop as they come; no bytes are the end of the input."""

    def pause(self) -> None:
        """Read no more for now; the end of the input is noticed all the same."""
        ...

    def resume(self) -> None:
        """Go on reading."""
        ...


def start_reading(
    fd: int, loop: asyncio.AbstractEventLoop, on_data: Callable[[bytes], None]
) -> Reader:
    """Begin to read ``fd``.

    The event loop watches a pipe or a socket itself: a hop between threads costs more than all
    else that a small request needs. What can't be watched, as a regular file, or any descriptor
    on Windows, has a thread of its own, so that nothing else can hold it up.
    """
    try:
        return WatchingReader(fd, loop, on_data)
    except (PermissionError, NotImplementedError):
        return ThreadReader(fd, loop, on_data)


class WatchingReader:
    """Reads when the event loop says that there is something.

    The descriptor stays as blocking as it was: others may share it.
    """

    def __init__(
        self, fd: int, loop: asyncio.AbstractEventLoop, on_data: Callable[[bytes], None]
    ) -> None:
        self._fd = fd
        self._loop = loop
        self._on_data = on_data
        self._looking: asyncio.TimerHandle | None = None
        loop.add_reader(fd, self._read)

    def pause(self) -> None:
        """Read no more for now; the end of the input is noticed all the same."""
        if self._looking is None:
            self._loop.remove_reader(self._fd)
            self._looking = self._loop.call_later(LOOK_FOR_END_SECONDS, self._look_for_end)

    def resume(self) -> None:
        """Go on reading."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._loop.add_reader(self._fd, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._fd)
        self._on_data(data)

    def _look_for_end(self) -> None:
        if _has_hung_up(self._fd):
            self._on_data(b"")
        else:
            self._looking = self._loop.call_later(LOOK_FOR_END_SECONDS, self._look_for_end)


class ThreadReader:
    """Reads in a thread, one piece ahead at most."""

    def __init__(
        self, fd: int, loop: asyncio.AbstractEventLoop, on_data: Callable[[bytes], None]
    ) -> None:
        self._fd = fd
        self._loop = loop
        self._on_data = on_data
        self._resumed = threading.Event()
        self._resumed.set()
        self._taken = threading.Semaphore()
        threading.Thread(target=self._run, name="jido-reader", daemon=True).start()

    def pause(self) -> None:
        """Read no more for now."""
        self._resumed.clear()

    def resume(self) -> None:
        """Go on reading."""
        self._resumed.set()

    def _run(self) -> None:
        data = b"more"
        while data:
            self._taken.acquire()
            self._resumed.wait()
            try:
                data = os.read(self._fd, READ_BYTES)
            except OSError:
                data = b""
            try:
                self._loop.call_soon_threadsafe(self._hand_over, data)
            except RuntimeError:  # the loop has ended
                return

    def _hand_over(self, data: bytes) -> None:
        self._on_data(data)
        self._taken.release()


def _has_hung_up(fd: int) -> bool:
    """Whether the other end is closed, with bytes still to be read or not."""
    if sys.platform == "win32":  # pragma: no cover - nothing tells it there before it is read
        return False
    poll = select.poll()
    poll.register(fd, getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))
