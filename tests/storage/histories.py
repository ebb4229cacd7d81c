"""Histories to be kept: small ones by hand, random ones by Hypothesis."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import orjson
from hypothesis import strategies as st

from jido_server.errors import StorageFailed
from jido_server.model import Message, SessionInfo
from jido_server.protocol import codec
from jido_server.storage.journal import Journal
from jido_server.updates import (
    MessageAppended,
    Record,
    SessionClosed,
    SessionOpened,
    SessionRenamed,
    Update,
)
from tests.support.strategies import values

SESSION = "3f0e4a5c-0000-4000-8000-000000000001"
OTHER = "3f0e4a5c-0000-4000-8000-000000000002"


def time(seq: int) -> str:
    """Return a time that is later for a higher number."""
    return f"2026-01-01T00:{seq // 60_000 % 60:02d}:{seq // 1000 % 60:02d}.{seq % 1000:03d}Z"


def info(session_id: str = SESSION, name: str = "project") -> SessionInfo:
    return SessionInfo(
        id=session_id,
        name=name,
        project_path="/home/ann/project",
        created_at=time(1),
        updated_at=time(1),
    )


def opened(session_id: str = SESSION) -> Update:
    return SessionOpened(info(session_id))


def renamed(name: str) -> Update:
    return SessionRenamed(info(name=name))


def message(text: str) -> Update:
    return MessageAppended(Message(id="m", role="user", content=text, timestamp=time(1)))


def closed() -> Update:
    return SessionClosed()


def history(updates: Iterable[Update], session_id: str = SESSION, after: int = 0) -> list[Record]:
    """Return the updates as records, numbered from after ``after`` on."""
    return [
        Record(session_id, seq, time(seq), update) for seq, update in enumerate(updates, after + 1)
    ]


def messages(count: int, size: int = 100, session_id: str = SESSION) -> list[Record]:
    """Return a history of ``count`` records, of ``size`` characters each but the first."""
    texts = (f"{number} ".ljust(size, "x") for number in range(2, count + 1))
    return history([opened(session_id), *map(message, texts)], session_id)


def keep(journal: Journal, records: Iterable[Record]) -> None:
    for record in records:
        journal.append(record)


def keep_until_refused(journal: Journal, records: Iterable[Record]) -> tuple[int, StorageFailed]:
    """Append until it fails, and return the last number that was kept, and the error."""
    last = 0
    for record in records:
        try:
            journal.append(record)
        except StorageFailed as error:
            return last, error
        last = record.seq
    raise AssertionError("nothing was refused")


def names(folder: Path) -> set[str]:
    """Return the names of the files of all sessions in a state folder."""
    return {path.name for path in (folder / "sessions").iterdir()}


def database(folder: Path, session_id: str = SESSION) -> Path:
    return folder / "sessions" / f"{session_id}.sqlite3"


def _is_json(update: Update) -> bool:
    try:
        orjson.dumps(codec.unstructure(update))
    except TypeError:
        return False
    return True


any_update: st.SearchStrategy[Update] = st.one_of(
    [values(cls).filter(_is_json) for cls in get_args(Update)]
)

any_history: st.SearchStrategy[list[Record]] = st.lists(any_update, max_size=40).map(
    lambda updates: history([opened(), *updates])
)


def nth(seq: int, session_id: str = SESSION) -> Record:
    """Return the record that every history of a killed writer has at this place."""
    size = (10, 300, 3000, 20_000)[seq * 7 % 11 % 4]
    update = opened(session_id) if seq == 1 else message(f"{seq} ".ljust(size, "x"))
    return Record(session_id, seq, time(seq), update)
