"""Reader and writer with back-pressure: threads of their own, so that no pipe holds the loop."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable

READ_BYTES = 256 << 10
MAX_WAITING_READS = 4
CONGESTED_BYTES = 8 << 20
CLOSE_SECONDS = 0.5
LOOK_FOR_END_SECONDS = 0.1


class Reader:
    """Reads a descriptor in a thread and hands the bytes to the event loop, in order.

    Args:
        fd: What is read.
        loop: Where the callbacks are called.
        on_data: Takes the bytes; none are the end of the input.
    """

    def __init__(
        self, fd: int, loop: asyncio.AbstractEventLoop, on_data: Callable[[bytes], None]
    ) -> None:
        self._fd = fd
        self._loop = loop
        self._on_data = on_data
        self._may_read = threading.Semaphore(MAX_WAITING_READS)
        self._resumed = threading.Event()
        self._resumed.set()

    def start(self) -> None:
        """Begin to read; the thread doesn't keep the process alive."""
        threading.Thread(target=self._run, name="jido-reader", daemon=True).start()

    def pause(self) -> None:
        """Read no more for now; the end of the input is noticed all the same."""
        self._resumed.clear()

    def resume(self) -> None:
        """Go on reading."""
        self._resumed.set()

    def _run(self) -> None:
        data = b"more"
        while data:
            data = self._read()
            try:
                self._loop.call_soon_threadsafe(self._hand_over, data)
            except RuntimeError:  # the loop has ended
                return

    def _hand_over(self, data: bytes) -> None:
        self._may_read.release()
        self._on_data(data)

    def _read(self) -> bytes:
        self._may_read.acquire()
        while not self._resumed.wait(LOOK_FOR_END_SECONDS):
            if _has_hung_up(self._fd):
                return b""
        try:
            return os.read(self._fd, READ_BYTES)
        except OSError:
            return b""


class Writer:
    """Writes to a descriptor in a thread; whoever writes never waits.

    Args:
        fd: What is written.
        loop: Where the callbacks are called.
        on_drained: Called when the writer is no longer congested.
        on_broken: Called when nobody reads any more.
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
        self._queue: deque[bytes] = deque()
        self._waiting = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="jido-writer", daemon=True)

    def start(self) -> None:
        """Begin to write; the thread doesn't keep the process alive."""
        self._thread.start()

    @property
    def congested(self) -> bool:
        """Whether more waits to be written than should."""
        return self._waiting > CONGESTED_BYTES

    def write(self, data: bytes) -> None:
        """Queue ``data``; from any thread."""
        with self._changed:
            if not self._closed:
                self._queue.append(data)
                self._waiting += len(data)
                self._changed.notify()

    def close(self) -> None:
        """Write what is queued, unless nobody reads it, and write no more after that."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)

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
            data = b"".join(self._queue)
            self._queue.clear()
            return data

    def _give_up(self) -> None:
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._waiting = 0
        self._tell(self._on_broken)

    def _tell(self, callback: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:  # the loop has ended
            return


def _write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _has_hung_up(fd: int) -> bool:
    """Whether the other end is closed, with bytes still to be read or not."""
    if sys.platform == "win32":  # pragma: no cover - nothing tells it there before it is read
        return False
    poll = select.poll()
    poll.register(fd, getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))
