"""The thread that brings to the disk what was kept, so that the event loop never waits for it."""

from __future__ import annotations

import threading
from typing import Protocol

EVERY = 0.5
"""Seconds in which changes gather for one flush; with the flush itself, less than a second."""


class Flushable(Protocol):
    """Something that was changed and can be brought to the disk."""

    def flush(self) -> None:
        """Bring it to the disk. It handles its own errors."""
        ...


class Flusher:
    """Flushes what was changed, soon after it was changed, in a thread of its own.

    The thread sleeps while nothing changes.
    """

    def __init__(self) -> None:
        self._changed: set[Flushable] = set()
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._hurried = threading.Event()
        self._is_ended = False
        self._thread = threading.Thread(target=self._run, name="jido-flusher", daemon=True)
        self._thread.start()

    def notice(self, changed: Flushable) -> None:
        """Flush it within a second; it need not be said again before that."""
        with self._lock:
            self._changed.add(changed)
        self._awake.set()

    def hurry(self) -> None:
        """Flush now what was noticed."""
        if not self._hurried.is_set():
            self._hurried.set()

    def close(self) -> None:
        """End the thread; whoever still has something to flush does it by itself."""
        self._is_ended = True
        self._hurried.set()
        self._awake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_ended:
            self._awake.wait()
            self._hurried.wait(EVERY)
            self._awake.clear()
            self._hurried.clear()
            with self._lock:
                changed, self._changed = self._changed, set()
            for each in changed:
                each.flush()
