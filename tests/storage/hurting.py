"""Files of a session as accidents leave them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from jido_server.storage.sqlite import SqliteStorage
from jido_server.updates import Record
from tests.storage.histories import SESSION, database, keep, names

Server = Callable[[], SqliteStorage]
PAGE = 4096
FRAME = PAGE + 24


def kept(storage: SqliteStorage, records: list[Record], session_id: str = SESSION) -> None:
    journal = storage.create(session_id)
    keep(journal, records)
    journal.close()


def killed(server: Server, folder: Path, records: list[Record]) -> None:
    """Leave the files of a session as a killed server leaves them: all is still in the log."""
    storage = server()
    keep(storage.create(SESSION), records)
    aside = folder / "aside"
    shutil.copytree(folder / "sessions", aside)
    storage.close()
    shutil.rmtree(folder / "sessions")
    aside.rename(folder / "sessions")


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def cut(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)


def log_of(folder: Path) -> Path:
    return database(folder).with_name(f"{SESSION}.sqlite3-wal")


def copies(folder: Path) -> list[str]:
    return sorted(name for name in names(folder) if "corrupt" in name)
