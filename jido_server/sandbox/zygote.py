"""The process from which every session's process is forked: ready, and never run by a script.

It is started without site packages, loads Lua once and waits at its control socket. Each message
is one byte with two descriptors, the control socket of a session and the pipe for what its scripts
print; the answer is the session's process group. The end of the socket means that the server is
gone: then the groups are killed, and the zygote leaves when none of their processes is left.

Its image is what is copied for every script. So it and what it imports do with little: of signal
and socket only the halves in C, which bring no enums with them, and nothing of typing.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import contextlib
import gc
import os
import struct
import time

from jido_server.sandbox import checkpoint, lockdown
from jido_server.sandbox.frames import FORKED, GROUP, READY, write_frame
from jido_server.sandbox.holder import Holder

TYPE_CHECKING = False  # a second name for typing's, without the import of typing
if TYPE_CHECKING:
    from typing import NoReturn

_DESCRIPTORS = struct.Struct("2i")
_FAILED = 70
_MOST_DESCRIPTORS = 64
"""The zygote has less than ten; this leaves a margin."""


def main(control: int, limits: dict[str, int]) -> NoReturn:
    """Be the zygote; a first frame over ``control`` names the layers of the lock-down that hold."""
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)  # the kernel reaps, here and in every session
    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
    _signal.signal(_signal.SIGUSR1, _signal.SIG_IGN)
    lockdown.become_subreaper()
    time.localtime()  # reads the time zone while files can be read
    _be_the_first_to_go_when_memory_is_short()
    holder = Holder(limits)
    layers = _try_lockdown(limits)
    os.dup2(0, 2)  # the null device: from here on nobody listens to complaints
    write_frame(control, READY, layers)
    gc.collect()
    gc.freeze()  # so that a collection in a session leaves the pages alone that all share
    groups: set[int] = set()
    requests = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, control)
    while descriptors := _next_session(requests):
        groups = {group for group in groups if _signal_group(group, 0)}
        group = _fork_session(holder, limits, *descriptors)
        if group:
            groups.add(group)
        for descriptor in descriptors:
            os.close(descriptor)
        write_frame(control, FORKED, GROUP.pack(group))
    for group in groups:
        _signal_group(group, _signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.wait()  # as SIGCHLD is ignored, this waits for all of them
    os._exit(0)


def _next_session(requests: _socket.socket) -> tuple[int, ...]:
    """Wait for the next request; nothing when the server is gone."""
    message, ancillary, _, _ = requests.recvmsg(1, _socket.CMSG_SPACE(_DESCRIPTORS.size))
    return _DESCRIPTORS.unpack(ancillary[0][2]) if message else ()


def _fork_session(holder: Holder, limits: dict[str, int], control: int, output: int) -> int:
    try:
        group = os.fork()
    except OSError:
        return 0
    if group == 0:
        try:
            os.setpgid(0, 0)
            _keep_only(control, output)
            holder.reseed()
            lockdown.lock_down(limits["heap_bytes"])
            checkpoint.serve(holder, control, output)
        finally:
            os._exit(_FAILED)
    with contextlib.suppress(OSError):  # it has done so itself by now
        os.setpgid(group, group)
    return group


def _keep_only(*descriptors: int) -> None:
    """Close all but the standard descriptors and these."""
    first = 3
    for descriptor in sorted(descriptors):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, _MOST_DESCRIPTORS)


def _try_lockdown(limits: dict[str, int]) -> bytes:
    """Lock a process down that does nothing else; return the layers that held, by name."""
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        holding = lockdown.lock_down(limits["heap_bytes"])
        os.write(write_end, " ".join(holding).encode())
        os._exit(0)
    os.close(write_end)
    holding_names = os.read(read_end, 256)
    os.close(read_end)
    return holding_names


def _signal_group(group: int, number: int) -> bool:
    """Signal a group; return whether there is any process of it."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


def _be_the_first_to_go_when_memory_is_short() -> None:
    with contextlib.suppress(OSError):  # Linux only
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(descriptor, b"900")
        os.close(descriptor)
