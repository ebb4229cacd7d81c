"""The Linux system call ``openat2``: open a path beneath a directory, without any link, at once.

The kernel itself refuses what leads above the directory (``RESOLVE_BENEATH``) and whatever goes
through a link (``RESOLVE_NO_SYMLINKS``): links are followed by the walk, which also knows their
names. So one call opens a path of any depth, and where it leads is what it says.

Source: openat2(2). glibc has no function for it before 2.42, hence ``syscall``.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys
from collections.abc import Callable, Sequence

from jido_server.project.directory import Directory
from jido_server.project.names import RootNames, collapse
from jido_server.project.walk import PERHAPS_A_LINK, Action, T, Walk

_NUMBER = 437
_NO_SYMLINKS = 0x04
_BENEATH = 0x08
_ATTEMPTS = 32

_FOR_THE_WALK = frozenset({errno.ELOOP, errno.EXDEV, errno.EAGAIN})


class _OpenHow(ctypes.Structure):
    """``struct open_how``."""

    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


_HOW_SIZE = ctypes.sizeof(_OpenHow)


def open_beneath(directory: int, path: str, flags: int) -> int:
    """Return a descriptor for what a path without links leads to, beneath a directory.

    Raises:
        OSError: ``ELOOP`` if a link is on the way, ``EXDEV`` if the path leads above the
            directory, ``EAGAIN`` if renames went on beside every attempt; else as ``open``.
    """
    name = os.fsencode(path)
    for _ in range(_ATTEMPTS):
        fd = _syscall()(_NUMBER, directory, name, ctypes.byref(_how(flags)), _HOW_SIZE)
        if fd >= 0:
            return fd
        failure = ctypes.get_errno()
        if failure not in {errno.EAGAIN, errno.EINTR}:
            break
    raise OSError(failure, os.strerror(failure), path)


@functools.cache
def works() -> bool:
    """Tell by trying whether the kernel, and whatever filters its calls, offers ``openat2``."""
    if not sys.platform.startswith("linux"):  # pragma: no cover - only other systems
        return False
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(open_beneath(root, ".", os.O_PATH))
        os.close(open_beneath(root, "..", os.O_PATH))
    except OSError as refused:
        return refused.errno == errno.EXDEV
    finally:
        os.close(root)
    return False  # pragma: no cover - a kernel that lets `..` through


@functools.cache
def _how(flags: int) -> _OpenHow:
    """Return how something is opened: there are few ways, and the kernel only reads them."""
    return _OpenHow(flags | os.O_CLOEXEC, 0, _BENEATH | _NO_SYMLINKS)


@functools.cache
def _syscall() -> Callable[..., int]:
    """Return libc's ``syscall`` with the types of our one call."""
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    function.argtypes = (
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.POINTER(_OpenHow),
        ctypes.c_size_t,
    )
    return function


class Openat2:
    """The resolver that lets the kernel resolve paths without links, and walks the others.

    Attributes:
        root: The directory beneath which everything stays.
    """

    def __init__(self, root: Directory, root_names: RootNames) -> None:
        self.root = root
        self._walk = Walk(root, root_names)

    def open(self, parts: Sequence[str], flags: int) -> tuple[int, list[str]]:
        """Return a descriptor and its names."""
        try:
            fd = open_beneath(self.root.fd, "/".join(parts), flags)
        except OSError as error:
            if error.errno not in _FOR_THE_WALK:
                raise
            return self._walk.open(parts, flags)
        return fd, collapse(parts)

    def reach(
        self, parts: Sequence[str], action: Action[T], *, follow: bool = True, make: bool = False
    ) -> tuple[T, list[str]]:
        """Do something where the path leads: the kernel finds the directory of the last name."""
        *way, name = parts
        if name == "..":
            way, name = list(parts), "."
        try:
            fd = open_beneath(self.root.fd, "/".join(way) or ".", Directory.search)
        except OSError as error:
            if error.errno not in _FOR_THE_WALK and not (make and error.errno == errno.ENOENT):
                raise
            return self._walk.reach(parts, action, follow=follow, make=make)
        try:
            with Directory(fd) as directory:
                return action(directory, name), collapse(parts)
        except OSError as error:
            if error.errno not in PERHAPS_A_LINK or not follow:
                raise
        return self._walk.reach(parts, action, follow=follow, make=make)

    def resolve(self, parts: Sequence[str]) -> list[str]:
        """Return the names that lead there."""
        return self._walk.resolve(parts)
