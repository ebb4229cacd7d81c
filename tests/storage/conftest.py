from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from jido_server.storage.journal import MemoryStorage, Storage
from jido_server.storage.sqlite import SqliteStorage


@pytest.fixture(params=["memory", "sqlite"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Either of the two: what is tested with it holds for both."""
    made = MemoryStorage() if request.param == "memory" else SqliteStorage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[], SqliteStorage]]:
    """Makes storages on one and the same folder, as servers side by side or one after the other."""
    with ExitStack() as ending:

        def start() -> SqliteStorage:
            storage = SqliteStorage(tmp_path)
            ending.callback(storage.close)
            return storage

        yield start
