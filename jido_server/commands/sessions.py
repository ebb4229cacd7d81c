"""``jido-server sessions``: what is stored, for a person at a terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from jido_server.errors import JidoError, SessionNotFound
from jido_server.model import SavedSession
from jido_server.session.export import to_json, to_markdown
from jido_server.storage.folder import state_folder
from jido_server.storage.journal import Storage
from jido_server.storage.sqlite import SqliteStorage

SHOWN_UPDATES = 20
SHORT_ID = 8


def sessions(action: str, session_id: str | None, format_: str) -> int:
    """Do what was asked of what is stored, and return the exit code.

    Args:
        action: ``list``, ``show``, ``export`` or ``delete``.
        session_id: The id of a session, or its beginning; not needed to list.
        format_: ``markdown`` or ``json``, of an export.
    """
    storage = SqliteStorage(state_folder())
    console = Console()
    try:
        if action == "list":
            _list(storage, console)
        else:
            session = _find(session_id or "", storage)
            _do(action, session, storage, console, format_)
    except JidoError as error:
        Console(stderr=True).print(f"[bold red]✗[/] {error}", highlight=False)
        return 1
    finally:
        storage.close()
    return 0


def _do(
    action: str, session: SavedSession, storage: Storage, console: Console, format_: str
) -> None:
    match action:
        case "show":
            _show(session, storage, console)
        case "export":
            write = to_markdown if format_ == "markdown" else to_json
            sys.stdout.write(write(storage.records(session.id)))
        case _:
            storage.delete(session.id)
            said = f"{session.name} ({session.id}) is deleted."
            console.print(said, markup=False, highlight=False)


def _list(storage: Storage, console: Console) -> None:
    saved = storage.saved()
    if not saved:
        console.print("Nothing is stored.")
        return
    table = Table("Id", "Name", "Project", "Messages", "Updates", "Last change", "", box=None)
    for session in saved:
        table.add_row(
            session.id[:SHORT_ID],
            session.name,
            session.project_path,
            str(session.message_count),
            str(session.last_seq),
            session.updated_at,
            _standing(session),
        )
    console.print(table, markup=False)


def _show(session: SavedSession, storage: Storage, console: Console) -> None:
    table = Table(box=None, show_header=False)
    table.add_row("Id", session.id)
    table.add_row("Name", session.name)
    table.add_row("Project", session.project_path)
    table.add_row("Created", session.created_at)
    table.add_row("Last change", session.updated_at)
    table.add_row("Messages", str(session.message_count))
    table.add_row("Standing", _standing(session))
    console.print(table)
    last = Table("Update", "Time", "What", box=None)
    first = max(0, session.last_seq - SHOWN_UPDATES)
    for record in storage.records(session.id, first):
        last.add_row(str(record.seq), record.timestamp, record.update.kind)
    console.print(last)


def _find(start: str, storage: Storage) -> SavedSession:
    """Return the one session whose id begins so."""
    found = [session for session in storage.saved() if session.id.startswith(start)]
    if len(found) != 1:
        raise SessionNotFound(start)
    return found[0]


def _standing(session: SavedSession) -> str:
    if session.is_open:
        return "open"
    return "closed" if session.closed_at else "left open"
