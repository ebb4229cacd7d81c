"""A session's process where there is no fork, as on Windows: killed and replaced.

A script that is ended takes the state with it, and the answer says so. One that fails by itself
leaves what it changed until then: without a fork there is nothing to go back to. There is no
lock-down either. Tested on Linux; not run on Windows.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from typing import cast

from jido_server.errors import SandboxUnavailable
from jido_server.sandbox.channel import ChannelBroken
from jido_server.sandbox.frames import HEADER, PRINTED, RUN, RUN_HEAD
from jido_server.sandbox.launcher import command, environment
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.output import Output
from jido_server.sandbox.undisturbed import undisturbed

_LONGEST_READY = 1024


class PlainProcess:
    """The worker of one session, started for its first script (see ``ScriptProcess``)."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: Process | None = None

    async def begin(self, output: Output) -> PlainRun:
        """Make ready for a script."""
        process = self._process
        if process is None:
            process = await undisturbed(self._start())
        return PlainRun(self, process, output)

    async def _start(self) -> Process:
        self._process = await _started(self._limits)
        return self._process

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            await undisturbed(_ended(process))


class PlainRun:
    """One script in a worker (see ``ScriptRun``)."""

    def __init__(self, owner: PlainProcess, process: Process, output: Output) -> None:
        self._owner = owner
        self._process = process
        self._output = output

    async def start(self, source: bytes, timeout_ms: int) -> None:
        """Let the script begin."""
        await self.send(RUN, RUN_HEAD.pack(timeout_ms, 0), source)

    async def send(self, kind: bytes, *pieces: bytes) -> None:
        """Send one frame."""
        stdin = cast("asyncio.StreamWriter", self._process.stdin)  # as it was started with pipes
        stdin.writelines((HEADER.pack(kind, sum(map(len, pieces))), *pieces))
        try:
            await stdin.drain()
        except OSError as error:
            raise ChannelBroken(str(error)) from None

    async def receive(self, most_bytes: int) -> tuple[bytes, bytearray]:
        """Wait for a frame that is not about output."""
        while True:
            kind, payload = await _receive(self._process, most_bytes)
            if kind != PRINTED:
                return kind, payload
            self._output.add(payload)

    async def commit(self) -> None:
        """Do nothing: what the script changed is the state already."""

    async def release(self) -> None:
        """Do nothing: the worker waits for the next script."""

    async def stop(self) -> bool:
        """Kill the worker, and the state with it."""
        await self._owner.close()
        return True


async def _started(limits: Limits) -> Process:
    program = command("worker", 0, limits)
    try:
        process = await asyncio.create_subprocess_exec(
            *program, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment()
        )
    except OSError as error:
        raise SandboxUnavailable(f"{program[0]}: {error.strerror}") from None
    try:
        await _receive(process, _LONGEST_READY)
    except ChannelBroken as error:
        _, complaint = await process.communicate()
        raise SandboxUnavailable(complaint.decode(errors="replace").strip() or str(error)) from None
    return process


async def _ended(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.communicate()  # reads its pipes to the end, so that they are closed


async def _receive(process: Process, most_bytes: int) -> tuple[bytes, bytearray]:
    stdout = cast("asyncio.StreamReader", process.stdout)  # as it was started with pipes
    try:
        kind, length = HEADER.unpack(await stdout.readexactly(HEADER.size))
        if length > most_bytes:
            raise ChannelBroken(f"it sent a frame of {length} bytes")
        return kind, bytearray(await stdout.readexactly(length))
    except asyncio.IncompleteReadError:
        raise ChannelBroken("it ended without an answer") from None
