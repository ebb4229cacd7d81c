"""The scripts of one session: one at a time, each within its limits, each all or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from typing import Any

import attrs

from jido_server.errors import (
    LuaCrashed,
    LuaError,
    LuaFailure,
    LuaMemoryExceeded,
    LuaResultUnsupported,
    LuaTimeout,
    RequestCancelled,
)
from jido_server.sandbox import frames, values
from jido_server.sandbox.bridge import Bridge, Host
from jido_server.sandbox.channel import ChannelBroken
from jido_server.sandbox.limits import MOST_TIMEOUT_MS, Limits
from jido_server.sandbox.output import Output
from jido_server.sandbox.process import ScriptProcess, ScriptRun
from jido_server.sandbox.undisturbed import undisturbed

_FRAME_SLACK = 1 << 20
"""What a frame may have beyond the bytes that are counted: tags, lengths and numbers."""

_LENGTH = struct.Struct("<I")


@attrs.frozen
class LuaResult:
    """What a script gave.

    Attributes:
        values: Its return values, as JSON has them.
        output: What it printed.
        duration_ms: How long it took, from its start to its result.
    """

    values: list[Any]
    output: str
    duration_ms: float


class LuaSession:
    """Runs scripts that share one Lua state; made by ``Sandbox.session``.

    Attributes:
        closed: Whether it takes no more scripts.
    """

    def __init__(self, process: ScriptProcess, host: Host, limits: Limits) -> None:
        self._process = process
        self._bridge = Bridge(host, limits)
        self._limits = limits
        self._turn = asyncio.Lock()
        self._deadline: asyncio.Timeout | None = None
        self.closed = False

    async def run(self, script: str, *, timeout_ms: int | None = None) -> LuaResult:
        """Run a script after those that were given before; cancelling the task ends it at once.

        Args:
            script: Lua source.
            timeout_ms: How long it may run once its turn has come; by default as the limits say.

        Raises:
            LuaFailure: It failed; the state is as it was before, unless ``state_lost`` is true.
            SandboxUnavailable: There is no process to run it in.
            RequestCancelled: The session was closed.
        """
        source = script.encode(errors="surrogatepass")
        if len(source) > self._limits.bridge_bytes:
            raise LuaMemoryExceeded(self._limits.bridge_bytes)
        timeout_ms = max(1, min(timeout_ms or self._limits.timeout_ms, MOST_TIMEOUT_MS))
        async with self._turn:
            if self.closed:
                raise RequestCancelled
            output = Output(self._limits.output_bytes)
            started = time.perf_counter()
            run = await self._process.begin(output)
            if self.closed:  # while the process came to be
                await undisturbed(run.stop())
                raise RequestCancelled
            given = await self._transact(run, source, timeout_ms, output)
            return LuaResult(given, output.text, (time.perf_counter() - started) * 1000)

    async def close(self) -> None:
        """End the running script, refuse those that wait, and end the process."""
        self.closed = True
        if self._deadline is not None:
            with contextlib.suppress(RuntimeError):  # it has just passed by itself
                self._deadline.reschedule(asyncio.get_running_loop().time())
        async with self._turn:
            await self._process.close()

    async def _transact(
        self, run: ScriptRun, source: bytes, timeout_ms: int, output: Output
    ) -> list[Any]:
        """Have the script run and accept or refuse what came of it."""
        try:
            async with asyncio.timeout(timeout_ms / 1000) as self._deadline:
                await run.start(source, timeout_ms)
                kind, payload = await self._converse(run)
                if kind == frames.DONE:
                    given = await self._decoded(payload)
                    await run.commit()
                    return given
        except TimeoutError:
            lost = await undisturbed(run.stop())
            if self.closed:
                raise RequestCancelled from None
            raise LuaTimeout(timeout_ms, output.text, lost) from None
        except (ChannelBroken, values.MalformedValue) as error:
            lost = await undisturbed(run.stop())
            raise LuaCrashed(str(error), output.text, lost) from None
        except values.UnsupportedValue as error:
            await run.release()
            raise LuaResultUnsupported(str(error), output.text) from None
        except BaseException:
            await undisturbed(run.stop())
            raise
        finally:
            self._deadline = None
        await run.release()
        raise self._failure(kind, payload, output.text)

    async def _converse(self, run: ScriptRun) -> tuple[bytes, bytearray]:
        """Answer the script's calls until it is done; return its last frame."""
        most_bytes = max(self._limits.bridge_bytes, self._limits.result_bytes) + _FRAME_SLACK
        while True:
            kind, payload = await run.receive(most_bytes)
            if kind != frames.CALL:
                return kind, payload
            await run.send(frames.ANSWER, *await self._bridge.answer(payload))

    async def _decoded(self, payload: bytearray) -> list[Any]:
        def decode() -> list[Any]:
            given = values.decode(payload, nodes=self._limits.nodes, depth=self._limits.depth)
            return [values.to_json(value) for value in given]

        return decode() if len(payload) <= values.QUICK_BYTES else await asyncio.to_thread(decode)

    def _failure(self, kind: bytes, payload: bytearray, output: str) -> LuaFailure:
        match kind:
            case frames.ERROR:
                (length,) = _LENGTH.unpack_from(payload.ljust(_LENGTH.size, b"\0"))
                message = payload[_LENGTH.size :][:length]
                trace = payload[_LENGTH.size :][length:]
                return LuaError(
                    message.decode(errors="replace"), trace.decode(errors="replace"), output
                )
            case frames.MEMORY:
                return LuaMemoryExceeded(self._limits.heap_bytes, output)
            case frames.UNSUPPORTED:
                return LuaResultUnsupported(payload.decode(errors="replace"), output)
            case _:
                return LuaCrashed("it sent what is no answer", output)
