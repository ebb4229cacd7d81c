from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from jido_server.errors import JidoError, LuaError, LuaMemoryExceeded, LuaTimeout, RequestCancelled
from jido_server.sandbox.limits import MOST_TIMEOUT_MS, Limits
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost, WaitingHost

ENDLESS = "n = -1 jido.file_exists('started') while true do end"


@pytest.fixture
def host(tmp_path: Path) -> WaitingHost:
    return WaitingHost(tmp_path)


async def test_a_script_ends_at_its_time_limit(session: LuaSession) -> None:
    await session.run("n = 1")
    started = time.monotonic()
    with pytest.raises(LuaTimeout) as caught:
        await session.run(ENDLESS, timeout_ms=200)
    assert 0.2 <= time.monotonic() - started < 1.2
    assert caught.value.data == {"kind": "luaTimeout", "timeoutMs": 200}
    assert (await session.run("return n")).values == [1]


async def test_the_time_limit_is_a_setting(host: FolderHost) -> None:
    sandbox = Sandbox(Limits(timeout_ms=100))
    with pytest.raises(LuaTimeout, match="100 ms"):
        await sandbox.session(host).run("while true do end")
    await sandbox.close()


async def test_a_time_limit_beyond_the_most_is_the_most(session: LuaSession) -> None:
    assert (await session.run("return 1", timeout_ms=10 * MOST_TIMEOUT_MS)).values == [1]


async def test_a_time_limit_below_the_least_is_the_least(session: LuaSession) -> None:
    with pytest.raises(LuaTimeout, match="1 ms"):
        await session.run("while true do end", timeout_ms=-5)


async def test_a_script_that_waits_for_the_project_ends_at_its_time_limit(tmp_path: Path) -> None:
    class SlowHost(FolderHost):
        async def list_dir(self, path: str) -> list[tuple[str, str]]:
            await asyncio.Event().wait()
            return await super().list_dir(path)

    sandbox = Sandbox()
    with pytest.raises(LuaTimeout):
        await sandbox.session(SlowHost(tmp_path)).run("jido.list_dir()", timeout_ms=100)
    await sandbox.close()


async def test_a_cancelled_script_ends_at_once_and_never_happened(
    session: LuaSession, host: WaitingHost
) -> None:
    await session.run("n = 1")
    running = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    started = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - started < 1
    assert (await session.run("return n")).values == [1]


async def test_a_script_cancelled_twice_is_over_before_the_next_begins(
    session: LuaSession, host: WaitingHost
) -> None:
    running = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    next_ = asyncio.create_task(session.run("return n"))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await next_).values == [None]


async def test_whenever_a_script_is_cancelled_it_either_happened_or_did_not(
    session: LuaSession,
) -> None:
    await session.run("n = 0")
    happened = 0
    for ticks in range(60):
        running = asyncio.create_task(session.run("n = n + 1 print(n) return n"))
        for _ in range(ticks % 20):
            await asyncio.sleep(0)
        running.cancel()
        try:
            await running
            happened += 1
        except asyncio.CancelledError:
            pass
        assert (await session.run("return n")).values == [happened]


async def test_a_script_cancelled_in_the_queue_never_runs(
    session: LuaSession, host: WaitingHost
) -> None:
    first = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    second = asyncio.create_task(session.run("n = 2"))
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert (await session.run("return n")).values == [None]


async def test_a_script_cancelled_while_the_sandbox_starts_does_no_harm(
    session: LuaSession,
) -> None:
    starting = asyncio.create_task(session.run("n = 1"))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert (await session.run("return n")).values == [None]


async def test_scripts_of_one_session_run_in_the_order_given(session: LuaSession) -> None:
    scripts = [f"order = (order or '') .. '{n} ' return order" for n in range(10)]
    results = await asyncio.gather(*(session.run(script) for script in scripts))
    assert results[-1].values == ["0 1 2 3 4 5 6 7 8 9 "]


async def test_a_script_waits_for_its_turn_without_losing_time(session: LuaSession) -> None:
    slow = "local stop = os.clock() + 0.3 while os.clock() < stop do end return 1"
    results = await asyncio.gather(*(session.run(slow, timeout_ms=1000) for _ in range(4)))
    assert [result.values for result in results] == [[1]] * 4


async def test_an_endless_script_holds_up_no_other_session(
    sandbox: Sandbox, session: LuaSession, host: WaitingHost
) -> None:
    endless = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    other = sandbox.session(host)
    started = time.monotonic()
    for _ in range(20):
        await other.run("return 1")
    assert time.monotonic() - started < 5
    assert not endless.done()
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless


async def test_many_sessions_run_at_once(sandbox: Sandbox, host: FolderHost) -> None:
    sessions = [sandbox.session(host) for _ in range(30)]
    await asyncio.gather(*(each.run(f"n = {n}") for n, each in enumerate(sessions)))
    results = await asyncio.gather(*(each.run("return n") for each in sessions))
    assert [result.values for result in results] == [[n] for n in range(30)]


async def test_closing_a_session_ends_its_scripts(session: LuaSession, host: WaitingHost) -> None:
    running = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    waiting = asyncio.create_task(session.run("return 1"))
    await asyncio.sleep(0)
    started = time.monotonic()
    await session.close()
    assert time.monotonic() - started < 1
    for ended in (running, waiting):
        with pytest.raises(RequestCancelled):
            await ended
    with pytest.raises(RequestCancelled):
        await session.run("return 1")


async def test_a_session_may_be_closed_twice_or_unused(
    session: LuaSession, sandbox: Sandbox
) -> None:
    await session.close()
    await session.close()
    await sandbox.close()


async def test_closing_the_sandbox_ends_every_script(
    sandbox: Sandbox, session: LuaSession, host: WaitingHost
) -> None:
    running = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    await sandbox.close()
    with pytest.raises(RequestCancelled):
        await running


async def test_the_heap_is_a_setting(host: FolderHost) -> None:
    sandbox = Sandbox(Limits(heap_bytes=8 << 20))
    session = sandbox.session(host)
    assert (await session.run("x = ('x'):rep(3 << 20) return #x")).values == [3 << 20]
    with pytest.raises(LuaMemoryExceeded) as caught:
        await session.run("y = ('y'):rep(3 << 20)")
    assert caught.value.limit_bytes == 8 << 20
    assert (await session.run("x = nil return 1")).values == [1]
    await sandbox.close()


async def test_what_a_script_leaves_must_fit_into_the_heap(host: FolderHost) -> None:
    sandbox = Sandbox(Limits(heap_bytes=8 << 20))
    session = sandbox.session(host)
    fill = "hoard = {} for n = 1, %d do hoard[n] = ('x'):rep(1 << 20) .. n end"
    await session.run(fill % 7)
    with pytest.raises(LuaMemoryExceeded):
        await session.run(fill % 7 + " more = ('x'):rep(1 << 20) .. 1 more2 = ('x'):rep(1 << 19)")
    assert (await session.run("return #hoard, more")).values == [7, None]
    await sandbox.close()


async def test_garbage_does_not_count(host: FolderHost) -> None:
    sandbox = Sandbox(Limits(heap_bytes=8 << 20))
    session = sandbox.session(host)
    churn = "for n = 1, 100 do local s = ('x'):rep(1 << 20) .. n end return 1"
    assert (await session.run(churn)).values == [1]
    await sandbox.close()


async def test_a_long_script_runs(session: LuaSession) -> None:
    script = "local x = 0\n" + "x = x + 1\n" * 100_000 + "return x"
    assert (await session.run(script)).values == [100_000]


async def test_a_script_beyond_all_bounds_is_refused(session: LuaSession) -> None:
    with pytest.raises(LuaMemoryExceeded):
        await session.run(" " * (17 << 20))


async def test_a_script_of_any_text_is_taken(session: LuaSession) -> None:
    assert (await session.run("return '\ud800' == '\\xed\\xa0\\x80'")).values == [True]
    assert (await session.run("return #'a\0b'")).values == [3]


async def test_a_failure_of_one_session_leaves_others_alone(
    sandbox: Sandbox, session: LuaSession, host: FolderHost
) -> None:
    other = sandbox.session(host)
    await other.run("n = 1")
    for failing in ("error()", "return ('x'):rep(1 << 30)", "while true do end"):
        with pytest.raises(JidoError):
            await session.run(failing, timeout_ms=100)
    assert (await other.run("n = n + 1 return n")).values == [2]


async def test_duration_is_told(session: LuaSession) -> None:
    result = await session.run("local stop = os.clock() + 0.05 while os.clock() < stop do end")
    assert 50 <= result.duration_ms < 5000


async def test_scripts_alternate_between_success_and_failure(session: LuaSession) -> None:
    await session.run("n = 0")
    for count in range(1, 30):
        with pytest.raises(LuaError):
            await session.run("n = n + 100 error()")
        assert (await session.run("n = n + 1 return n")).values == [count]
