"""The system calls that a script's process may make, as a filter for the kernel.

Linux on x86_64 and aarch64; elsewhere there is none. What isn't named is refused with EPERM. The
process may compute, talk over the descriptors it has, and fork; it may open nothing, signal
nobody, run nothing else, and map no executable memory. See seccomp(2) and linux/filter.h.
"""

from __future__ import annotations

import errno
import os
import struct

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_CALLS = """
                 x86_64 aarch64
read                  0      63
write                 1      64
recvmsg              47     212
recvfrom             45     207
close                 3      57
pipe2               293      59
futex               202      98
rt_sigaction         13     134
rt_sigprocmask       14     135
rt_sigreturn         15     139
setitimer            38     103
restart_syscall     219     128
munmap               11     215
mremap               25     216
brk                  12     214
madvise              28     233
getpid               39     172
gettid              186     178
clock_gettime       228     113
gettimeofday         96     169
time                201       -
set_robust_list     273      99
rseq                334     293
exit                 60      93
exit_group          231      94
mmap                  9     222
mprotect             10     226
clone                56     220
clone3              435     435
"""
"""The numbers of the calls; the last four are allowed in part, or not at all."""

_X32_BIT = 0x40000000  # the numbers of another interface of x86_64
_PROT_EXEC = 4
_SIGCHLD = 17
_FORK_ONLY = 0x01000000 | 0x00200000  # CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID: what fork() adds

# Where struct seccomp_data has what is looked at; of an argument only the low half.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45

_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS


def program() -> bytes:
    """Return the filter's instructions for this machine, nothing if it has none."""
    if os.uname().machine not in _ARCHITECTURES:
        return b""
    architecture = _ARCHITECTURES[os.uname().machine]
    numbers = _numbers(os.uname().machine)
    special = {"mmap", "mprotect", "clone", "clone3"}
    parts = [
        _instruction(_LOAD, _ARCHITECTURE),
        _unless(_IF_EQUAL, architecture, _instruction(_RETURN, _KILL)),
        _instruction(_LOAD, _NUMBER),
        _when(_IF_AT_LEAST, _X32_BIT, _instruction(_RETURN, _KILL)),
        *(_when_called(number, _ALLOW) for name, number in numbers.items() if name not in special),
        _when(_IF_EQUAL, numbers["mmap"], _no_executable_memory()),
        _when(_IF_EQUAL, numbers["mprotect"], _no_executable_memory()),
        _when(_IF_EQUAL, numbers["clone"], _plain_fork()),
        _when_called(numbers["clone3"], _UNKNOWN),  # the C library then falls back on clone
        _instruction(_RETURN, _REFUSE),
    ]
    return b"".join(parts)


def _numbers(machine: str) -> dict[str, int]:
    machines, *rows = (line.split() for line in _CALLS.strip().splitlines())
    column = machines.index(machine) + 1
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def _no_executable_memory() -> bytes:
    return (
        _instruction(_LOAD, _THIRD_ARGUMENT)
        + _when(_IF_ANY_BIT, _PROT_EXEC, _instruction(_RETURN, _REFUSE))
        + _instruction(_RETURN, _ALLOW)
    )


def _plain_fork() -> bytes:
    return (
        _instruction(_LOAD, _FIRST_ARGUMENT)
        + _instruction(_AND, 0xFFFFFFFF & ~_FORK_ONLY)
        + _when(_IF_EQUAL, _SIGCHLD, _instruction(_RETURN, _ALLOW))
        + _instruction(_RETURN, _REFUSE)
    )


def _when_called(number: int, action: int) -> bytes:
    return _when(_IF_EQUAL, number, _instruction(_RETURN, action))


def _when(test: int, operand: int, then: bytes) -> bytes:
    return _instruction(test, operand, otherwise=_length(then)) + then


def _unless(test: int, operand: int, then: bytes) -> bytes:
    return _instruction(test, operand, then=_length(then)) + then


def _length(instructions: bytes) -> int:
    return len(instructions) // 8


def _instruction(code: int, operand: int, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; a test skips ``then`` or ``otherwise`` instructions."""
    return struct.pack("=HBBI", code, then, otherwise, operand)
