"""One session over the wire: appends, short and long, resuming, and settings that change on disk.

python tests/bench/bench_session.py
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.driver import Driven, jido
from tests.bench.table import ROUNDS, Row, by_turns, ratio, show

APPEND = "jido/state/appendMessage"
MESSAGE = {"role": "assistant", "content": "x" * 100}
LONG = 100_000
SHORT = 100
APPENDS = 400
FLIGHTS = 2000
SETTINGS_CHANGES = 9


def main() -> None:
    show(rows())


def rows() -> Iterator[Row]:
    """Yield what was measured."""
    with tempfile.TemporaryDirectory() as folder, closing(jido()) as server:
        server.initialize()
        project = Path(folder).resolve() / "project"
        project.mkdir()
        long = open_in(server, project)
        server.in_flight([append(long)] * LONG, 1000)
        yield growth(server, project, long)
        yield resume(server, long)
        for in_flight in (1, 10, 100):
            yield beside_sqlite(server, project, Path(folder, f"{in_flight}.sqlite3"), in_flight)
        yield settings_changed(server, project)


def growth(server: Driven, project: Path, long: str) -> Row:
    """Compare appends to a long and to short conversations, each short one new."""

    def at_long() -> float:
        return cost(server, long)

    def at_short() -> float:
        session = open_in(server, project)
        server.in_flight([append(session)] * SHORT, 100)
        taken = cost(server, session)
        server.call("jido/session/delete", {"sessionId": session})
        return taken

    costs = by_turns({"long": at_long, "short": at_short}, ROUNDS + 2)
    return Row.times(
        f"appendMessage at {LONG:,} messages against at {SHORT}",
        ratio(costs["long"], costs["short"]),
        ours=f"{statistics.median(costs['long']):.0f} µs of CPU",
        beside=f"{statistics.median(costs['short']):.0f} µs of CPU",
        at_most=1.2,
    )


def cost(server: Driven, session: str) -> float:
    """Return the microseconds of CPU for one append to a server that has nothing else to do."""
    server.settle()
    method, params = append(session)
    return server.sequential(method, params, APPENDS).cpu / APPENDS * 1e6


def resume(server: Driven, session: str) -> Row:
    """Close and resume a long conversation, of which the client wants the newest messages."""
    given = {"sessionId": session, "messageLimit": 50}
    before = server.call("jido/state/get", given)["state"]
    taken = []
    for _ in range(ROUNDS):
        server.call("jido/session/close", {"sessionId": session})
        begin = time.perf_counter()
        resumed = server.call("jido/session/resume", given)
        taken.append((time.perf_counter() - begin) * 1000)
        assert resumed["state"]["messages"] == before["messages"]
        assert resumed["state"]["messageTotal"] == before["messageTotal"]
    what = f"resume of {before['messageTotal']:,} updates, over the wire"
    return Row.plain(what, statistics.median(taken), "ms")


def beside_sqlite(server: Driven, project: Path, path: Path, in_flight: int) -> Row:
    """Compare appends that are acknowledged over the wire with the bare commits alone."""
    session = open_in(server, project)

    def ours() -> float:
        cost = server.in_flight([append(session)] * FLIGHTS, in_flight)
        return FLIGHTS / cost.wall

    with closing(Commits(path)) as commits:
        rates = by_turns({"ours": ours, "bare": commits.rate})
    total = server.call("jido/state/get", {"sessionId": session, "messageLimit": 0})["state"]
    assert total["messageTotal"] == ROUNDS * FLIGHTS
    return Row.times(
        f"acknowledged appends, {in_flight} in flight, beside bare sqlite3 without a wire",
        ratio(rates["ours"], rates["bare"]),
        ours=f"{statistics.median(rates['ours']):,.0f}/s",
        beside=f"{statistics.median(rates['bare']):,.0f}/s",
    )


class Commits:
    """The same rows in the same commits by ``sqlite3`` as it comes, with WAL and NORMAL."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(
            "CREATE TABLE updates (seq INTEGER PRIMARY KEY, timestamp, kind, payload)"
        )
        ids = {
            "id": "3f0e4a5c-0000-4000-8000-000000000001",
            "timestamp": "2026-01-01T00:00:00.000Z",
        }
        self._row = (ids["timestamp"], "messageAppended", orjson.dumps({"message": MESSAGE | ids}))

    def rate(self) -> float:
        """Return the commits a second."""
        begin = time.perf_counter()
        for _ in range(FLIGHTS):
            self._connection.execute(
                "INSERT INTO updates (timestamp, kind, payload) VALUES (?, ?, ?)", self._row
            )
        return FLIGHTS / (time.perf_counter() - begin)

    def close(self) -> None:
        self._connection.close()


def settings_changed(server: Driven, project: Path) -> Row:
    """Change the settings on the disk, and wait until the server tells it."""
    session = open_in(server, project)
    path = project / "jido_code" / "settings.json"
    path.parent.mkdir()
    taken = []
    for number in range(SETTINGS_CHANGES):
        draft = path.with_suffix(".draft")
        draft.write_bytes(orjson.dumps({"maxSteps": number + 1}))
        begin = time.perf_counter()
        draft.replace(path)
        told = next_change(server, session)
        taken.append((time.perf_counter() - begin) * 1000)
        assert told == {"maxSteps": number + 1}
    return Row.plain(
        "settings changed on the disk until it is told",
        statistics.median(taken),
        "ms",
        at_most=1000,
    )


def next_change(server: Driven, session: str) -> Any:
    """Return the settings that are told next."""
    while True:
        params = server.read().get("params", {})
        if params.get("sessionId") == session and params["update"]["kind"] == "settingsChanged":
            return params["update"]["settings"]


def append(session: str) -> tuple[str, Any]:
    return APPEND, {"sessionId": session, "message": MESSAGE}


def open_in(server: Driven, folder: Path) -> str:
    opened = server.call("jido/session/open", {"projectPath": str(folder)})
    session: str = opened["session"]["id"]
    return session


if __name__ == "__main__":
    main()
