"""What a history amounts to, known without going through it again."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from jido_server.errors import StorageFailed
from jido_server.model import SavedSession, SessionInfo
from jido_server.updates import (
    MessageAppended,
    MessagesCleared,
    Record,
    SessionClosed,
    SessionOpened,
    SessionRenamed,
    SessionRestarted,
    StreamEnded,
    Update,
)


@attrs.frozen
class Summary:
    """What a history amounts to after one of its records.

    Attributes:
        seq: The number of that record.
        messages: How many messages the session holds.
        session: The number of the last record that says what the session is; 0 if none does.
    """

    seq: int
    messages: int
    session: int

    def after(self, record: Record) -> Summary:
        """Return what the history amounts to with ``record`` at its end.

        Raises:
            StorageFailed: It is not the next one; a gap would be for ever.
        """
        if record.seq != self.seq + 1:
            raise StorageFailed(f"record {record.seq} can't follow record {self.seq}")
        return Summary(
            record.seq,
            _messages_after(self.messages, record.update),
            self.session if session_of(record.update) is None else record.seq,
        )


NOTHING = Summary(seq=0, messages=0, session=0)


def session_of(update: Update) -> SessionInfo | None:
    """Return what an update says the session is, if it does."""
    match update:
        case SessionOpened(session) | SessionRenamed(session) | SessionRestarted(session):
            return session
        case _:
            return None


def describe(opening: Record, last: Record, messages: int, *, is_open: bool) -> SavedSession:
    """Return what is said of a stored session.

    Args:
        opening: The last record that says what the session is.
        last: The last record.
        messages: How many messages the session holds.
        is_open: Whether a server holds it.
    """
    session = session_of(opening.update)
    assert session is not None, "a summary names a record that says what the session is"
    return SavedSession(
        id=session.id,
        name=session.name,
        project_path=session.project_path,
        created_at=session.created_at,
        updated_at=last.timestamp,
        message_count=messages,
        last_seq=last.seq,
        is_open=is_open,
        closed_at=last.timestamp if isinstance(last.update, SessionClosed) else None,
    )


def newest_first(saved: Iterable[SavedSession]) -> list[SavedSession]:
    """Return them by when they last changed."""
    return sorted(saved, key=lambda session: (session.updated_at, session.id), reverse=True)


def _messages_after(messages: int, update: Update) -> int:
    match update:
        case MessageAppended() | StreamEnded():
            return messages + 1
        case MessagesCleared():
            return 0
        case _:
            return messages
