from __future__ import annotations

from pathlib import Path

import pytest

from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from tests.session.full_disk import FullDisk
from tests.support.surroundings import Told


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project; the user's own settings are beside it, not this user's."""
    monkeypatch.setenv("JIDO_CONFIG_DIR", str(tmp_path / "config"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.txt").write_bytes(b"one\r\ntwo\nthree")
    return root.resolve()


@pytest.fixture
def storage() -> FullDisk:
    """Storage in memory; a test says whose disk is full."""
    return FullDisk()


@pytest.fixture
def told(storage: FullDisk) -> Told:
    """What was told, and the surroundings in which it was."""
    return Told(storage)


@pytest.fixture
def two(sessions: Sessions, tmp_path: Path, project: Path) -> tuple[Session, Session]:
    """A session that gets into trouble, and its neighbour on another project."""
    other = tmp_path / "other"
    other.mkdir()
    return sessions.open(str(project)), sessions.open(str(other))
