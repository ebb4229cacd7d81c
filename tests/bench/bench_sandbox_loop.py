"""How long the sandbox holds the server's event loop: the longest of all callbacks.

python tests/bench/bench_sandbox_loop.py
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[2]))

from jido_server.errors import LuaFailure
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.bench.memory_host import MemoryHost
from tests.bench.table import Row, show

TRIES = 5
HEAVY = {
    "a result of 4 MiB of text": "return ('ä€😀x'):rep((4 << 20) // 10)",
    "a result of 4 MiB of bytes": "return ('\\xff'):rep(4 << 20)",
    "a result of 50,000 values": "local t = {} for i = 1, 49000 do t[i] = i end return t",
    "a result of many tables": "local t = {} for i = 1, 9000 do t[i] = {a = {i}} end return t",
    "1 MiB of output": "for _ = 1, 40000 do print(('x'):rep(30)) end",
    "16 MiB read": "return #jido.read_file('x')",
    "16 MiB written": "return jido.write_file('x', ('x'):rep((16 << 20) - 100))",
    "10,000 names": "return #jido.glob('x'), #jido.list_dir('x')",
    "a thousand calls": "for _ = 1, 1000 do jido.is_file('x') end",
    "a time limit": "while true do end",
    "a lack of memory": "return ('x'):rep(1 << 30)",
}
FAILING = ("a time limit", "a lack of memory")


def main() -> None:
    show(asyncio.run(event_loop()))


async def event_loop() -> Sequence[Row]:
    """The longest that one callback holds the loop, while all sorts of things are run."""
    made = []
    sandbox = Sandbox()
    session = sandbox.session(MemoryHost())
    for what, script in HEAVY.items():
        assert await tried(session, script) == (what not in FAILING), what
        made.append(await held(what, partial(tried, session, script)))
    made.append(await held("20 sessions that start", partial(started, sandbox, 20)))
    await sandbox.close()
    made.append(await held("a zygote that starts and ends", cold_start))
    return made


async def cold_start() -> None:
    cold = Sandbox()
    await started(cold, 1)
    await cold.close()


async def started(sandbox: Sandbox, count: int) -> None:
    await asyncio.gather(*(tried(sandbox.session(MemoryHost()), "") for _ in range(count)))


async def tried(session: LuaSession, script: str) -> bool:
    """Run a script; return whether it succeeded."""
    with suppress(LuaFailure):
        await session.run(script, timeout_ms=2000)
        return True
    return False


async def held(what: str, work: Callable[[], Awaitable[object]]) -> Row:
    """Measure the longest callback: the median of some tries."""
    longest = []
    for _ in range(TRIES):
        with timed_callbacks() as callbacks:
            await work()
        longest.append(max(callbacks) * 1000)
    return Row.plain(f"loop held by {what}", statistics.median(longest), "ms", at_most=10)


@contextmanager
def timed_callbacks() -> Iterator[list[float]]:
    """Time every callback of the loop."""
    run, times = asyncio.Handle._run, [0.0]  # noqa: SLF001

    def timed(handle: asyncio.Handle) -> None:
        begin = time.perf_counter()
        run(handle)
        times.append(time.perf_counter() - begin)

    with patch.object(asyncio.Handle, "_run", timed):
        yield times


if __name__ == "__main__":
    main()
