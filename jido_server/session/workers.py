"""Threads for what would hold the event loop, a few at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

THREADS = 4


class Workers:
    """Runs functions in threads, and none while nobody takes what they give.

    What waits for its turn costs next to nothing; what is done waits in memory until the client
    reads it. So nothing new is begun while the client doesn't read.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="jido-worker")
        self._free = asyncio.Semaphore(THREADS)
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._is_closed = False

    def pause(self) -> None:
        """Begin nothing new."""
        if not self._is_closed:
            self._wanted.clear()

    def resume(self) -> None:
        """Go on."""
        self._wanted.set()

    def close(self) -> None:
        """Begin nothing any more; what waits for its turn is cancelled."""
        self._is_closed = True
        self._wanted.set()

    async def run(self, function: Callable[[], T]) -> T:
        """Return what ``function`` gives, called in a thread."""
        async with self._free:
            await self._wanted.wait()
            if self._is_closed:
                raise asyncio.CancelledError
            return await asyncio.get_running_loop().run_in_executor(self._threads, function)
