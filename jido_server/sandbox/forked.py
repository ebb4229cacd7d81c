"""A session's process that is forked from the zygote and keeps its state through every failure."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable

from jido_server.sandbox.channel import ChannelBroken, SocketChannel
from jido_server.sandbox.frames import COMMIT, RUN, RUN_HEAD, STALE
from jido_server.sandbox.output import Output
from jido_server.sandbox.undisturbed import undisturbed

_ONCE, _PIECES = 1 << 16, 2

_SIGNAL_AGAIN_AFTER = (0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.4)
"""Seconds; a signal that comes before the script has begun is ignored. Then comes SIGKILL."""

_GONE_WITHIN = 1.0

Fork = Callable[[int, int], Awaitable[int]]
"""Takes the control socket and the output of a new session; gives its process group."""


class ForkedProcess:
    """The holder of one session, forked for its first script (see ``ScriptProcess``)."""

    def __init__(self, fork: Fork) -> None:
        self._fork = fork
        self._group: ProcessGroup | None = None

    async def begin(self, output: Output) -> ForkedRun:
        """Make ready for a script."""
        if self._group is None or self._group.closed:
            group = await undisturbed(self._new_group())
        else:
            group = self._group
        return ForkedRun(group, output)

    async def _new_group(self) -> ProcessGroup:
        self._group = await ProcessGroup.forked(self._fork)
        return self._group

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        group, self._group = self._group, None
        if group is not None:
            await undisturbed(group.close())


class ProcessGroup:
    """The processes of one session: the holder and its checkpoints.

    The control socket is open in each of them and nowhere else, so it ends exactly when none is
    left; then the group's number may belong to others and isn't signalled.

    Attributes:
        output: Where scripts print, for reading; it never blocks.
        commits: How many scripts it was told to keep.
        closed: Whether it is gone for good.
    """

    def __init__(self, number: int, control: socket.socket, output: int) -> None:
        self._number = number
        self._control = control
        self.output = output
        self.commits = 0
        self.closed = False

    @classmethod
    async def forked(cls, fork: Fork) -> ProcessGroup:
        """Make a new one."""
        ours, theirs = socket.socketpair()
        output, their_output = os.pipe()
        try:
            number = await fork(theirs.fileno(), their_output)
        except BaseException:
            ours.close()
            os.close(output)
            raise
        finally:
            theirs.close()
            os.close(their_output)
        ours.settimeout(0)
        os.set_blocking(output, False)
        return cls(number, ours, output)

    def hand_over(self, channel: socket.socket) -> None:
        """Give the holder the socket of the next script."""
        with contextlib.suppress(OSError):  # it is gone; the other end of the channel tells
            socket.send_fds(self._control, [b"n"], [channel.fileno()])

    def lives(self) -> bool:
        """Whether any process of it is left."""
        try:
            return bool(self._control.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def signal(self, number: int) -> None:
        """Send a signal to all of it."""
        if self.lives():
            with contextlib.suppress(OSError):
                os.killpg(self._number, number)

    async def close(self) -> None:
        """Kill all of it and wait until it is gone."""
        if self.closed:
            return
        self.closed = True
        self.signal(signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GONE_WITHIN):
                await SocketChannel(self._control).ended()
        self._control.close()
        os.close(self.output)


class ForkedRun:
    """One script in a forked process (see ``ScriptRun``)."""

    def __init__(self, group: ProcessGroup, output: Output) -> None:
        self._group = group
        self._output = output
        self._socket, self._theirs = socket.socketpair()
        self._channel = SocketChannel(self._socket)
        self._stale = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(group.output, self._read_output)

    async def start(self, source: bytes, timeout_ms: int) -> None:
        """Let the script begin."""
        head = RUN_HEAD.pack(timeout_ms, self._group.commits)
        rest = self._channel.send_ahead(RUN, head + source)  # it is there when the process wakes
        self._group.hand_over(self._theirs)
        self._theirs.close()
        if rest:
            await self._channel.send_rest(rest)

    async def send(self, kind: bytes, *pieces: bytes) -> None:
        """Send one frame."""
        await self._channel.send(kind, *pieces)

    async def receive(self, most_bytes: int) -> tuple[bytes, bytearray]:
        """Wait for a frame."""
        kind, payload = await self._channel.receive(most_bytes)
        if kind == STALE:
            self._stale = True
            raise ChannelBroken("it died before it could keep the last script's result")
        return kind, payload

    async def commit(self) -> None:
        """Tell the script's process to keep its state; its checkpoint is not needed."""
        await self.send(COMMIT)
        self._group.commits += 1
        await self.release()

    async def release(self) -> None:
        """Be done with it: all that it printed is there, as it came before the last frame."""
        self._loop.remove_reader(self._group.output)
        self._read_output()
        self._socket.close()

    async def stop(self) -> bool:
        """End the script; the checkpoint before it takes over, unless force is needed."""
        self._theirs.close()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        ended = asyncio.ensure_future(self._channel.ended())
        for seconds in _SIGNAL_AGAIN_AFTER:
            self._group.signal(signal.SIGUSR1)
            if (await asyncio.wait([ended], timeout=seconds))[0]:
                break
        lost = self._stale or not ended.done() or not self._group.lives()
        ended.cancel()
        await self.release()
        if lost:
            await self._group.close()
        return lost

    def _read_output(self) -> None:
        """Take what was printed; a pipe holds so little that this never takes long."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_PIECES):
                self._output.add(os.read(self._group.output, _ONCE))
