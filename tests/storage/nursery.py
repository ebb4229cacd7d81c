"""A process that starts writers in no time, so that a test can afford to kill many.

For every line on its standard input, a state folder and a session, it forks a writer, which opens
the session or creates it and appends as fast as it can. On the standard output come the writer's
process id, then the number of each record after ``append`` returned, and ``end`` when it has died.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

from jido_server.errors import SessionNotFound
from jido_server.storage import flusher, write_ahead_log
from jido_server.storage.sqlite import SqliteStorage
from tests.storage.histories import nth


def main() -> None:
    flusher.EVERY = 0.002  # so that many kills fall into a flush, or the log's new beginning
    write_ahead_log.CHECKPOINT_AT = 64 << 10
    write_ahead_log.HOLD_AT = 256 << 10
    for line in sys.stdin:
        folder, session_id = line.split()
        writer = os.fork()
        if not writer:
            write(Path(folder), session_id)
        say(writer)
        os.waitpid(writer, 0)
        say("end")


def write(folder: Path, session_id: str) -> None:
    storage = SqliteStorage(folder)
    try:
        journal = storage.open(session_id)
    except SessionNotFound:
        journal = storage.create(session_id)
    say("holds")
    last = max((record.seq for record in journal.records()), default=0)
    for seq in count(last + 1):
        journal.append(nth(seq, session_id))
        say(seq)


def say(what: object) -> None:
    os.write(1, f"{what}\n".encode())


if __name__ == "__main__":
    main()
