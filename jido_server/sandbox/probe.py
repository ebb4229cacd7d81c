"""Tries, with native code, what a script's process must not be able to do.

Run as a child like the zygote: it locks itself down as a session's process does, tries everything
below through the C library, and tells what was not refused.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

from jido_server.sandbox.frames import READY, write_frame
from jido_server.sandbox.lockdown import lock_down

TYPE_CHECKING = False  # a second name for typing's, without the import of typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_REFUSALS = (errno.EPERM, errno.EACCES)
_AF_UNIX, _AF_INET, _STREAM, _DATAGRAM = 1, 2, 1, 2
_PROT_ALL, _PRIVATE_ANONYMOUS = 7, 0x22 if sys.platform == "linux" else 0x1002
_NOWHERE = b"/nowhere"

_libc = ctypes.CDLL(None, use_errno=True)


def main(results: int, limits: dict[str, int]) -> NoReturn:
    """Lock down, try everything, and write the names of what was possible as one frame."""
    lock_down(limits["heap_bytes"])
    write_frame(results, READY, " ".join(breaches()).encode())
    os._exit(0)


def breaches() -> list[str]:
    """Return the names of what this process can do and should not be able to."""
    return [name for name, attempt in ATTEMPTS.items() if not _refused(attempt)]


def _refused(attempt: Callable[[], int]) -> bool:
    ctypes.set_errno(0)
    try:
        return attempt() == -1 and ctypes.get_errno() in _REFUSALS
    except AttributeError:
        return True  # this system's library doesn't have it


def _map_executable() -> int:
    _libc.mmap.restype = ctypes.c_ssize_t
    length = ctypes.c_size_t(4096)
    return int(_libc.mmap(None, length, _PROT_ALL, _PRIVATE_ANONYMOUS, -1, ctypes.c_long(0)))


ATTEMPTS: dict[str, Callable[[], int]] = {
    "open": lambda: _libc.open(b"/etc/passwd", 0),
    "create": lambda: _libc.open(b"/tmp/jido-probe", os.O_CREAT | os.O_WRONLY, 0o600),
    "readlink": lambda: _libc.readlink(b"/proc/self/exe", ctypes.create_string_buffer(256), 256),
    "access": lambda: _libc.access(b"/etc/passwd", 0),
    "chdir": lambda: _libc.chdir(b"/"),
    "unlink": lambda: _libc.unlink(_NOWHERE),
    "socket": lambda: _libc.socket(_AF_INET, _STREAM, 0),
    "datagram": lambda: _libc.socket(_AF_INET, _DATAGRAM, 0),
    "local-socket": lambda: _libc.socket(_AF_UNIX, _STREAM, 0),
    "connect": lambda: _libc.connect(-1, None, 0),
    "execve": lambda: _libc.execve(_NOWHERE, None, None),
    "kill": lambda: _libc.kill(os.getpid(), 0),
    "ptrace": lambda: _libc.ptrace(0, 0, None, None),
    "memfd": lambda: _libc.memfd_create(b"probe", 0),
    "map-executable-memory": _map_executable,
}
"""What is tried; what isn't refused mustn't do harm."""
