"""An open directory on Windows.

**This was written without a Windows to run it on**, and is checked for types only. Windows looks
nothing up relative to a handle in its documented interface, so a directory is held open in a way
that lets nobody rename or delete it (no ``FILE_SHARE_DELETE``), which keeps the path to it true.
Each file is opened as itself, links included, and the very handle that is used is asked what it is
and by what path it was reached (``GetFinalPathNameByHandleW``) before anything is done with it.

The walk and everything above are those of the other systems.
"""

# Paths are text here that must reach the system as it is.
# ruff: noqa: PTH102, PTH105, PTH106, PTH108, PTH115, PTH116, PTH120

from __future__ import annotations

import sys

if sys.platform == "win32":  # pragma: no cover - it runs nowhere but there
    import ctypes
    import errno
    import msvcrt
    import os
    from collections.abc import Iterator
    from contextlib import AbstractContextManager, contextmanager
    from ctypes import wintypes
    from typing import Self

    from jido_server.project.directory import Directory
    from jido_server.project.windows_names import name_refusal

    _GENERIC_READ = 0x80000000
    _GENERIC_WRITE = 0x40000000
    _FILE_LIST_DIRECTORY = 0x0001
    _SHARE_READ_WRITE = 0x1 | 0x2
    _SHARE_ALL = _SHARE_READ_WRITE | 0x4
    _CREATE_NEW = 1
    _OPEN_EXISTING = 3
    _BACKUP_SEMANTICS = 0x02000000
    _OPEN_REPARSE_POINT = 0x00200000
    _ATTRIBUTE_DIRECTORY = 0x10
    _ATTRIBUTE_REPARSE_POINT = 0x400
    _NAME_SURROGATE = 0x20000000
    _ATTRIBUTE_TAG_INFO = 9
    _INVALID_HANDLE = ctypes.c_void_p(-1).value
    _PATH_CHARACTERS = 32768

    class _AttributeTagInfo(ctypes.Structure):
        """``FILE_ATTRIBUTE_TAG_INFO``."""

        _fields_ = (("attributes", wintypes.DWORD), ("tag", wintypes.DWORD))

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel32.CreateFileW.restype = wintypes.HANDLE
    _kernel32.CreateFileW.argtypes = (
        wintypes.LPCWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.LPVOID,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.HANDLE,
    )
    _kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel32.GetFinalPathNameByHandleW.argtypes = (
        wintypes.HANDLE,
        wintypes.LPWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
    )
    _kernel32.GetFileInformationByHandleEx.argtypes = (
        wintypes.HANDLE,
        ctypes.c_int,
        wintypes.LPVOID,
        wintypes.DWORD,
    )

    class WindowsDirectory(Directory):
        """A directory that is held where it is.

        Attributes:
            fd: Its handle, not a descriptor of the C library.
            path: What Windows says it is called, in the long form.
        """

        __slots__ = ("path",)

        def __init__(self, fd: int) -> None:
            super().__init__(fd)
            self.path = _final_path(fd)

        @classmethod
        def at(cls, path: str) -> Self:
            """Open a directory by its absolute path without links."""
            return cls(_handle_of_directory(path))

        def close(self) -> None:
            """Give the handle back; more than once does no harm."""
            handle, self.fd = self.fd, -1
            if handle >= 0:
                _kernel32.CloseHandle(handle)

        def again(self) -> Self:
            """Return the same directory under a handle of its own."""
            return type(self).at(self.path)

        @property
        def removed(self) -> bool:
            """Whether it was deleted: it can't be, while it is held."""
            return False

        def enter(self, name: str) -> Self:
            """Open a directory in this one."""
            directory = type(self)(_handle_of_directory(self._at(name)))
            if name != "." and not _same(os.path.dirname(directory.path), self.path):
                directory.close()
                raise _failure(errno.ELOOP)
            return directory

        def open(self, name: str, flags: int, mode: int = 0o666) -> int:  # noqa: ARG002 - there is no such thing here
            """Return a descriptor for a file."""
            writes = bool(flags & os.O_WRONLY)
            handle = _opened(
                self._at(name),
                _GENERIC_WRITE if writes else _GENERIC_READ,
                _SHARE_ALL,
                _CREATE_NEW if flags & os.O_CREAT else _OPEN_EXISTING,
            )
            try:
                if _attributes_unless_link(handle) & _ATTRIBUTE_DIRECTORY:
                    raise _failure(errno.EISDIR)
                if not _same(os.path.dirname(_final_path(handle)), self.path):
                    raise _failure(errno.ELOOP)
                return msvcrt.open_osfhandle(handle, os.O_BINARY | (os.O_WRONLY if writes else 0))
            except OSError:
                _kernel32.CloseHandle(handle)
                raise

        def stat(self, name: str) -> os.stat_result:
            """Return what the name is; a link is a link."""
            return os.stat(self._at(name), follow_symlinks=False)

        def readlink(self, name: str) -> str:
            """Return the text of a link or a junction; ``EINVAL`` if the name is none."""
            return os.readlink(self._at(name))

        def writable(self, name: str) -> bool:
            """Tell whether this process may write to the file."""
            return os.access(self._at(name), os.W_OK)

        def enter_to_scan(self, name: str) -> Self:
            """Open a directory in this one."""
            return self.enter(name)

        def scan(self) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
            """Read the entries."""
            return os.scandir(self.path)

        def mkdir(self, name: str) -> None:
            """Make a directory."""
            os.mkdir(self._at(name))

        def rmdir(self, name: str) -> None:
            """Remove an empty directory, or a junction itself."""
            os.rmdir(self._at(name))

        def unlink(self, name: str) -> None:
            """Remove a file, or a link itself."""
            os.unlink(self._at(name))

        def rename(self, name: str, into: Directory, new_name: str) -> None:
            """Move a name, over a file that has the new name."""
            if isinstance(into, WindowsDirectory):
                os.replace(self._at(name), f"{into.path}\\{new_name}")

        def unnamed(self) -> int | None:
            """Return None: a file here has a name."""
            return None

        def keep_owner_and_mode(self, fd: int, old: os.stat_result) -> None:
            """Do nothing: a file's rights come from its folder."""

        @contextmanager
        def synced(self) -> Iterator[None]:
            """Do nothing: a directory can't be flushed here."""
            yield

        def _at(self, name: str) -> str:
            """Return the path of a name, which must be nothing but one."""
            if name == ".":
                return self.path
            if "/" in name or "\\" in name or name_refusal(name) is not None:
                raise _failure(errno.EINVAL)
            return f"{self.path}\\{name}"

    def _handle_of_directory(path: str) -> int:
        handle = _opened(path, _FILE_LIST_DIRECTORY, _SHARE_READ_WRITE, _OPEN_EXISTING)
        try:
            if not _attributes_unless_link(handle) & _ATTRIBUTE_DIRECTORY:
                raise _failure(errno.ENOTDIR)
        except OSError:
            _kernel32.CloseHandle(handle)
            raise
        return handle

    def _opened(path: str, access: int, share: int, disposition: int) -> int:
        flags = _BACKUP_SEMANTICS | _OPEN_REPARSE_POINT
        handle = _kernel32.CreateFileW(path, access, share, None, disposition, flags, None)
        if handle is None or handle == _INVALID_HANDLE:
            raise ctypes.WinError(ctypes.get_last_error())
        return int(handle)

    def _attributes_unless_link(handle: int) -> int:
        """Return the attributes of what was opened; ``ELOOP`` if it stands for something else."""
        info = _AttributeTagInfo()
        if not _kernel32.GetFileInformationByHandleEx(
            handle, _ATTRIBUTE_TAG_INFO, ctypes.byref(info), ctypes.sizeof(info)
        ):
            raise ctypes.WinError(ctypes.get_last_error())
        if info.attributes & _ATTRIBUTE_REPARSE_POINT and info.tag & _NAME_SURROGATE:
            raise _failure(errno.ELOOP)
        return int(info.attributes)

    def _final_path(handle: int) -> str:
        buffer = ctypes.create_unicode_buffer(_PATH_CHARACTERS)
        length = _kernel32.GetFinalPathNameByHandleW(handle, buffer, _PATH_CHARACTERS, 0)
        if not 0 < length < _PATH_CHARACTERS:
            raise ctypes.WinError(ctypes.get_last_error())
        return buffer.value.rstrip("\\")

    def _same(path: str, other: str) -> bool:
        return path.rstrip("\\").lower() == other.rstrip("\\").lower()

    def _failure(number: int) -> OSError:
        return OSError(number, os.strerror(number))
