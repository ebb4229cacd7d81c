"""What sessions live in, made for tests: a clock that stands still, an observer that remembers."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from jido_server.sandbox.sandbox import Sandbox
from jido_server.session.clock import Clock
from jido_server.session.surroundings import Surroundings
from jido_server.session.workers import Workers
from jido_server.storage.journal import MemoryStorage, Storage
from jido_server.updates import Record


class Timers:
    """Calls back when a test says so."""

    def __init__(self) -> None:
        self._waiting: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()

    def later(self, _: float, callback: Callable[[], None]) -> Timer:
        number = next(self._numbers)
        self._waiting[number] = callback
        return Timer(lambda: self._waiting.pop(number, None))

    def elapse(self) -> None:
        """Let all the time pass that anything waits for."""
        waiting, self._waiting = self._waiting, {}
        for callback in waiting.values():
            callback()


class Timer:
    def __init__(self, cancel: Callable[[], object]) -> None:
        self._cancel = cancel

    def cancel(self) -> None:
        self._cancel()


class Told:
    """Remembers what was told, and has the surroundings in which it is told."""

    def __init__(self, storage: Storage | None = None) -> None:
        self.records: list[Record] = []
        self.timers = Timers()
        ids = itertools.count(1)
        times = itertools.count(1)
        self.around = Surroundings(
            storage=storage or MemoryStorage(),
            observer=self.records.append,
            workers=Workers(),
            sandbox=Sandbox(),
            clock=Clock(
                now=lambda: f"2026-01-01T00:00:00.{next(times):06d}Z",
                new_id=lambda: f"id-{next(ids)}",
                later=self.timers.later,
            ),
        )

    @property
    def kinds(self) -> list[str]:
        """The kinds of what was told, in order."""
        return [record.update.kind for record in self.records]
