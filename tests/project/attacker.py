"""Swaps things in a project as fast as it can, until it is killed.

``attacker.py swap a b …`` exchanges the names of each pair, by RENAME_EXCHANGE; ``attacker.py move
a b`` moves a to b and back. It says when it has begun, and takes turns so that both states last.
"""

from __future__ import annotations

import ctypes
import os
import sys

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def main(kind: str, *paths: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    pairs = [
        (first.encode(), second.encode())
        for first, second in zip(paths[::2], paths[1::2], strict=True)
    ]
    for first, second in pairs if kind == "swap" else ():
        if libc.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0:
            raise OSError(ctypes.get_errno(), "renameat2")
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    parent = os.getppid()
    while os.getppid() == parent:
        for first, second in pairs:
            if kind == "swap":
                libc.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE)
            else:
                libc.rename(first, second)
                libc.rename(second, first)


main(*sys.argv[1:])
