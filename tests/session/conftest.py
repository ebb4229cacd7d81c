from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project; the user's own settings are beside it, not this user's."""
    monkeypatch.setenv("JIDO_CONFIG_DIR", str(tmp_path / "config"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.txt").write_bytes(b"one\r\ntwo\nthree")
    return root.resolve()
