"""A script's process that has been taken over, and sends what it likes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from jido_server.errors import LuaCrashed, LuaError, LuaFailure, LuaTimeout, RequestCancelled
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost, WaitingHost

pytestmark = pytest.mark.usefixtures("native_scripts")


async def failure(session: LuaSession, code: str, timeout_ms: int = 20_000) -> LuaFailure:
    """Run native code; look that the state is as it was, and another session too."""
    await session.run("n = 1")
    with pytest.raises(LuaFailure) as caught:
        await session.run("#python\n" + code, timeout_ms=timeout_ms)
    if not caught.value.data.get("stateLost"):
        assert (await session.run("return n")).values == [1]
    return caught.value


@pytest.mark.parametrize(
    "frame",
    [
        "frames.DONE, b''",
        "frames.DONE, b'N'",
        "frames.DONE, b'A\\xff\\xff\\xff\\xff'",
        "frames.DONE, b'A\\0\\0\\0\\0more'",
        "frames.DONE, b'A\\x01\\0\\0\\0' * 100000",
        "frames.DONE, b'A\\x60\\xea\\0\\0' + b'N' * 60000",
        "frames.CALL, b''",
        "frames.CALL, b'A\\0\\0\\0\\0'",
        "frames.CALL, b'A\\x01\\0\\0\\0S\\x05\\0\\0\\0shell'",
        "frames.CALL, b'A\\x01\\0\\0\\0A\\0\\0\\0\\0'",
        "b'?', b''",
        "frames.READY, b''",
        "frames.DONE, b'x' * (18 << 20)",
    ],
)
async def test_an_answer_that_is_none_is_a_crash(session: LuaSession, frame: str) -> None:
    error = await failure(session, f"frame = {frame}")
    assert isinstance(error, LuaCrashed)


async def test_an_answer_with_numbers_that_are_none_is_refused(session: LuaSession) -> None:
    code = "frame = frames.DONE, b'A\\x01\\0\\0\\0D' + struct.pack('<d', float('nan'))"
    assert (await failure(session, code)).kind == "luaResultUnsupported"


@pytest.mark.parametrize(
    "payload", ["b''", "b'\\1'", "b'\\xff\\xff\\xff\\xffx'", "b'\\1\\0\\0\\0\\xff\\xff'"]
)
async def test_an_error_that_is_cut_is_an_error(session: LuaSession, payload: str) -> None:
    assert isinstance(await failure(session, f"frame = frames.ERROR, {payload}"), LuaError)


async def test_half_a_frame_is_a_crash(session: LuaSession) -> None:
    assert isinstance(await failure(session, "os.write(channel, b'D'); os._exit(0)"), LuaCrashed)


@pytest.mark.parametrize(
    "code",
    [
        "os._exit(0)",
        "os.abort()",
        "ctypes.string_at(0)",
        "raise SystemExit",
        "raise MemoryError",
        "os.close(channel); time.sleep(0)",
        "ctypes.CDLL(None).exit(3)",
    ],
)
async def test_a_process_that_ends_leaves_the_state(session: LuaSession, code: str) -> None:
    error = await failure(session, code)
    assert isinstance(error, LuaCrashed)
    assert not error.state_lost


async def test_what_was_printed_before_a_crash_is_told(session: LuaSession) -> None:
    error = await failure(session, "printed(b'hello'); os.abort()")
    assert error.data["output"] == "hello"


async def test_a_process_that_ignores_every_signal_is_killed(session: LuaSession) -> None:
    code = """
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
while True:
    pass
"""
    started = time.monotonic()
    error = await failure(session, code, timeout_ms=100)
    assert isinstance(error, LuaTimeout)
    assert error.state_lost
    assert time.monotonic() - started < 2.5
    assert (await session.run("return n")).values == [None]


async def test_a_process_that_ignores_every_signal_is_killed_with_its_session(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    code = """
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
ask(b"A\\2\\0\\0\\0S\\x0b\\0\\0\\0file_existsS\\1\\0\\0\\0x")
while True:
    pass
"""
    host = WaitingHost(tmp_path)
    session = sandbox.session(host)
    running = asyncio.create_task(session.run("#python\n" + code))
    await host.asked.wait()
    started = time.monotonic()
    await session.close()
    assert time.monotonic() - started < 2.5
    with pytest.raises(RequestCancelled):
        await running


async def test_a_result_that_was_not_kept_is_not_forgotten_silently(session: LuaSession) -> None:
    """The process dies between the server's word and its own: the state before takes over."""
    code = "checkpoint._leave_checkpoint = os._exit; frame = frames.DONE, b'A\\0\\0\\0\\0'"
    assert (await session.run("#python\n" + code)).values == []
    with pytest.raises(LuaCrashed, match="keep the last script's result") as caught:
        await session.run("return 1")
    assert caught.value.state_lost
    assert (await session.run("return 1")).values == [1]


async def test_a_flood_of_output_is_cut_and_harms_nobody(
    session: LuaSession, sandbox: Sandbox, host: FolderHost
) -> None:
    """It doesn't count what it prints, and goes on for ever."""
    code = """
while True:
    for descriptor in range(3, 16):
        try:
            os.set_blocking(descriptor, False)
        except OSError:
            pass
        if descriptor != channel:
            try:
                os.write(descriptor, b"x" * 65536)
            except OSError:
                pass
"""
    other = sandbox.session(host)
    flooding = asyncio.create_task(session.run("#python\n" + code, timeout_ms=500))
    for _ in range(20):
        assert (await other.run("return 1")).values == [1]
    with pytest.raises(LuaFailure):
        await flooding


async def test_a_forked_process_ends_with_its_script(session: LuaSession) -> None:
    """It may fork, but what it forks has its socket, and is signalled with it."""
    code = """
if os.fork() == 0:
    while True:
        pass
while True:
    pass
"""
    assert isinstance(await failure(session, code, timeout_ms=200), LuaTimeout)
    await session.close()


async def test_a_fork_that_outlives_its_parent_is_killed(session: LuaSession) -> None:
    code = """
if os.fork() == 0:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    while True:
        pass
os._exit(0)
"""
    error = await failure(session, code, timeout_ms=200)
    assert error.data["stateLost"]
