"""A session's process: before every script it leaves a checkpoint of itself.

The process forks before it runs a script. The copy is the state as it was, and waits at a pipe:
a byte says that the script was committed and the copy isn't needed; the end of the pipe says that
the process is gone, and then the copy *is* the session.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
from typing import NoReturn

from jido_server.sandbox.frames import COMMIT, DONE, RUN, read_frame, write_frame
from jido_server.sandbox.holder import Holder

_GRACE = 1.0
"""Seconds after its time limit at which a script ends itself, when no server is left to do it."""

_TIME_LIMIT = struct.Struct("<I")
_DESCRIPTOR = struct.Struct("i")


def serve(holder: Holder, control: int, output: int) -> NoReturn:
    """Run the scripts whose sockets come over ``control``, until it ends.

    Args:
        holder: The state in which they run.
        control: A socket.
        output: Where they print.
    """
    sessions_control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, control)
    holder.print_to(output)
    while (channel := _next_channel(sessions_control)) is not None:
        pending, committed = os.pipe()
        if os.fork() == 0:
            os.close(committed)
            os.close(channel)
            if os.read(pending, 1):
                os._exit(0)
            os.close(pending)
            continue
        os.close(pending)
        if not _transact(holder, channel):
            os._exit(1)
        os.write(committed, b"!")
        os.close(committed)
        os.close(channel)
    os._exit(0)


def _next_channel(control: socket.socket) -> int | None:
    """Wait for the socket of the next script, which comes with one byte."""
    space = socket.CMSG_SPACE(_DESCRIPTOR.size)
    message, ancillary, _, _ = control.recvmsg(1, space)
    if not message:
        return None
    channel: int
    (channel,) = _DESCRIPTOR.unpack(ancillary[0][2])
    return channel


def _transact(holder: Holder, channel: int) -> bool:
    """Run one script; return whether the server accepted its result."""
    try:
        kind, payload = read_frame(channel)
        if kind != RUN or not _arm(channel):
            return False
        (timeout_ms,) = _TIME_LIMIT.unpack_from(payload)
        signal.setitimer(signal.ITIMER_REAL, timeout_ms / 1000 + _GRACE)
        kind, payload = holder.run(payload[_TIME_LIMIT.size :], channel)
        _disarm()
        write_frame(channel, kind, payload)
        return kind == DONE and read_frame(channel)[0] == COMMIT
    except (EOFError, OSError):
        return False


def _arm(channel: int) -> bool:
    """Let SIGUSR1 end this process; return false if the server has ended the script already.

    The server ends its side of the socket before it signals: what came too early for the one
    is seen by the other.
    """
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, channel)
    try:
        return bool(peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    finally:
        peer.detach()


def _disarm() -> None:
    """From here on only the server's word decides."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0)
