"""Memory of the server process, and of its children beside it.

python tests/bench/bench_memory.py
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import attrs
import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.driver import Driven, jido
from tests.bench.table import Row, show

IDLE_MB = 60
FULL_MB = 160
SESSIONS = 50
MESSAGES = 1000
CONTENT = "x" * 1024


@attrs.frozen
class Memory:
    """What processes hold, in megabytes of 10^6 bytes.

    Attributes:
        rss: Pages that are in memory; those that are shared count in full.
        pss: The same, with shared pages divided among those who share them.
    """

    rss: float
    pss: float

    @classmethod
    def of(cls, *pids: int) -> Memory:
        kib = {"Rss": 0, "Pss": 0}
        for pid in pids:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
                name, _, rest = line.partition(":")
                if name in kib:
                    kib[name] += int(rest.split()[0])
        return cls(*(value * 1024 / 1e6 for value in kib.values()))

    def __str__(self) -> str:
        return f"{self.rss:.1f} MB RSS, {self.pss:.1f} PSS"


def main() -> None:
    show(rows())


def rows() -> Iterator[Row]:
    """Yield what was measured."""
    with started(1) as (server, sessions):
        yield row("server, idle with one session", Memory.of(server.process.pid), IDLE_MB)
        server.call("jido/manager/runLua", {"sessionId": sessions[0], "script": "return 1"})
        server.settle()
        children = psutil.Process(server.process.pid).children(recursive=True)
        yield row("the same after its first script", Memory.of(server.process.pid), IDLE_MB)
        yield row(f"its {len(children)} children", Memory.of(*(child.pid for child in children)))
    with started(SESSIONS) as (server, sessions):
        for session in sessions:
            fill(server, session)
        what = f"server, {SESSIONS} sessions of {MESSAGES:,} messages of 1 KB"
        yield row(what, Memory.of(server.process.pid), FULL_MB)


def row(what: str, memory: Memory, limit: int | None = None) -> Row:
    """Say what is held; the limit is for all pages that are in memory."""
    return Row(
        what=f"memory: {what}",
        ours=str(memory),
        target="" if limit is None else f"≤ {limit} MB",
        reached=None if limit is None else memory.rss <= limit,
    )


def fill(server: Driven, session: str) -> None:
    message = {"role": "user", "content": CONTENT}
    call = ("jido/state/appendMessage", {"sessionId": session, "message": message})
    server.in_flight([call] * MESSAGES, 100)
    total = server.call("jido/state/get", {"sessionId": session, "messageLimit": 1})
    assert total["state"]["messageTotal"] == MESSAGES


@contextmanager
def started(count: int) -> Iterator[tuple[Driven, list[str]]]:
    """Give a server with so many open sessions, and their ids."""
    with tempfile.TemporaryDirectory() as folder, closing(jido()) as server:
        server.initialize()
        sessions = []
        for number in range(count):
            path = Path(folder, str(number))
            path.mkdir()
            opened = server.call("jido/session/open", {"projectPath": str(path)})
            sessions.append(opened["session"]["id"])
        server.settle()
        yield server, sessions


if __name__ == "__main__":
    main()
