"""What a script's process gives up before it runs anything, so that native code in it is harmless.

No package is needed: the system calls are made through ctypes, and none of them needs a privilege.
On Linux: limits of resources, no new privileges, Landlock where the kernel has it, and a filter of
system calls. On macOS only the limits are to be had, without the one on memory (not run there).
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Callable

from jido_server.sandbox import seccomp
from jido_server.sandbox.layers import LAYERS

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER = 38, 22, 36
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_VERSION = 1

# linux/landlock.h, from which version on: the rights on files, on TCP ports, the scopes. All that
# are named are denied, as there are no rules.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_PORT_RIGHTS = {4: 3}
_SCOPES = {6: 3}

_SLACK = 160 << 20
"""Bytes of address space for Python's own copies of what goes to and from the server."""

_MOST_DESCRIPTORS = 16

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _Filter(ctypes.Structure):
    """``struct sock_fprog`` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def lock_down(heap_bytes: int) -> list[str]:
    """Give up everything that this process can do without.

    Args:
        heap_bytes: How much memory it may take from now on, beside Python's own.

    Returns:
        The layers that hold; what the system doesn't have is left out.
    """
    steps: dict[str, Callable[[], None]] = {
        "limits": lambda: _limit_resources(heap_bytes),
        "no_new_privs": lambda: _prctl(_PR_SET_NO_NEW_PRIVS, 1),
        "landlock": _landlock,
        "seccomp": _filter_system_calls,
    }
    holding = []
    for layer in LAYERS if sys.platform == "linux" else LAYERS[:1]:
        try:
            steps[layer]()
        except OSError:
            continue
        holding.append(layer)
    return holding


def become_subreaper() -> None:
    """Take on the orphans among this process's descendants (Linux only; else nothing happens)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _limit_resources(heap_bytes: int) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _MOST_DESCRIPTORS)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, _address_space() + heap_bytes + _SLACK)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)  # it can only be lowered
    resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        return int(os.read(descriptor, 64).split()[0]) * resource.getpagesize()
    finally:
        os.close(descriptor)


def _landlock() -> None:
    version = _checked(_libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION))
    rights = [_newest(table, version) for table in (_FILE_RIGHTS, _PORT_RIGHTS, _SCOPES)]
    while not rights[-1]:
        rights.pop()  # an older kernel refuses a field that it doesn't know
    attributes = struct.pack(f"={len(rights)}Q", *rights)
    size = ctypes.c_size_t(len(attributes))
    ruleset = _checked(_libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, size, 0))
    try:
        _checked(_libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _newest(table: dict[int, int], version: int) -> int:
    return max((mask for since, mask in table.items() if since <= version), default=0)


def _filter_system_calls() -> None:
    program = seccomp.program()
    if not program:
        raise OSError("there is no filter for this machine")
    filter_ = _Filter(len(program) // 8, program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_))


def _prctl(option: int, value: int, pointer: object = None) -> None:
    nothing = ctypes.c_ulong(0)
    _checked(_libc.prctl(option, ctypes.c_ulong(value), pointer, nothing, nothing))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
