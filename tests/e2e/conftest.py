from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.wire import Wire, server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project."""
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "README.md").write_text("# A project\n\nwith two lines\n", encoding="utf-8")
    (root / "src" / "main.py").write_text("print('hello')\n", encoding="utf-8")
    return root.resolve()


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Wire]:
    """A server to which nobody has spoken yet."""
    with server(tmp_path) as wire:
        yield wire


@pytest.fixture
def wire(raw: Wire) -> Wire:
    """A server that is initialized."""
    raw.initialize()
    return raw
