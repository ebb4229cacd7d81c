"""Reads a project's file in a process for which openat2 fails with EPERM, as in old containers."""

from __future__ import annotations

import ctypes
import struct
import sys

from jido_server.project import openat2
from jido_server.project.boundary import Boundary, native_resolver
from jido_server.project.directory import Directory
from jido_server.project.files import Files
from jido_server.project.names import RootNames

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL_WITH_EPERM = 0x7FFF0000, 0x00050001


class Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_openat2() -> None:
    instructions = [
        (LOAD_WORD, 0, 0, 0),  # the number of the call
        (JUMP_IF_EQUAL, 0, 1, 437),
        (RETURN, 0, 0, FAIL_WITH_EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    program = Program(len(instructions), code)
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0


def main(root: str) -> None:
    filter_openat2()
    with Directory.at(root) as directory:
        resolver = native_resolver(directory, RootNames.of(root))
    with Boundary.open(root) as boundary:
        content = Files(boundary).read("hello.txt", limit=100).decode()
    sys.stdout.write(f"{openat2.works()} {type(resolver).__name__} {content}\n")


main(sys.argv[1])
