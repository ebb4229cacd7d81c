"""What holds of every storage."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.errors import SessionInUse, SessionNotFound, StorageFailed
from jido_server.model import Message, SavedSession, ToolCall
from jido_server.session.content import Content
from jido_server.storage.journal import Journal, MemoryStorage, Storage
from jido_server.storage.sqlite import SqliteStorage
from jido_server.updates import (
    MessagesCleared,
    Record,
    SessionClosed,
    StreamChunk,
    StreamEnded,
    StreamStarted,
    ToolCallAdded,
)
from tests.storage.histories import (
    OTHER,
    SESSION,
    any_history,
    closed,
    history,
    info,
    keep,
    message,
    messages,
    opened,
    renamed,
    time,
)


def begun(storage: Storage, records: list[Record], session_id: str = SESSION) -> Journal:
    journal = storage.create(session_id)
    keep(journal, records)
    return journal


def kept(storage: Storage, records: list[Record], session_id: str = SESSION) -> None:
    begun(storage, records, session_id).close()


def test_what_was_appended_is_read_in_order(storage: Storage) -> None:
    records = messages(20)
    journal = begun(storage, records)
    assert list(journal.read()) == records
    assert list(journal.records()) == records
    assert journal.recovered is None


@pytest.mark.parametrize(("after", "limit"), [(0, 5), (7, None), (7, 5), (18, 5), (20, 5), (99, 1)])
def test_a_part_is_read_by_its_numbers(storage: Storage, after: int, limit: int | None) -> None:
    records = messages(20)
    journal = begun(storage, records)
    part = records[after:][:limit]
    assert list(journal.read(after, limit)) == part
    assert list(journal.records(after, limit)) == part
    assert list(storage.records(SESSION, after, limit)) == part


def test_reading_nothing_gives_nothing(storage: Storage) -> None:
    journal = begun(storage, messages(3))
    assert list(journal.read(0, 0)) == []
    assert list(storage.records(SESSION, 0, 0)) == []


def test_more_than_one_helping_is_read_without_a_gap(storage: Storage) -> None:
    records = messages(2500, size=10)
    journal = begun(storage, records)
    assert list(journal.records()) == records
    assert list(storage.records(SESSION)) == records
    assert list(storage.records(SESSION, 400, 2000)) == records[400:2400]
    assert list(journal.records(400, 2000)) == records[400:2400]


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_record_that_does_not_follow_is_refused_and_nothing_changes(
    storage: Storage, seq: int
) -> None:
    journal = begun(storage, messages(3))
    with pytest.raises(StorageFailed, match=f"record {seq} can't follow record 3"):
        journal.append(Record(SESSION, seq, time(seq), message("out of order")))
    assert list(journal.read()) == messages(3)
    keep(journal, history([message("next")], after=3))


def test_a_closed_history_goes_on_where_it_stopped(storage: Storage) -> None:
    records = messages(10)
    kept(storage, records[:6])
    journal = storage.open(SESSION)
    assert list(journal.read()) == records[:6]
    keep(journal, records[6:])
    assert list(journal.read()) == records


def test_a_session_that_was_never_stored_is_not_found(storage: Storage) -> None:
    for ask in (storage.open, storage.find, storage.delete, lambda id_: list(storage.records(id_))):
        with pytest.raises(SessionNotFound):
            ask(SESSION)


@pytest.mark.parametrize("session_id", ["", "..", "../a", "a/b", "a\0b", "a" * 300, ".hidden"])
def test_what_can_not_be_an_id_is_not_found(storage: Storage, session_id: str) -> None:
    for ask in (storage.open, storage.find, storage.delete, lambda id_: list(storage.records(id_))):
        with pytest.raises(SessionNotFound):
            ask(session_id)


def test_a_history_without_a_record_is_not_there(storage: Storage) -> None:
    storage.create(SESSION).close()
    for ask in (storage.open, storage.find):
        with pytest.raises(SessionNotFound):
            ask(SESSION)
    assert storage.saved() == []


def test_a_history_that_does_not_say_what_its_session_is_is_not_listed(storage: Storage) -> None:
    kept(storage, history([message("a")]))
    assert storage.saved() == []
    with pytest.raises(SessionNotFound):
        storage.find(SESSION)
    assert len(storage.open(SESSION).read()) == 1


def test_a_held_session_can_not_be_opened_or_deleted(storage: Storage) -> None:
    begun(storage, messages(3))
    for ask in (storage.open, storage.delete):
        with pytest.raises(SessionInUse) as refused:
            ask(SESSION)
        assert refused.value.pid == os.getpid()
    assert list(storage.records(SESSION)) == messages(3)


def test_a_session_can_not_be_created_twice(storage: Storage) -> None:
    kept(storage, messages(3))
    with pytest.raises(StorageFailed):
        storage.create(SESSION)
    assert list(storage.records(SESSION)) == messages(3)
    storage.open(SESSION)
    with pytest.raises(StorageFailed):
        storage.create(SESSION)


def test_a_closed_journal_refuses(storage: Storage) -> None:
    journal = begun(storage, messages(3))
    journal.close()
    journal.close()
    with pytest.raises(StorageFailed):
        keep(journal, history([message("late")], after=3))
    assert list(storage.records(SESSION)) == messages(3)


def test_the_end_of_a_storage_closes_its_journals(storage: Storage) -> None:
    journal = begun(storage, messages(3))
    storage.close()
    with pytest.raises(StorageFailed):
        keep(journal, history([message("late")], after=3))


def test_a_deleted_session_is_gone(storage: Storage) -> None:
    kept(storage, messages(3))
    kept(storage, messages(4, session_id=OTHER), OTHER)
    storage.delete(SESSION)
    assert [saved.id for saved in storage.saved()] == [OTHER]
    with pytest.raises(SessionNotFound):
        storage.open(SESSION)
    with pytest.raises(SessionNotFound):
        storage.delete(SESSION)


def test_what_is_said_of_a_stored_session(storage: Storage) -> None:
    journal = begun(storage, history([opened(), message("a"), message("b"), renamed("new name")]))
    expected = SavedSession(
        id=SESSION,
        name="new name",
        project_path=info().project_path,
        created_at=info().created_at,
        updated_at=time(4),
        message_count=2,
        last_seq=4,
        is_open=True,
        closed_at=None,
    )
    assert storage.find(SESSION) == expected
    assert storage.saved() == [expected]
    keep(journal, history([closed()], after=4))
    journal.close()
    saved = storage.find(SESSION)
    assert (saved.is_open, saved.closed_at, saved.last_seq) == (False, time(5), 5)


def test_a_session_that_was_not_closed_well_has_no_end(storage: Storage) -> None:
    kept(storage, messages(2))
    assert storage.find(SESSION).closed_at is None
    assert not storage.find(SESSION).is_open


def test_a_session_that_is_open_again_has_no_end(storage: Storage) -> None:
    kept(storage, history([opened(), closed()]))
    keep(storage.open(SESSION), history([opened()], after=2))
    assert storage.find(SESSION).closed_at is None
    assert storage.find(SESSION).is_open


def test_the_session_that_changed_last_comes_first(storage: Storage) -> None:
    journal = begun(storage, messages(2))
    kept(storage, messages(5, session_id=OTHER), OTHER)
    assert [saved.id for saved in storage.saved()] == [OTHER, SESSION]
    keep(journal, messages(7)[2:])
    assert [saved.id for saved in storage.saved()] == [SESSION, OTHER]


def test_messages_are_counted_through_clearing_and_streams(storage: Storage) -> None:
    streamed = Message(id="s", role="assistant", content="text", timestamp=time(1))
    updates = [
        (opened(), 0),
        (message("a"), 1),
        (StreamStarted("s"), 1),
        (StreamChunk("s", "text"), 1),
        (MessagesCleared(), 0),
        (StreamEnded(streamed), 1),
        (message("b"), 2),
        (MessagesCleared(), 0),
        (message("c"), 1),
    ]
    journal = storage.create(SESSION)
    for seq, (update, count) in enumerate(updates, 1):
        journal.append(Record(SESSION, seq, time(seq), update))
        assert storage.find(SESSION).message_count == count
    journal.close()
    keep(storage.open(SESSION), history([message("d")], after=9))
    assert storage.find(SESSION).message_count == 2


def test_a_long_record_is_kept_whole(storage: Storage) -> None:
    result = {"content": "€" * 1_000_000, "depth": [[[{"a": None}]]]}
    call = ToolCall(
        id="t", name="read", arguments={}, result=result, status="completed", timestamp=time(1)
    )
    records = history([opened(), ToolCallAdded(call), message("after")])
    kept(storage, records)
    assert list(storage.open(SESSION).read()) == records


@given(records=any_history, cuts=st.sets(st.integers(1, 40), max_size=4), on_disk=st.booleans())
def test_any_history_is_kept_as_it_was_however_often_it_is_closed(
    records: list[Record], cuts: set[int], *, on_disk: bool
) -> None:
    with TemporaryDirectory() as folder, ExitStack() as ending:
        storage: Storage = SqliteStorage(Path(folder)) if on_disk else MemoryStorage()
        ending.callback(storage.close)
        journal = storage.create(SESSION)
        for record in records:
            journal.append(record)
            if record.seq in cuts:
                journal.close()
                journal = storage.open(SESSION)
        assert list(journal.records()) == records
        assert list(storage.records(SESSION)) == records
        saved = storage.find(SESSION)
        content = Content(records)
        assert saved.message_count == len(content.messages)
        assert saved.last_seq == content.seq
        assert content.session is not None
        assert (saved.id, saved.name) == (content.session.id, content.session.name)
        assert (saved.closed_at is not None) == isinstance(records[-1].update, SessionClosed)
