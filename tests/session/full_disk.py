"""A disk that is full for some sessions, and waiting for what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jido_server.errors import StorageFailed
from jido_server.storage.journal import Journal, MemoryJournal, MemoryStorage
from jido_server.updates import Record

PATIENCE_SECONDS = 10


class FullDisk(MemoryStorage):
    """Storage in which the disk of some sessions is full."""

    def __init__(self) -> None:
        super().__init__()
        self.full: set[str] = set()

    def create(self, session_id: str) -> Journal:
        journal = super().create(session_id)
        assert isinstance(journal, MemoryJournal)
        append = journal.append

        def append_if_there_is_room(record: Record) -> None:
            if record.session_id in self.full:
                raise StorageFailed("the disk is full")
            append(record)

        journal.append = append_if_there_is_room  # type: ignore[method-assign]
        return journal


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - nothing else tells of it
            await asyncio.sleep(0.005)
