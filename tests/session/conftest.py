from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jido_server.session.sessions import Sessions
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
def told() -> Told:
    return Told()


@pytest.fixture
async def sessions(told: Told) -> AsyncIterator[Sessions]:
    sessions = Sessions(told.around)
    yield sessions
    await sessions.close_all()
    await told.around.sandbox.close()
