"""A session's process: before every script it leaves a checkpoint of itself.

The process forks before it runs a script. The copy is the state as it was, and waits at a pipe:
a byte says that the script was committed and the copy isn't needed; the end of the pipe says that
the process is gone, and then the copy *is* the session. The fork is made ahead, when the last
script has been answered, so that the next doesn't wait for it.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import ctypes
import os
import struct

from jido_server.sandbox.frames import (
    CALL,
    COMMIT,
    DONE,
    RUN,
    RUN_HEAD,
    STALE,
    read_frame,
    write_all,
    write_frame,
)
from jido_server.sandbox.holder import Holder

TYPE_CHECKING = False  # a second name for typing's, without the import of typing
if TYPE_CHECKING:
    from typing import NoReturn

_GRACE = 1.0
"""Seconds after its time limit at which a script ends itself, when no server is left to do it."""

_CANCEL = _signal.SIGUSR1
# signal.signal() makes enums of its arguments and so touches thirty pages, which after a fork the
# kernel has to copy one by one: it takes longer than the script `return 1`. Hence _signal.

_fork = ctypes.PyDLL(None).fork
# The C library's, as there is one thread only. os.fork() makes the locks of the interpreter anew in
# the copy, and the old ones are lost: 300 bytes for every script that fails, and 30 pages copied.

_DESCRIPTOR = struct.Struct("i")


def serve(holder: Holder, control: int, output: int) -> NoReturn:
    """Run the scripts whose sockets come over ``control``, until it ends.

    Args:
        holder: The state in which they run.
        control: A socket.
        output: Where they print.
    """
    requests = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, control)
    commits, dismissal = 0, None
    while True:
        dismissal = _leave_checkpoint(dismissal)
        channel = _next_channel(requests)
        if channel is None:
            _dismiss(dismissal)
            os._exit(0)
        if dismissal is not None:  # else the script is refused, for it couldn't be undone
            if not _transact(holder, channel, output, commits):
                os._exit(1)
            commits += 1
        os.close(channel)


def _leave_checkpoint(last: int | None) -> int | None:
    """Return in the process that is to run the next script, once a copy of it waits.

    The copy returns too, when the process that ran a script has left without a dismissal; by then
    it has left a copy of its own.

    Args:
        last: Through which the copy before is dismissed; the new one does it, so that there is
            one at any time, and the process that answers the server isn't held up.

    Returns:
        The descriptor through which the copy is dismissed, None if the system gives no process.
    """
    while True:
        waiting, dismissal = os.pipe()
        copy = _fork()
        if copy < 0:
            os.close(waiting)
            os.close(dismissal)
            _dismiss(last)
            return None
        if copy > 0:
            os.close(waiting)
            if last is not None:
                os.close(last)
            return dismissal
        os.close(dismissal)
        _dismiss(last)
        if os.read(waiting, 1):
            os._exit(0)
        os.close(waiting)
        last = None


def _dismiss(dismissal: int | None) -> None:
    """Let a checkpoint go: the state is another one now."""
    if dismissal is not None:
        os.write(dismissal, b"!")
        os.close(dismissal)


def _next_channel(control: _socket.socket) -> int | None:
    """Wait for the socket of the next script, which comes with one byte."""
    space = _socket.CMSG_SPACE(_DESCRIPTOR.size)
    message, ancillary, _, _ = control.recvmsg(1, space)
    if not message:
        return None
    channel: int
    (channel,) = _DESCRIPTOR.unpack(ancillary[0][2])
    return channel


def _transact(holder: Holder, channel: int, output: int, commits: int) -> bool:
    """Run one script; return whether the server accepted its result."""
    try:
        kind, payload = read_frame(channel)
        if kind != RUN:
            return False
        timeout_ms, commits_told = RUN_HEAD.unpack_from(payload)
        if commits_told != commits:  # the one who ran the last died before it dismissed this copy
            write_frame(channel, STALE, b"")
            return False
        _signal.signal(_CANCEL, _signal.SIG_DFL)
        _signal.setitimer(_signal.ITIMER_REAL, timeout_ms / 1000 + _GRACE)
        kind, payload = holder.run(
            payload[RUN_HEAD.size :],
            lambda call: _ask(channel, call),
            lambda text: write_all(output, text),
        )
        _signal.setitimer(_signal.ITIMER_REAL, 0)
        _signal.signal(_CANCEL, _signal.SIG_IGN)  # from here on only the server's word decides
        write_frame(channel, kind, payload)
        return kind == DONE and read_frame(channel)[0] == COMMIT
    except (EOFError, OSError):
        return False


def _ask(channel: int, call: bytes) -> bytes:
    write_frame(channel, CALL, call)
    return read_frame(channel)[1]
