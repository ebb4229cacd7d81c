"""Whoever dies, nobody is left behind."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from jido_server.errors import LuaCrashed, LuaTimeout
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost, WaitingHost

ENDLESS = "jido.file_exists('started') while true do end"

SERVER = """
import asyncio, sys
from pathlib import Path
from jido_server.sandbox.sandbox import Sandbox
from tests.sandbox.folder_host import WaitingHost

async def main():
    sandbox = Sandbox()
    idle, busy = sandbox.session(WaitingHost(Path("."))), WaitingHost(Path("."))
    await idle.run("return 1")
    running = asyncio.create_task(sandbox.session(busy).run(sys.argv[1]))
    await busy.asked.wait()
    print("running", flush=True)
    await running

asyncio.run(main())
"""


def zygote() -> psutil.Process:
    (found,) = psutil.Process().children()
    return found


async def idle_holder() -> psutil.Process:
    """Return the only session's holder, once it has left the next checkpoint and waits."""
    while True:
        holders = zygote().children()
        if len(holders) == 1 and holders[0].status() == psutil.STATUS_SLEEPING:
            checkpoints = holders[0].children()
            if len(checkpoints) == 1:
                return holders[0]
        await asyncio.sleep(0)  # nothing but what it does tells of it


def open_descriptors() -> int:
    return int(psutil.Process().num_fds())


def left_behind(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return which are still there after a second."""
    _, alive = psutil.wait_procs(processes, timeout=1)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize(
    "script",
    [
        ENDLESS,
        "jido.file_exists('started') return (''):rep(1 << 62, '')",
        "jido.file_exists('started') while true do pcall(error) end",
    ],
)
def test_everything_ends_when_the_server_is_killed(script: str) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, script], stdout=subprocess.PIPE)
    with server:
        assert server.stdout
        assert server.stdout.readline() == b"running\n"
        family = psutil.Process(server.pid).children(recursive=True)
        assert len(family) >= 3, "the zygote, and a process for each of two sessions"
        server.kill()
        assert left_behind(family) == []


async def test_closing_leaves_no_process_and_no_descriptor(tmp_path: Path) -> None:
    before = open_descriptors()
    sandbox = Sandbox()
    sessions = [sandbox.session(WaitingHost(tmp_path)) for _ in range(5)]
    for session in sessions:
        await session.run("return 1")
    with pytest.raises(LuaTimeout):
        await sessions[0].run("while true do end", timeout_ms=50)
    await sessions[1].close()
    family = psutil.Process().children(recursive=True)
    assert len(family) >= 1 + 4
    await sandbox.close()
    assert [process for process in family if process.is_running()] == []
    assert open_descriptors() == before


async def test_closing_a_session_ends_its_processes(session: LuaSession) -> None:
    await session.run("return 1")
    family = zygote().children(recursive=True)
    await session.close()
    assert family
    assert left_behind([*family, *zygote().children(recursive=True)]) == []


async def test_a_session_whose_processes_died_says_so_and_starts_anew(session: LuaSession) -> None:
    await session.run("n = 1")
    holder = await idle_holder()
    family = [holder, *holder.children()]
    os.killpg(holder.pid, signal.SIGKILL)
    assert left_behind(family) == []
    with pytest.raises(LuaCrashed) as caught:
        await session.run("return n")
    assert caught.value.state_lost
    assert (await session.run("return n")).values == [None]


async def test_a_session_survives_the_death_of_its_idle_holder(session: LuaSession) -> None:
    await session.run("n = 1")
    holder = await idle_holder()
    holder.kill()
    assert left_behind([holder]) == []
    assert (await session.run("return n")).values == [1]


async def test_the_zygote_is_replaced_and_its_sessions_live_on(
    sandbox: Sandbox, session: LuaSession, host: FolderHost, caplog: pytest.LogCaptureFixture
) -> None:
    await session.run("n = 1")
    first = zygote()
    first.kill()
    first.wait(5)
    other = sandbox.session(host)
    with caplog.at_level(logging.WARNING):
        assert (await other.run("return 2")).values == [2]
    assert "is replaced" in caplog.text
    assert zygote().pid != first.pid
    assert (await session.run("return n")).values == [1]


async def test_the_sandbox_can_be_used_after_its_zygote_died_unused(
    sandbox: Sandbox, session: LuaSession
) -> None:
    await session.run("return 1")
    await session.close()
    first = zygote()
    first.kill()
    first.wait(5)
    await sandbox.close()
    assert psutil.Process().children() == []


async def test_a_session_without_an_owner_ends(sandbox: Sandbox, host: FolderHost) -> None:
    """A task that starts one may be cancelled before it has it."""
    session = sandbox.session(host)
    await session.run("return 1")
    starting = asyncio.create_task(sandbox.session(host).run("return 1"))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await sandbox.close()
    assert psutil.Process().children(recursive=True) == []
