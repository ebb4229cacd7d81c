"""Writes what the client is told, with back-pressure, and never holds the event loop."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable

CONGESTED_BYTES = 8 << 20
GATHERED_BYTES = 64 << 10
CLOSE_SECONDS = 0.3
AT_ONCE_BYTES = 4096
"""What a pipe takes without waiting when it says that it can be written: POSIX's PIPE_BUF."""


class Writer:
    """Gathers what is written in one go of the event loop, and writes it together.

    What can't wait is written at once; all else goes to a thread, which may wait for a client that
    reads slowly or not at all.

    Args:
        fd: What is written.
        loop: Where all methods but ``write_from_thread`` are called, and the callbacks.
        on_drained: Called when the writer is no longer congested.
        on_broken: Called when nobody will ever read again.
    """

    def __init__(
        self,
        fd: int,
        loop: asyncio.AbstractEventLoop,
        *,
        on_drained: Callable[[], None],
        on_broken: Callable[[], None],
    ) -> None:
        self._fd = fd
        self._loop = loop
        self._on_drained = on_drained
        self._on_broken = on_broken
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._flush_is_due = False
        self._waiting = 0
        self._queue: deque[bytes] = deque()
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="jido-writer", daemon=True)
        self._thread.start()

    @property
    def congested(self) -> bool:
        """Whether more waits to be written than should."""
        return self._waiting > CONGESTED_BYTES

    def write(self, data: bytes) -> None:
        """Write ``data`` behind what was written before, soon."""
        self._gathered.append(data)
        self._gathered_bytes += len(data)
        if len(data) > GATHERED_BYTES:
            self._hand_over_gathered()
        elif self._gathered_bytes > GATHERED_BYTES:
            self.flush()
        elif not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self.flush)

    def gather(self) -> None:
        """Let what is written wait for ``flush``, which the caller owes."""
        self._flush_is_due = True

    def write_from_thread(self, data: bytes) -> None:
        """Write ``data`` soon; from any thread."""
        self._tell(self.write, data)

    def flush(self) -> None:
        """Write what is gathered, now or in the thread."""
        self._flush_is_due = False
        data = b"".join(self._take_gathered())
        if data and not (self._waiting or self._closed):
            data = self._write_at_once(data)
        if data:
            self._hand_over(data)

    def close(self) -> None:
        """Write what there is, unless nobody reads it, and write no more after that."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)

    def _hand_over_gathered(self) -> None:
        """Leave what is gathered to the thread piece by piece: something large is in it."""
        for data in self._take_gathered():
            self._hand_over(data)

    def _take_gathered(self) -> list[bytes]:
        gathered, self._gathered = self._gathered, []
        self._gathered_bytes = 0
        return gathered

    def _write_at_once(self, data: bytes) -> bytes:
        """Write what needs no waiting, and return the rest."""
        try:
            return data[_write_some(self._fd, data) :]
        except OSError:
            self._give_up()
            return b""

    def _hand_over(self, data: bytes) -> None:
        with self._changed:
            if not self._closed:
                self._queue.append(data)
                self._waiting += len(data)
                self._changed.notify()

    def _run(self) -> None:
        while data := self._next():
            try:
                _write_all(self._fd, data)
            except OSError:
                self._give_up()
                return
            with self._changed:
                was_congested = self.congested
                self._waiting -= len(data)
            if was_congested and not self.congested:
                self._tell(self._on_drained)

    def _next(self) -> bytes:
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            return self._queue.popleft() if self._queue else b""

    def _give_up(self) -> None:
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._waiting = 0
        self._tell(self._on_broken)

    def _tell(self, callback: Callable[..., None], *arguments: bytes) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:  # the loop has ended
            return


def _write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _write_some(fd: int, data: bytes) -> int:
    """Write what needs no waiting, and return how many bytes that was.

    Linux says it of any size. Of others it is known only that a pipe which says that it can be
    written takes a little.
    """
    try:
        return os.pwritev(fd, [data], -1, os.RWF_NOWAIT)
    except BlockingIOError:
        return 0
    except (AttributeError, OSError):  # not Linux, or a file that can't do that
        pass
    return os.write(fd, data) if len(data) <= AT_ONCE_BYTES and _takes_some(fd) else 0


def _takes_some(fd: int) -> bool:
    """Whether a small write would not wait."""
    if sys.platform == "win32":  # pragma: no cover - a pipe tells nothing there
        return False
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return poll.poll(0) == [(fd, select.POLLOUT)]
