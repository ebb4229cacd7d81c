"""Where histories lie on the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import attrs
from platformdirs import user_state_path

from jido_server.errors import StorageFailed

APPLICATION = "jido_code"
SUFFIX = ".sqlite3"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600

_SESSION_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")


def state_folder() -> Path:
    """Return the user's state folder: ``JIDO_STATE_DIR``, else the platform's own place."""
    chosen = os.environ.get("JIDO_STATE_DIR")
    return Path(chosen).expanduser().absolute() if chosen else user_state_path(APPLICATION)


@attrs.frozen
class SessionFiles:
    """The files of one session.

    Attributes:
        database: The history.
        lock: Held by the server that holds the session.
    """

    database: Path
    lock: Path

    @property
    def log(self) -> Path:
        """SQLite's write-ahead log, beside the history while it is open or after a kill."""
        return _beside(self.database, "-wal")

    @property
    def shared_memory(self) -> Path:
        """SQLite's index of the log."""
        return _beside(self.database, "-shm")

    @property
    def recovered(self) -> Path:
        """A history that was recovered completely, but not yet put in the place of the hurt one."""
        return _beside(self.database, ".recovered")

    @property
    def unfinished(self) -> Path:
        """A history that is being recovered."""
        return _beside(self.database, ".recovering")

    def all(self) -> list[Path]:
        """Return every file there is of the session but the lock, the history first."""
        others = sorted(self.database.parent.glob(self.database.name + "?*"))
        return [path for path in (self.database, *others) if path.exists()]

    def remove(self) -> None:
        """Remove them all, the history first.

        Raises:
            OSError: One can't be removed.
        """
        for path in self.all():
            path.unlink(missing_ok=True)


@attrs.frozen
class Folder:
    """The folder in which every session has its files.

    Attributes:
        path: Made when it is first needed, for its owner alone.
    """

    path: Path

    def files(self, session_id: str) -> SessionFiles | None:
        """Return where a session's files are, or None if no session can have this id."""
        if not _SESSION_ID.fullmatch(session_id):
            return None
        return SessionFiles(self.path / f"{session_id}{SUFFIX}", self.path / f"{session_id}.lock")

    def session_ids(self) -> Iterator[str]:
        """Give the ids of the sessions that have a file.

        Raises:
            StorageFailed: The folder can't be read.
        """
        try:
            names = [path.name for path in self.path.iterdir()]
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageFailed(f"{str(self.path)!r} can't be read: {error.strerror}") from None
        for name in names:
            session_id = name.removesuffix(SUFFIX)
            if session_id != name and _SESSION_ID.fullmatch(session_id):
                yield session_id

    def make(self) -> None:
        """Make the folder, for its owner alone.

        Raises:
            OSError: It can't be made.
        """
        self.path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self.path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        mode = S_IMODE(self.path.stat().st_mode)
        if mode & ~PRIVATE_FOLDER:
            self.path.chmod(mode & PRIVATE_FOLDER)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read; what SQLite puts beside it is the same.

    Raises:
        OSError: It can't be made, or there is one.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
