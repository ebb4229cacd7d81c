"""A hurt file is told, copied and recovered; it is never read as something that nobody wrote."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jido_server.errors import SessionNotFound, StorageFailed
from jido_server.storage import recovery
from tests.storage.histories import (
    OTHER,
    SESSION,
    closed,
    database,
    history,
    keep,
    message,
    messages,
    names,
    nth,
    opened,
)
from tests.storage.hurting import PAGE, Server, copies, cut, kept, killed, log_of, overwrite


def test_what_follows_a_hurt_record_is_lost_and_said_to_be(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = server()
    records = messages(500, size=1000)
    kept(storage, records)
    content = database(tmp_path).read_bytes()
    at = content.index(b'"content":"300 xxx') + 20
    overwrite(database(tmp_path), at, b"y")
    hurt = database(tmp_path).read_bytes()

    with pytest.raises(StorageFailed, match=f"{SESSION}.*record 300 is hurt"):
        list(storage.records(SESSION))

    journal = storage.open(SESSION)
    assert journal.recovered is not None
    assert "up to record 299" in journal.recovered
    assert f"{SESSION}.sqlite3.corrupt-1" in journal.recovered
    assert SESSION in caplog.text
    assert "recovered" in caplog.text
    assert list(journal.read()) == records[:299]
    assert database(tmp_path).with_name(copies(tmp_path)[0]).read_bytes() == hurt
    keep(journal, history([message("goes on")], after=299))
    journal.close()
    assert storage.find(SESSION).message_count == 299
    assert storage.open(SESSION).recovered is None


def test_a_second_accident_keeps_a_second_copy(server: Server, tmp_path: Path) -> None:
    storage = server()
    kept(storage, messages(100, size=1000))
    for last in (70, 30):
        at = database(tmp_path).read_bytes().index(b'"content":"%d xxx' % last) + 20
        overwrite(database(tmp_path), at, b"y")
        journal = storage.open(SESSION)
        assert list(journal.read()) == messages(last - 1, size=1000)
        journal.close()
    assert copies(tmp_path) == [f"{SESSION}.sqlite3.corrupt-{number}" for number in (1, 2)]


@pytest.mark.parametrize("size", [100, PAGE, PAGE * 2, PAGE * 5])
def test_a_lost_beginning_of_the_file_loses_only_the_records_in_it(
    server: Server, tmp_path: Path, size: int
) -> None:
    storage = server()
    records = messages(2000)
    kept(storage, records)
    overwrite(database(tmp_path), 0, b"\xff" * size)
    if size > PAGE * 2:  # the pages of the first records
        with pytest.raises(StorageFailed, match=f"{SESSION}.*no record in it can be read"):
            storage.open(SESSION)
        assert copies(tmp_path) == []
        return
    journal = storage.open(SESSION)
    assert journal.recovered is not None
    assert list(journal.read()) == records


def test_a_file_of_rubbish_is_left_as_it_is_and_hides_nothing(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = server()
    kept(storage, messages(3, session_id=OTHER), OTHER)
    database(tmp_path).write_bytes(b"rubbish" * 5000)
    for ask in (storage.open, storage.find, lambda id_: list(storage.records(id_))):
        with pytest.raises(StorageFailed, match=SESSION):
            ask(SESSION)
    assert [saved.id for saved in storage.saved()] == [OTHER]
    assert SESSION in caplog.text
    assert database(tmp_path).read_bytes() == b"rubbish" * 5000
    storage.delete(SESSION)
    assert names(tmp_path) == {f"{OTHER}.sqlite3"}


@pytest.mark.parametrize("size", [0, 1, 99, 100, 5000, 20_000, 100_000])
def test_a_truncated_file_gives_its_first_records(
    server: Server, tmp_path: Path, size: int
) -> None:
    storage = server()
    records = messages(2000)
    kept(storage, records)
    cut(database(tmp_path), size)
    if size <= 2 * PAGE:
        with pytest.raises((StorageFailed, SessionNotFound), match=SESSION):
            storage.open(SESSION)
        assert database(tmp_path).stat().st_size == size
        return
    journal = storage.open(SESSION)
    assert journal.recovered is not None
    read = list(journal.read())
    assert 0 < len(read) < len(records)
    assert read == records[: len(read)]


@pytest.mark.parametrize("seed", range(60))
def test_hurt_bytes_anywhere_never_give_what_nobody_wrote(
    server: Server, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    storage = server()
    records = [nth(seq) for seq in range(1, 120)]
    kept(storage, records)
    content = database(tmp_path).read_bytes()
    for _ in range(chance.choice([1, 1, 3])):
        at = chance.randrange(len(content))
        length = chance.choice([1, 1, 4, 512, PAGE])
        overwrite(database(tmp_path), at, chance.randbytes(length)[: len(content) - at])
    if seed % 2:  # nobody may read what nobody wrote, and nobody is in the way of recovering
        try:
            told = list(storage.records(SESSION))
        except (StorageFailed, SessionNotFound):
            pass
        else:
            assert told == records[: len(told)]
    try:
        journal = storage.open(SESSION)
    except (StorageFailed, SessionNotFound):
        return
    read = list(journal.read())
    assert read == records[: len(read)]
    assert journal.recovered is not None or len(read) == len(records)


@pytest.mark.parametrize("step", ["_copy", "_write", "_replace"])
def test_a_recovery_that_was_broken_off_is_done_again(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    records = messages(200)
    killed(server, tmp_path, records)
    overwrite(log_of(tmp_path), log_of(tmp_path).stat().st_size // 2, b"\xff\xff\xff\xff")

    def break_off(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(recovery, step, break_off)
        with pytest.raises(StorageFailed, match="No space left"):
            server().open(SESSION)
    journal = server().open(SESSION)
    assert list(journal.read()) == records
    journal.close()
    assert names(tmp_path) - set(copies(tmp_path)) == {f"{SESSION}.sqlite3"}


def test_a_full_disk_leaves_no_half_copy(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(server, tmp_path, messages(200))
    overwrite(log_of(tmp_path), log_of(tmp_path).stat().st_size // 2, b"\xff\xff\xff\xff")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageFailed, match="No space left"):
        server().open(SESSION)
    assert copies(tmp_path) == []


@pytest.mark.parametrize(
    "damage",
    [
        "PRAGMA user_version = 0",
        "ALTER TABLE updates RENAME TO messages",
        "ALTER TABLE updates RENAME COLUMN kind TO type",
        "DELETE FROM updates WHERE seq = 50",
        "UPDATE updates SET timestamp = 'x' WHERE seq = 50",
        "UPDATE updates SET kind = 'messagesCleared' WHERE seq = 50",
        "UPDATE updates SET payload = '{}' WHERE seq = 50",
        "UPDATE updates SET payload = CAST(payload AS TEXT) WHERE seq = 50",
        "UPDATE updates SET timestamp = CAST(x'ff' AS TEXT) WHERE seq = 50",
        "UPDATE updates SET messages = 7 WHERE seq = 50",
        "UPDATE updates SET session = 7 WHERE seq = 50",
        "UPDATE updates SET seq = 1000 WHERE seq = 50",
    ],
)
def test_what_a_person_changed_by_hand_is_not_taken_for_what_was_written(
    server: Server, tmp_path: Path, damage: str
) -> None:
    storage = server()
    records = messages(100)
    kept(storage, records)
    with closing(sqlite3.connect(database(tmp_path), isolation_level=None)) as connection:
        connection.execute(damage)
    journal = storage.open(SESSION)
    assert journal.recovered is not None
    read = list(journal.read())
    assert read == records[: len(read)]
    assert len(read) >= 49


def test_what_the_session_is_may_be_what_is_hurt(server: Server, tmp_path: Path) -> None:
    storage = server()
    kept(storage, messages(100))
    with closing(sqlite3.connect(database(tmp_path), isolation_level=None)) as connection:
        connection.execute("DELETE FROM updates WHERE seq = 1")
    with pytest.raises(StorageFailed, match="record 1 is missing"):
        storage.find(SESSION)
    with pytest.raises(StorageFailed, match="no record in it can be read"):
        storage.open(SESSION)


def test_only_the_hurt_session_is_hurt(server: Server, tmp_path: Path) -> None:
    storage = server()
    for number in range(5):
        kept(storage, history([opened(f"s{number}"), closed()], f"s{number}"), f"s{number}")
    overwrite(database(tmp_path, "s3"), 0, b"\xff" * 3 * PAGE)
    assert {saved.id for saved in storage.saved()} == {"s0", "s1", "s2", "s4"}
    storage.open("s2").close()
    with pytest.raises(StorageFailed, match="s3"):
        storage.open("s3")
