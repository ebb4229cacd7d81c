"""The sandbox against a bare fork + exit + wait, measured by turns in the same run.

python tests/bench/bench_sandbox.py
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from jido_server.errors import LuaError, LuaTimeout
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.bench.driver import ROOT, Driven, jido
from tests.bench.memory_host import MemoryHost
from tests.bench.table import ROUNDS, Row, ratio, show

SCRIPTS = 100
SHORT_ROUNDS, IN_A_ROUND = 51, 21

SESSIONS = 100
MANY = 5000
LIMIT_MS = 100
RUN = "jido/manager/runLua"

FLOOR = """
import os, sys, time
def once():
    begin = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return time.perf_counter() - begin
for line in sys.stdin:
    print(sorted(once() for _ in range(int(line)))[int(line) // 2], flush=True)
"""


class Floor:
    """A process that does nothing but fork, with nothing in it but Python."""

    def __init__(self) -> None:
        bare = [sys.executable, "-I", "-S", "-c", FLOOR]
        self._process = subprocess.Popen(bare, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def seconds(self) -> float:
        """Return the median of fork, exit and wait."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"%d\n" % IN_A_ROUND)
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def main() -> None:
    show(rows())


def rows() -> Iterator[Row]:
    yield from end_to_end()
    for measure in (sessions, idle, at_once, kills, growth):
        yield from asyncio.run(measure())


def end_to_end() -> Iterator[Row]:
    """A script over stdio, from the client's write to the parsed answer."""
    with closing(Floor()) as floor, closing(jido()) as server:
        server.initialize()
        opened = server.call("jido/session/open", {"projectPath": str(ROOT)})
        params = {"sessionId": opened["session"]["id"], "script": "return 1"}
        server.call(RUN, params)
        ours, beside = [], []
        for _ in range(SHORT_ROUNDS):  # short ones, as the machine's speed changes
            beside.append(floor.seconds())
            ours.append(statistics.median(once(server, params) for _ in range(IN_A_ROUND)))
    yield Row.times(
        "`return 1` over stdio",
        ratio(ours, beside),
        ours=ms(ours),
        beside=f"{ms(beside)} fork + exit + wait",
        at_most=3,
    )


def once(server: Driven, params: dict[str, str]) -> float:
    begin = time.perf_counter()
    server.call(RUN, params)
    return time.perf_counter() - begin


@asynccontextmanager
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose zygote is warm."""
    sandbox = Sandbox()
    await sandbox.session(MemoryHost()).run("return 1")
    yield sandbox
    await sandbox.close()


async def seconds(run: Awaitable[object]) -> float:
    begin = time.perf_counter()
    await run
    return time.perf_counter() - begin


async def sessions() -> Sequence[Row]:
    """The first script of a session, beside later ones."""
    cold, first, later = [], [], []
    for _ in range(ROUNDS):
        fresh = Sandbox()
        cold.append(await seconds(fresh.session(MemoryHost()).run("return 1")))
        await fresh.close()
    async with sandbox() as warm:
        for _ in range(SCRIPTS):
            session = warm.session(MemoryHost())
            first.append(await seconds(session.run("return 1")))
            later.append(await seconds(session.run("return 1")))
            await session.close()
    more = (statistics.median(first) - statistics.median(later)) * 1000
    return (
        Row.plain(
            "first script of all, which starts the zygote", statistics.median(cold) * 1000, "ms"
        ),
        Row.plain("`return 1`, no wire", statistics.median(later) * 1000, "ms"),
        Row.plain("first script of a session: more than a later one", more, "ms", at_most=10),
    )


async def idle() -> Sequence[Row]:
    """The memory of sessions that wait."""
    async with sandbox() as warm:
        zygote = family()[0]
        waiting = [warm.session(MemoryHost()) for _ in range(20)]
        for session in waiting:
            await session.run("return 1")
            await session.run("x = 1")
        await asyncio.sleep(0.2)
        of_all = sum(pss(process) for process in zygote.children(recursive=True))
        each = of_all / (len(waiting) + 1)
    return (Row.plain("an idle session (PSS)", each / 1e6, "MB", at_most=2),)


async def at_once() -> Sequence[Row]:
    """Sessions that start, run and answer at the same time, each right."""
    async with sandbox() as warm:
        many = [warm.session(MemoryHost()) for _ in range(SESSIONS)]
        begin = time.perf_counter()
        results = await asyncio.gather(
            *(session.run(f"n = {n} return n") for n, session in enumerate(many))
        )
        assert [result.values for result in results] == [[n] for n in range(SESSIONS)]
        again = time.perf_counter()
        results = await asyncio.gather(*(session.run("return n") for session in many))
        assert [result.values for result in results] == [[n] for n in range(SESSIONS)]
        end = time.perf_counter()
        memory = sum(pss(process) for process in family())
    return (
        Row.plain(f"{SESSIONS} first scripts at once", (again - begin) * 1000, "ms"),
        Row.plain(f"{SESSIONS} more at once", SESSIONS / (end - again), "scripts/s"),
        Row.plain(f"{SESSIONS} sessions and the zygote (PSS)", memory / 1e6, "MB", at_most=200),
    )


async def kills() -> Sequence[Row]:
    """How late an endless script ends, of two kinds, and how soon a cancelled one."""
    late, cancelled = [], []
    endless = ("while true do end", "return ('').rep('', math.maxinteger // 2)")
    async with sandbox() as warm:
        session = warm.session(MemoryHost())
        for script in endless * (ROUNDS * 2):
            begin = time.perf_counter()
            with suppress(LuaTimeout):
                await session.run(script, timeout_ms=LIMIT_MS)
            late.append((time.perf_counter() - begin) * 1000 - LIMIT_MS)
            running = asyncio.create_task(session.run(script))
            await asyncio.sleep(0.02)
            begin = time.perf_counter()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            cancelled.append((time.perf_counter() - begin) * 1000)
    return (
        Row.plain("past the time limit, median", statistics.median(late), "ms", at_most=50),
        Row.plain("past the time limit, worst", max(late), "ms", at_most=1000),
        Row.plain("from cancel to end, median", statistics.median(cancelled), "ms", at_most=1000),
    )


async def growth() -> Sequence[Row]:
    """Five thousand scripts in one session, one in ten of them failing."""
    async with sandbox() as warm:
        session = warm.session(MemoryHost())
        await scripts(session, MANY // 10)
        before, descriptors = await grown(), psutil.Process().num_fds()
        begin = await scripts(session, 500)
        await scripts(session, MANY - MANY // 10 - 1000)
        end = await scripts(session, 500)
        after = await grown()
        assert psutil.Process().num_fds() == descriptors
    return (
        Row.plain(
            "memory after 5,000 scripts: more than after 500",
            (after - before) / 1e6,
            "MB",
            at_most=1,
        ),
        Row.times(
            "the last 500 of them beside the first",
            end / begin,
            ours=ms([end]),
            beside=ms([begin]),
            at_most=1.5,
        ),
    )


async def scripts(session: LuaSession, count: int) -> float:
    """Run scripts, one in ten of them failing; return the median of their seconds."""
    work = "n = (n or 0) + 1; local t = {} for i = 1, 50 do t[i] = i .. '' end return t"
    scripts = [work if number % 10 else "n = {} error('over')" for number in range(count)]
    return statistics.median([await seconds(tried(session, script)) for script in scripts])


async def tried(session: LuaSession, script: str) -> None:
    with suppress(LuaError):
        await session.run(script)


async def grown() -> int:
    """Return what the session's processes and we ourselves have, in bytes, once they rest.

    Not PSS: that changes with the other programs of the machine.
    """
    await asyncio.sleep(0.2)
    return sum(process.memory_info().rss for process in [psutil.Process(), *family()])


def family() -> list[psutil.Process]:
    """Return the zygote, and everything below it."""
    return list(psutil.Process().children(recursive=True))


def pss(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0


def ms(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.2f} ms"


if __name__ == "__main__":
    main()
