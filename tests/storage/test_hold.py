"""One server holds a session at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jido_server.storage.hold import Hold, is_held
from jido_server.storage.trouble import Held

ROUNDS = 100


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "session.lock"


def in_threads(*work: threading.Thread) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_a_lock_leaves_nothing_behind(lock: Path) -> None:
    with Hold(lock):
        assert is_held(lock)
    assert not is_held(lock)
    assert not lock.exists()


def test_the_file_of_a_dead_holder_is_no_lock(lock: Path) -> None:
    lock.write_text("left by a kill")
    assert not is_held(lock)
    assert not lock.exists()
    lock.write_text("left by a kill")
    with Hold(lock):
        assert is_held(lock)


def test_a_holder_that_can_not_be_told_has_no_number(lock: Path) -> None:
    with Hold(lock):
        lock.write_text("")
        with pytest.raises(Held) as refused:
            Hold(lock)
    assert refused.value.pid is None


def test_what_can_not_be_locked_is_held_by_no_server_of_ours(lock: Path) -> None:
    lock.mkdir()
    assert not is_held(lock)


def test_no_two_ever_hold_it_however_often_its_file_is_removed(lock: Path) -> None:
    holders: list[int] = []
    taken: list[int] = []

    def take(number: int) -> None:
        for _ in range(ROUNDS):
            try:
                hold = Hold(lock)
            except Held:
                continue
            holders.append(number)
            assert holders == [number]
            holders.remove(number)
            taken.append(number)
            hold.release()

    in_threads(*(threading.Thread(target=take, args=(number,)) for number in range(3)))
    assert len(taken) > ROUNDS / 2
    assert not lock.exists()


def test_who_only_looks_keeps_nobody_from_taking_it(lock: Path) -> None:
    is_done = threading.Event()

    def look() -> None:
        while not is_done.is_set():
            is_held(lock)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(ROUNDS):
            Hold(lock).release()
    finally:
        is_done.set()
        looking.join()
