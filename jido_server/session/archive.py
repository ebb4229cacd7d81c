"""What is stored of sessions, open or not: listed, paged and exported, behind the event loop."""

from __future__ import annotations

from typing import Literal

from jido_server.protocol.session import ExportResult, SavedResult, StoredUpdate, UpdatesResult
from jido_server.session.export import to_json, to_markdown
from jido_server.session.workers import Workers
from jido_server.storage.journal import Storage


class Archive:
    """Reads what is stored, and changes nothing.

    Args:
        storage: Where it is stored.
        workers: The threads in which it is read.
    """

    def __init__(self, storage: Storage, workers: Workers) -> None:
        self._storage = storage
        self._workers = workers

    async def saved(self, project_path: str | None = None) -> SavedResult:
        """Return what is stored, newest first; only of one project, if one is named."""
        sessions = await self._workers.run(self._storage.saved)
        return SavedResult(sessions=[s for s in sessions if project_path in (None, s.project_path)])

    async def updates(self, session_id: str, after_seq: int, limit: int) -> UpdatesResult:
        """Return at most ``limit`` updates whose number is above ``after_seq``.

        Raises:
            SessionNotFound: Nothing is stored of it.
        """
        return await self._workers.run(lambda: self._page(session_id, after_seq, limit))

    async def export(self, session_id: str, as_: Literal["markdown", "json"]) -> ExportResult:
        """Return a session as a text.

        Raises:
            SessionNotFound: Nothing is stored of it.
        """
        write = {"markdown": to_markdown, "json": to_json}[as_]
        text = await self._workers.run(lambda: write(self._storage.records(session_id)))
        return ExportResult(content=text)

    def _page(self, session_id: str, after_seq: int, limit: int) -> UpdatesResult:
        # The last number is read first: what comes later is another page's.
        last_seq = self._storage.find(session_id).last_seq
        records = self._storage.records(session_id, after_seq, limit)
        updates = [
            StoredUpdate(seq=record.seq, timestamp=record.timestamp, update=record.update)
            for record in records
            if record.seq <= last_seq
        ]
        return UpdatesResult(
            updates=updates,
            last_seq=last_seq,
            has_more=(updates[-1].seq if updates else after_seq) < last_seq,
        )
