"""Whatever was acknowledged is there after a kill."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from jido_server.errors import SessionInUse, SessionNotFound
from jido_server.storage.sqlite import SqliteStorage
from tests.storage.histories import SESSION, names, nth
from tests.storage.killing import Nursery, kill_in_a_row, spin

Server = Callable[[], SqliteStorage]
KILLS = 30


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path) as nursery:
        yield nursery


def test_nothing_acknowledged_is_lost_by_kills_in_a_row(nursery: Nursery) -> None:
    toll = kill_in_a_row(nursery, KILLS)
    assert toll.acknowledged > KILLS
    assert (toll.lost, toll.different, toll.recovered) == (0, 0, 0)


def test_a_session_that_was_being_made_is_there_if_it_was_told_of(
    nursery: Nursery, server: Server
) -> None:
    moments = random.Random(2)  # noqa: S311 - no secret
    storage = server()
    for _ in range(KILLS):
        session_id = str(uuid4())
        nursery.start(session_id)
        spin(moments.random() * 0.012)
        last = nursery.kill()
        try:
            journal = storage.open(session_id)
        except SessionNotFound:
            assert last == 0
        else:
            kept = journal.read()
            assert list(kept) == [nth(seq, session_id) for seq in range(1, len(kept) + 1)]
            assert last <= len(kept) <= last + 1
            journal.close()
    assert len(storage.saved()) <= KILLS


def test_the_hold_of_a_killed_server_is_gone_at_once(nursery: Nursery, server: Server) -> None:
    storage = server()
    nursery.start()
    nursery.acknowledged(3)
    assert storage.find(SESSION).is_open
    with pytest.raises(SessionInUse) as refused:
        storage.open(SESSION)
    assert refused.value.pid == nursery.writer
    with pytest.raises(SessionInUse):
        storage.delete(SESSION)
    nursery.kill()
    assert not storage.find(SESSION).is_open
    storage.open(SESSION).close()


def test_a_session_is_read_while_another_server_writes_it(nursery: Nursery, server: Server) -> None:
    storage = server()
    nursery.start()
    last = 0
    for _ in range(8):
        last = nursery.acknowledged(5)
        records = list(storage.records(SESSION))
        assert records == [nth(seq) for seq in range(1, len(records) + 1)]
        assert len(records) >= last
        assert storage.find(SESSION).last_seq >= last
    nursery.kill()


def test_a_killed_session_is_listed_and_deleted_whole(
    nursery: Nursery, server: Server, tmp_path: Path
) -> None:
    storage = server()
    nursery.start()
    last = nursery.acknowledged(30)
    last = nursery.kill() or last
    assert [saved.id for saved in storage.saved()] == [SESSION]
    assert storage.find(SESSION).last_seq >= last
    storage.delete(SESSION)
    assert names(tmp_path) == set()
