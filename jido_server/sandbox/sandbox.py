"""The sandbox of a server: gives each session a Lua state in processes of its own.

Run on Linux. macOS has the same design with less lock-down, Windows the plain worker; neither was
run there.
"""

from __future__ import annotations

import asyncio
import os

from jido_server.sandbox.bridge import Host
from jido_server.sandbox.forked import ForkedProcess
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.nursery import Nursery
from jido_server.sandbox.plain import PlainProcess
from jido_server.sandbox.session import LuaSession


class Sandbox:
    """Makes the Lua sessions of one server; nothing is started before the first script.

    Args:
        limits: What every script may use.
        forks: Whether a script's state is kept by forking; else it is lost with a kill.
    """

    def __init__(self, limits: Limits | None = None, *, forks: bool = hasattr(os, "fork")) -> None:
        self._limits = limits or Limits()
        self._forks = forks
        self._nursery = Nursery(self._limits)
        self._sessions: list[LuaSession] = []

    @property
    def layers(self) -> list[str]:
        """The layers of the lock-down that hold; empty before the first script."""
        return self._nursery.layers

    def session(self, host: Host) -> LuaSession:
        """Return a new session, with a Lua state of its own, whose scripts may ask ``host``."""
        process = ForkedProcess(self._nursery.fork) if self._forks else PlainProcess(self._limits)
        session = LuaSession(process, host, self._limits)
        self._sessions = [*(other for other in self._sessions if not other.closed), session]
        return session

    async def close(self) -> None:
        """End all sessions and every process of theirs; wait until none is left."""
        await asyncio.gather(*(session.close() for session in self._sessions))
        await self._nursery.close()
