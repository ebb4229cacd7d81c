"""What the sandbox can and can't do on this machine, found out by trying."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from typing import cast

import attrs

from jido_server.errors import JidoError, LuaError, LuaTimeout
from jido_server.sandbox.bridge import Host
from jido_server.sandbox.channel import ChannelBroken, SocketChannel
from jido_server.sandbox.launcher import last_words, start
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession

_PROBE_WITHIN = 20.0
_LONGEST_ANSWER = 4096
_ENDLESS_MS = 200
_NO_PROJECT = cast("Host", None)  # the scripts below ask for nothing


@attrs.frozen
class Finding:
    """One thing that was tried.

    Attributes:
        name: What it is about.
        ok: Whether it is as it should be.
        sentence: What that means, for people.
        promise: Whether a promise is broken if it isn't.
    """

    name: str
    ok: bool
    sentence: str
    promise: bool


async def examine(*, forks: bool = hasattr(os, "fork")) -> list[Finding]:
    """Try the sandbox and return what was found."""
    sandbox = Sandbox(forks=forks)
    session = sandbox.session(_NO_PROJECT)
    try:
        rolls_back = await _rolls_back(session)
        kills = await _kills(session)
        layers = sandbox.layers
    except JidoError as error:
        return [Finding("lua", ok=False, sentence=str(error), promise=True)]
    finally:
        await sandbox.close()
    return [rolls_back, kills, *_layers(layers), await _lockdown(layers)]


async def _rolls_back(session: LuaSession) -> Finding:
    await session.run("kept = 1")
    with contextlib.suppress(LuaError):
        await session.run("kept = 2; error()")
    (kept,) = (await session.run("return kept")).values
    says = "A script that fails leaves the Lua state " + (
        "as it was." if kept == 1 else "changed: processes can't be forked here."
    )
    return Finding("roll-back", kept == 1, says, promise=True)


async def _kills(session: LuaSession) -> Finding:
    started = time.monotonic()
    lost = False
    try:
        await session.run("while true do end", timeout_ms=_ENDLESS_MS)
    except LuaTimeout as error:
        lost = error.state_lost
    took_ms = round((time.monotonic() - started) * 1000)
    says = f"An endless script was ended {took_ms - _ENDLESS_MS} ms after its time limit" + (
        ", and the Lua state with it." if lost else "; the Lua state was kept."
    )
    return Finding("kill", not lost, says, promise=True)


def _layers(layers: list[str]) -> list[Finding]:
    found = []
    for layer, what in (("seccomp", "system calls"), ("landlock", "access to files")):
        ok = layer in layers
        does = "filters" if ok else "doesn't filter"
        says = f"The kernel {does} the {what} of scripts ({layer})."
        found.append(Finding(layer, ok, says, promise=False))
    return found


async def _lockdown(layers: list[str]) -> Finding:
    """Try with native code what must be refused."""
    if not layers:
        says = "The processes of scripts are not locked down; only Lua itself confines scripts."
        return Finding("lock-down", ok=False, sentence=says, promise=True)
    possible = await _probed()
    says = (
        f"Native code in a script's process could do this: {', '.join(possible)}."
        if possible
        else "Even native code in a script's process can't open, run, signal or connect anything."
    )
    return Finding("lock-down", not possible, says, promise=True)


async def _probed() -> list[str]:
    control, theirs = socket.socketpair()
    with control:
        with theirs:
            process = await asyncio.to_thread(start, "probe", theirs, Limits())
        try:
            async with asyncio.timeout(_PROBE_WITHIN):
                _, payload = await SocketChannel(control).receive(_LONGEST_ANSWER)
        except (ChannelBroken, TimeoutError) as error:
            return [f"unknown ({error})"]
        finally:
            await last_words(process)
    return [name.replace("-", " ") for name in payload.decode().split()]
