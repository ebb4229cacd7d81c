"""Storage beside bare sqlite3 doing the same commits, in the same run and by turns.

python tests/bench/bench_storage.py
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from jido_server.model import Message, SessionInfo
from jido_server.session.content import Content
from jido_server.storage.journal import Journal
from jido_server.storage.rows import encode
from jido_server.storage.sqlite import SqliteStorage
from jido_server.storage.summary import NOTHING
from jido_server.updates import MessageAppended, Record, SessionOpened, StreamChunk, Update
from tests.storage.killing import Nursery, kill_in_a_row

NOW = "2026-01-01T00:00:00.000Z"
ID = "3f0e4a5c-0000-4000-8000-000000000001"
OPENED = SessionOpened(
    SessionInfo(id=ID, name="bench", project_path="/bench", created_at=NOW, updated_at=NOW)
)
MESSAGE = MessageAppended(Message(id=ID, role="assistant", content="x" * 100, timestamp=NOW))
CHUNK = StreamChunk(ID, "x" * 4096)
CHUNK_IN = 30
"""Bytes of the chunks that come in; the server joins them to 4 KiB before it stores them."""

ROUNDS = 9
APPENDS = 4000
LONG = 1_000_000
RESUMED = 100_000
SESSIONS = 500
KILLS = 200


class Appender:
    """Appends one and the same update, again and again."""

    def __init__(self, journal: Journal, update: Update = MESSAGE) -> None:
        self._journal = journal
        self._update = update
        self._numbers = count(2)
        journal.append(Record(ID, 1, NOW, OPENED))

    def __call__(self) -> None:
        self._journal.append(Record(ID, next(self._numbers), NOW, self._update))


class Bare:
    """Commits the same row, prepared once, with ``sqlite3`` as it comes; WAL and NORMAL."""

    def __init__(self, path: Path, update: Update = MESSAGE) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(
            "CREATE TABLE updates (seq INTEGER PRIMARY KEY, timestamp, kind, payload)"
        )
        record = Record(ID, 1, NOW, update)
        self._row = encode(record, NOTHING.after(record))[1:4]

    def __call__(self) -> None:
        self._connection.execute(
            "INSERT INTO updates (timestamp, kind, payload) VALUES (?, ?, ?)", self._row
        )

    def close(self) -> None:
        self._connection.close()


def main() -> None:
    with folder() as path:
        compare_appends(path)
    with folder() as path:
        chunks(path)
    with folder() as path:
        growth(path)
    with folder() as path:
        resume(path)
    with folder() as path:
        listing(path)
    with folder() as path, Nursery(path) as nursery:
        toll = kill_in_a_row(nursery, KILLS)
        say(
            f"{KILLS} kills in a row",
            f"{toll.acknowledged} acknowledged, {toll.lost} lost, {toll.different} different, "
            f"{toll.recovered} hurt",
        )


def compare_appends(path: Path) -> None:
    """Appends a second with some in flight, by turns with the bare commits."""
    for in_flight in (1, 10, 100):
        with ExitStack() as stack:
            storage = stack.enter_context(closing(SqliteStorage(path / str(in_flight))))
            ours = Appender(storage.create(ID))
            bare = stack.enter_context(closing(Bare(path / f"bare{in_flight}")))
            rates: dict[str, list[float]] = {"ours": [], "bare": []}
            holds: dict[str, list[float]] = {"ours": [], "bare": []}
            for _ in range(ROUNDS):
                for name, append in (("ours", ours), ("bare", bare)):
                    taken = asyncio.run(flights(append, in_flight))
                    rates[name].append(APPENDS / sum(taken))
                    holds[name].append(max(taken) * 1000)
        ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates["bare"], strict=True))
        ours_rate, bare_rate = (f"{statistics.median(rates[name]):,.0f}" for name in rates)
        ours_hold, bare_hold = (
            f"{max(taken):.2f} ms at most, {statistics.median(taken):.2f} in the median round"
            for taken in holds.values()
        )
        say(
            f"appends a second, {in_flight} in flight",
            f"{ours_rate}, bare {bare_rate}, ratio {ratio:.2f}",
        )
        say(f"longest hold of the loop, {in_flight} in flight", f"{ours_hold}; bare {bare_hold}")


async def flights(append: Callable[[], None], in_flight: int) -> list[float]:
    """Append with so many requests waiting for each other; return the seconds that each took."""
    taken: list[float] = []

    async def requests() -> None:
        for _ in range(APPENDS // in_flight):
            await asyncio.sleep(0)
            start = time.perf_counter()
            append()
            taken.append(time.perf_counter() - start)

    await asyncio.gather(*(requests() for _ in range(in_flight)))
    return taken


def chunks(path: Path) -> None:
    """Chunks a second that can come in, if every 4 KiB of them are stored at once."""
    with closing(SqliteStorage(path)) as storage, closing(Bare(path / "bare", CHUNK)) as bare:
        ours = Appender(storage.create(ID), CHUNK)
        times = by_turns(ours, bare, 2000)
    a_second = [4096 / CHUNK_IN / seconds for seconds in times[0]]
    ratio = statistics.median(b / a for a, b in zip(*times, strict=True))
    say("chunks of 30 bytes a second", f"{statistics.median(a_second):,.0f}, ratio {ratio:.2f}")


def growth(path: Path) -> None:
    """What an append costs in a short and in a long history, by turns; and bytes on the disk."""
    with closing(SqliteStorage(path)) as storage:
        journal = storage.create("long")
        long = Appender(journal)
        for _ in range(LONG):
            long()
        short = Appender(storage.create("short"))
        for _ in range(1000):
            short()
        times = by_turns(long, short, 1000)
        ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
        at_long, at_short = (f"{statistics.median(taken) * 1e6:.1f} µs" for taken in times)
        say(
            f"an append at {LONG:,}, and at 1,000 to 20,000",
            f"{at_long}, {at_short}, ratio {ratio:.2f}",
        )
        journal.close()
        size = (path / "sessions" / "long.sqlite3").stat().st_size
        plain = sum(len(part) for part in (NOW, MESSAGE.message.content, ID, ID))
        say("bytes on the disk an update", f"{size / LONG:.0f}, of them {plain} are text of it")


def resume(path: Path) -> None:
    """Opening a long history: all of it is checked, then replayed."""
    with closing(SqliteStorage(path)) as storage:
        append = Appender(journal := storage.create(ID))
        for _ in range(RESUMED - 1):
            append()
        journal.close()
        opened, replayed = [], []
        for _ in range(5):
            start = time.perf_counter()
            journal = storage.open(ID)
            middle = time.perf_counter()
            content = Content(journal.records())
            end = time.perf_counter()
            assert content.seq == RESUMED
            opened.append((middle - start) * 1000)
            replayed.append((end - middle) * 1000)
            journal.close()
    say(
        f"resume of {RESUMED:,} updates",
        f"{statistics.median(map(sum, zip(opened, replayed, strict=True))):.0f} ms: "
        f"open and check {statistics.median(opened):.0f}, replay {statistics.median(replayed):.0f}",
    )


def listing(path: Path) -> None:
    """All that is said of many sessions."""
    with closing(SqliteStorage(path)) as storage:
        for number in range(SESSIONS):
            journal = storage.create(f"session-{number}")
            append = Appender(journal)
            for _ in range(20):
                append()
            journal.close()
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert len(storage.saved()) == SESSIONS
            times.append((time.perf_counter() - start) * 1000)
    say(f"list of {SESSIONS} sessions", f"{statistics.median(times):.0f} ms")


def by_turns(
    first: Callable[[], None], second: Callable[[], None], times: int
) -> tuple[list[float], list[float]]:
    """Return the seconds of one call of each, round by round."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS * 2):
        for call, into in ((first, taken[0]), (second, taken[1])):
            start = time.perf_counter()
            for _ in range(times):
                call()
            into.append((time.perf_counter() - start) / times)
    return taken


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


def say(what: str, figures: str) -> None:
    sys.stdout.write(f"{what:<55} {figures}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
