"""What a hurt log hides is found again; what a kill leaves at its end is no accident."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jido_server.errors import SessionNotFound, StorageFailed
from tests.storage.histories import SESSION, database, keep, messages, nth
from tests.storage.hurting import FRAME, PAGE, Server, copies, cut, killed, log_of, overwrite


def test_bytes_that_are_hurt_in_the_log_cost_only_what_is_in_them(
    server: Server, tmp_path: Path
) -> None:
    records = messages(300)
    killed(server, tmp_path, records)
    size = log_of(tmp_path).stat().st_size
    overwrite(log_of(tmp_path), size // 2, b"\xff\xff\xff\xff")
    journal = server().open(SESSION)
    assert journal.recovered is not None
    assert list(journal.read()) == records
    assert copies(tmp_path) == [f"{SESSION}.sqlite3.corrupt-1{end}" for end in ("", "-wal")]


def test_a_lost_header_of_the_log_costs_nothing(server: Server, tmp_path: Path) -> None:
    records = messages(300)
    killed(server, tmp_path, records)
    overwrite(log_of(tmp_path), 0, b"\xff" * 32)
    journal = server().open(SESSION)
    assert journal.recovered is not None
    assert list(journal.read()) == records


def test_a_lost_database_is_found_again_in_the_log(server: Server, tmp_path: Path) -> None:
    records = messages(300)
    killed(server, tmp_path, records)
    cut(database(tmp_path), 0)
    journal = server().open(SESSION)
    assert list(journal.read()) == records


@pytest.mark.parametrize("seed", range(30))
def test_a_log_cut_anywhere_is_no_accident_and_gives_the_first_records(
    server: Server, tmp_path: Path, seed: int
) -> None:
    records = [nth(seq) for seq in range(1, 60)]
    killed(server, tmp_path, records)
    cut(log_of(tmp_path), random.Random(seed).randrange(log_of(tmp_path).stat().st_size))  # noqa: S311 - no secret
    try:
        journal = server().open(SESSION)
    except SessionNotFound:
        return
    assert journal.recovered is None
    read = list(journal.read())
    assert read == records[: len(read)]
    keep(journal, [nth(seq) for seq in range(len(read) + 1, 70)])


@pytest.mark.parametrize("missing", [1, PAGE - 1, PAGE, PAGE + 1, FRAME - 1, FRAME, FRAME + 100])
def test_a_kill_in_the_middle_of_a_commit_is_no_accident(
    server: Server, tmp_path: Path, missing: int
) -> None:
    killed(server, tmp_path, messages(20, size=20_000))
    cut(log_of(tmp_path), log_of(tmp_path).stat().st_size - missing)
    journal = server().open(SESSION)
    assert journal.recovered is None
    assert list(journal.read()) == messages(19, size=20_000)
    assert copies(tmp_path) == []


def test_a_file_that_somebody_keeps_locked_is_not_taken_for_hurt(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jido_server.storage.database.PATIENCE", 0)
    records = messages(100)
    killed(server, tmp_path, records)
    with closing(sqlite3.connect(database(tmp_path), isolation_level=None)) as browser:
        browser.execute("PRAGMA locking_mode = EXCLUSIVE")
        browser.execute("BEGIN IMMEDIATE")
        for ask in (server().open, server().find):
            with pytest.raises(StorageFailed, match="another program keeps the file locked"):
                ask(SESSION)
        browser.execute("COMMIT")
    assert list(server().open(SESSION).read()) == records
    assert copies(tmp_path) == []
