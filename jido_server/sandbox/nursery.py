"""The zygote as the server sees it: started when needed, asked for processes, ended."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
from typing import Self

from jido_server.errors import SandboxUnavailable
from jido_server.sandbox.channel import ChannelBroken, SocketChannel
from jido_server.sandbox.frames import GROUP
from jido_server.sandbox.launcher import last_words, start
from jido_server.sandbox.layers import LAYERS
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.undisturbed import undisturbed

_START_WITHIN = 20.0
_END_WITHIN = 2.0
_LONGEST_ANSWER = 1024

_log = logging.getLogger(__name__)


class Nursery:
    """Gives the processes of sessions; a zygote that died is replaced.

    Attributes:
        layers: The layers of the lock-down that hold, once a zygote has been started.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._zygote: Zygote | None = None
        self._turn = asyncio.Lock()
        self.layers: list[str] = []

    async def fork(self, control: int, output: int) -> int:
        """Fork a session's process.

        Args:
            control: The descriptor of its control socket.
            output: The descriptor to which its scripts print.

        Returns:
            The process group that it leads.

        Raises:
            SandboxUnavailable: There is no process to be had.
        """
        async with self._turn:
            return await undisturbed(self._fork(control, output))

    async def _fork(self, control: int, output: int) -> int:
        if self._zygote is not None:
            try:
                return await self._zygote.fork(control, output)
            except ChannelBroken as error:
                _log.warning("The process that forks the sandboxes is replaced: %s", error)
                await self.close()
        self._zygote = await Zygote.started(self._limits)
        self.layers = self._zygote.layers
        missing = [layer for layer in LAYERS if layer not in self.layers]
        if missing:
            _log.warning("Scripts are not locked down by %s", ", ".join(missing))
        try:
            return await self._zygote.fork(control, output)
        except ChannelBroken as error:
            raise SandboxUnavailable(f"the process that forks died: {error}") from None

    async def close(self) -> None:
        """End the zygote, and with it every process that it forked."""
        zygote, self._zygote = self._zygote, None
        if zygote is not None:
            await undisturbed(zygote.close())


class Zygote:
    """A running zygote (``zygote.py``).

    Attributes:
        layers: The layers of the lock-down that hold in what it forks.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        control: socket.socket,
        channel: SocketChannel,
        layers: list[str],
    ) -> None:
        self._process = process
        self._control = control
        self._channel = channel
        self.layers = layers

    @classmethod
    async def started(cls, limits: Limits) -> Self:
        """Start one.

        Raises:
            SandboxUnavailable: It can't be started, or doesn't come to life.
        """
        control, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.to_thread(start, "zygote", theirs, limits)
            except BaseException:
                control.close()
                raise
        channel = SocketChannel(control)
        try:
            async with asyncio.timeout(_START_WITHIN):
                _, layers = await channel.receive(_LONGEST_ANSWER)
        except (ChannelBroken, TimeoutError) as error:
            control.close()
            raise SandboxUnavailable(await last_words(process) or str(error)) from None
        return cls(process, control, channel, layers.decode().split())

    async def fork(self, control: int, output: int) -> int:
        """Fork a session's process (see ``Nursery``).

        Raises:
            ChannelBroken: The zygote is dead.
            SandboxUnavailable: The system gives it no more processes.
        """
        try:
            socket.send_fds(self._control, [b"n"], [control, output])
        except OSError as error:
            raise ChannelBroken(error.strerror) from None
        _, payload = await self._channel.receive(_LONGEST_ANSWER)
        group: int
        (group,) = GROUP.unpack(payload)
        if not group:
            raise SandboxUnavailable("the system has no more processes")
        return group

    async def close(self) -> None:
        """End it; it kills and reaps all that it forked before it leaves."""
        self._control.close()
        await asyncio.to_thread(_end, self._process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with process:  # closes its pipe, and reaps it
        try:
            process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
