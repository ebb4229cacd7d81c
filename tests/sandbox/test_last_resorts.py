"""What is done where something fails that never should."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator

import psutil
import pytest

from jido_server.errors import LuaCrashed, LuaResultUnsupported, RequestCancelled
from jido_server.sandbox import launcher
from jido_server.sandbox.channel import ChannelBroken
from jido_server.sandbox.forked import ForkedProcess
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.nursery import Nursery
from jido_server.sandbox.output import Output
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.conftest import boot_after
from tests.sandbox.folder_host import FolderHost
from tests.sandbox.test_death import idle_holder, left_behind

EMPTY = "frame = frames.DONE, b'A\\0\\0\\0\\0'"


@pytest.fixture
async def nursery() -> AsyncIterator[Nursery]:
    nursery = Nursery(Limits())
    yield nursery
    await nursery.close()


async def test_a_process_ends_when_its_control_socket_does(nursery: Nursery) -> None:
    ours, theirs = socket.socketpair()
    output, their_output = os.pipe()
    await nursery.fork(theirs.fileno(), their_output)
    theirs.close()
    os.close(their_output)
    holder = await idle_holder()
    family = [holder, *holder.children()]
    ours.close()
    assert left_behind(family) == []
    os.close(output)


async def test_what_is_no_script_is_not_run(nursery: Nursery) -> None:
    process = ForkedProcess(nursery.fork)
    run = await process.begin(Output(10))
    run._group.hand_over(run._theirs)  # noqa: SLF001  (as start() does)
    run._theirs.close()  # noqa: SLF001
    await run.send(b"?")
    with pytest.raises(ChannelBroken):
        await run.receive(100)
    assert not await run.stop()
    await process.close()


@pytest.mark.usefixtures("native_scripts")
async def test_a_script_that_could_not_be_undone_is_refused(session: LuaSession) -> None:
    code = f"""
fork = checkpoint._fork
def fail_once():
    checkpoint._fork = fork
    return -1
checkpoint._fork = fail_once
{EMPTY}
"""
    await session.run("n = 1")
    await session.run("#python\n" + code)
    with pytest.raises(LuaCrashed) as caught:
        await session.run("n = 2")
    assert not caught.value.state_lost
    assert (await session.run("return n")).values == [1]


@pytest.mark.usefixtures("native_scripts")
@pytest.mark.parametrize(
    ("broken", "script"), [("_ask", "jido.project_root()"), ("write_all", "print('lost')")]
)
async def test_a_fault_of_the_childs_own_never_reaches_lua(
    session: LuaSession, broken: str, script: str
) -> None:
    code = f"def fail(*_):\n    raise RuntimeError\ncheckpoint.{broken} = fail\n{EMPTY}"
    await session.run("#python\n" + code)
    with pytest.raises(LuaCrashed) as caught:
        await session.run(f"return pcall(function() {script} end)")
    assert not caught.value.state_lost


@pytest.mark.usefixtures("native_scripts")
async def test_layers_that_are_missing_are_left_out(session: LuaSession) -> None:
    """In a process that is locked down no layer can be had again."""
    code = """
found = lockdown.lock_down(1 << 30)
lockdown.sys.platform = "darwin"
found += lockdown.lock_down(1 << 30)
lockdown.become_subreaper()
lockdown.seccomp.os.uname = lambda: type("", (), {"machine": "riscv64"})
try:
    lockdown._filter_system_calls()
except OSError as error:
    found.append(str(error))
frame = frames.UNSUPPORTED, repr(found).encode()
"""
    with pytest.raises(LuaResultUnsupported) as caught:
        await session.run("#python\n" + code)
    assert caught.value.reason == "['there is no filter for this machine']"


async def test_landlock_of_an_older_kernel_is_asked_for_less(
    sandbox: Sandbox, host: FolderHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "from jido_server.sandbox import lockdown\n"
        "lockdown._PORT_RIGHTS = lockdown._SCOPES = {99: 1}"
    )
    monkeypatch.setattr(launcher, "BOOT", boot_after(code))
    await sandbox.session(host).run("return 1")
    assert "landlock" in sandbox.layers


async def test_a_zygote_that_does_not_end_is_killed(sandbox: Sandbox, session: LuaSession) -> None:
    await session.run("return 1")
    await session.close()
    (zygote,) = psutil.Process().children()
    zygote.suspend()
    await sandbox.close()
    assert not zygote.is_running()


async def test_a_session_that_is_closed_while_it_starts_runs_nothing(session: LuaSession) -> None:
    starting = asyncio.create_task(session.run("return 1"))
    await asyncio.sleep(0)
    await session.close()
    with pytest.raises(RequestCancelled):
        await starting


async def test_a_session_that_is_closed_at_its_time_limit_is_closed(session: LuaSession) -> None:
    await session.run("return 1")
    for _ in range(5):
        ending = asyncio.create_task(session.run("while true do end", timeout_ms=20))
        while not ending.done():
            await asyncio.sleep(0)
            deadline = session._deadline  # noqa: SLF001
            if deadline is not None and deadline.expired():
                break
    await session.close()
    with pytest.raises((RequestCancelled, Exception)):
        await ending


async def test_a_session_killed_with_a_script_unread_is_lost(session: LuaSession) -> None:
    await session.run("return 1")
    holder = await idle_holder()
    holder.suspend()
    running = asyncio.create_task(session.run("return 1"))
    await asyncio.sleep(0)
    os.killpg(holder.pid, signal.SIGKILL)
    with pytest.raises(LuaCrashed) as caught:
        await running
    assert caught.value.state_lost


@pytest.mark.parametrize("frame", ["b'D' + bytes([255] * 4)", "b'D'"])
async def test_a_worker_that_sends_what_is_no_frame_is_replaced(
    host: FolderHost, monkeypatch: pytest.MonkeyPatch, frame: str
) -> None:
    sandbox = Sandbox(forks=False)
    code = f"""
import os
from jido_server.sandbox import worker
def send(*_):
    os.write(1, {frame})
    os._exit(0)
worker.Holder.run = send
"""
    with monkeypatch.context() as patch:
        patch.setattr(launcher, "BOOT", boot_after(code))
        session = sandbox.session(host)
        with pytest.raises(LuaCrashed) as caught:
            await session.run("return 1")
    assert caught.value.state_lost
    assert (await session.run("return 1")).values == [1]
    await sandbox.close()
