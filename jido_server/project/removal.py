"""Deleting: files and links by name, folders with all that is in them, links never followed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress

from jido_server.project.directory import Directory

_DEEPEST = 64
"""Directories held open at once; what lies deeper is first moved up."""


def remove(directory: Directory, name: str, *, recursive: bool) -> None:
    """Delete what has this name.

    Args:
        directory: Where it is.
        name: What it is called there.
        recursive: Whether a folder is deleted, with everything in it.

    Raises:
        OSError: ``EISDIR`` for a folder without ``recursive``; else what the system says. Of a
            folder, a part may then be gone.
    """
    if not stat.S_ISDIR(directory.stat(name).st_mode):
        directory.unlink(name)
        return
    if not recursive:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with directory.enter(name) as folder:
        while _empty(folder, folder, 1):
            pass
    directory.rmdir(name)


def _empty(folder: Directory, top: Directory, depth: int) -> bool:
    """Delete everything in a folder.

    It is entered and never named again, so no link can come between. A tree can be deeper than
    descriptors last: at the limit a folder is moved up to the top instead.

    Returns:
        Whether something was moved, so that the top isn't empty.
    """
    moved = False
    for name in _unlink_all_but_folders(folder):
        if depth == _DEEPEST:
            folder.rename(name, top, f".jido-{secrets.token_hex(8)}.tmp")
            moved = True
            continue
        with folder.enter(name) as inner:
            moved |= _empty(inner, top, depth + 1)
        folder.rmdir(name)
    return moved


def _unlink_all_but_folders(folder: Directory) -> list[str]:
    """Delete what is no folder, and return the names of the folders."""
    folders = []
    with folder.entries() as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                with suppress(FileNotFoundError):
                    folder.unlink(entry.name)
    return folders
