"""What a server holds, looked at once a second."""

from __future__ import annotations

import statistics
import time

import attrs
import psutil

from tests.bench.bench_memory import Memory

EVERY_SECONDS = 1.0


@attrs.frozen
class Look:
    """One look.

    Attributes:
        at: Seconds since the beginning.
        memory_mb: Of the server, all pages that are in memory.
        children_mb: Of its children, with shared pages divided.
        descriptors: Of the server.
        children: How many there are.
    """

    at: float
    memory_mb: float
    children_mb: float
    descriptors: float
    children: float


class Gauge:
    """Looks at a server and remembers every process that was ever seen.

    Args:
        pid: The server.

    Attributes:
        looks: What was seen.
        seen: Every process beneath it.
    """

    def __init__(self, pid: int) -> None:
        self.looks: list[Look] = []
        self.seen: set[psutil.Process] = set()
        self._process = psutil.Process(pid)
        self._begin = time.monotonic()

    def look(self) -> None:
        """Look, if it is time."""
        at = time.monotonic() - self._begin
        if self.looks and at - self.looks[-1].at < EVERY_SECONDS:
            return
        children = self._process.children(recursive=True)
        self.seen.update(children)
        descriptors = self._process.num_fds()
        memory = Memory.of(self._process.pid).rss
        self.looks.append(Look(at, memory, _pss(children), descriptors, len(children)))

    def median(self, what: str, begin: float, end: float) -> float:
        """Return the median of something in a time."""
        values: list[float] = [getattr(k, what) for k in self.looks if begin <= k.at <= end]
        return statistics.median(values)


def _pss(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            total += Memory.of(process.pid).pss
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return total
