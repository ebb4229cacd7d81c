"""The sandbox of a system without fork, as it runs on this one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from jido_server.errors import (
    LuaCrashed,
    LuaError,
    LuaMemoryExceeded,
    LuaResultUnsupported,
    LuaTimeout,
    RequestCancelled,
)
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import WaitingHost

ENDLESS = "jido.file_exists('started') while true do end"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(Limits(output_bytes=1000), forks=False)
    yield sandbox
    await sandbox.close()
    assert psutil.Process().children() == []


@pytest.fixture
def host(tmp_path: Path) -> WaitingHost:
    return WaitingHost(tmp_path)


async def test_scripts_run_and_state_persists(session: LuaSession) -> None:
    assert (await session.run("print('a') n = 1 return n, {}")).values == [1, []]
    result = await session.run("print('b') jido.write_file('f', 'x') return n, jido.read_file('f')")
    assert (result.values, result.output) == ([1, "x"], "b\n")


async def test_a_script_that_is_killed_takes_the_state_with_it(session: LuaSession) -> None:
    await session.run("n = 1")
    with pytest.raises(LuaTimeout) as caught:
        await session.run("print('before') while true do end", timeout_ms=200)
    assert caught.value.data == {
        "kind": "luaTimeout",
        "timeoutMs": 200,
        "output": "before\n",
        "stateLost": True,
    }
    assert (await session.run("return n")).values == [None]


async def test_a_script_that_fails_by_itself_leaves_what_it_did(session: LuaSession) -> None:
    with pytest.raises(LuaError):
        await session.run("n = 1 error()")
    with pytest.raises(LuaResultUnsupported):
        await session.run("n = n + 1 return print")
    with pytest.raises(LuaResultUnsupported):
        await session.run("n = n + 1 return {['\\xff'] = 1}")
    with pytest.raises(LuaMemoryExceeded):
        await session.run("n = n + 1 return ('x'):rep(1 << 30)")
    assert (await session.run("return n")).values == [4]


async def test_output_is_limited(session: LuaSession) -> None:
    result = await session.run("for _ = 1, 1000 do print('12345') end")
    assert result.output.endswith("\n[output cut at 1000 bytes]")


async def test_a_cancelled_script_ends_at_once(session: LuaSession, host: WaitingHost) -> None:
    running = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await session.run("return 1")).values == [1]


async def test_a_script_cancelled_while_it_starts_does_no_harm(session: LuaSession) -> None:
    running = asyncio.create_task(session.run("n = 1"))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await session.run("return n")).values == [None]


async def test_closing_ends_a_running_script(session: LuaSession, host: WaitingHost) -> None:
    running = asyncio.create_task(session.run(ENDLESS))
    await host.asked.wait()
    await session.close()
    with pytest.raises(RequestCancelled):
        await running


async def test_a_worker_that_died_is_replaced(session: LuaSession) -> None:
    await session.run("n = 1")
    (worker,) = psutil.Process().children()
    worker.kill()
    worker.wait(5)
    with pytest.raises(LuaCrashed) as caught:
        await session.run("return n" + " " * (1 << 20))
    assert caught.value.state_lost
    assert (await session.run("return n")).values == [None]


async def test_a_worker_ends_with_its_server_whatever_it_does(
    session: LuaSession, host: WaitingHost
) -> None:
    running = asyncio.create_task(session.run(ENDLESS, timeout_ms=20_000))
    await host.asked.wait()
    (worker,) = psutil.Process().children()
    process = session._process._process  # type: ignore[attr-defined]  # noqa: SLF001
    process.stdin.close()  # as the end of the server would
    with pytest.raises(LuaCrashed):
        await running
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
