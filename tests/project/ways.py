"""The ways of opening what is beneath a root, all tested by the same tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import attrs

from jido_server.project.boundary import Boundary
from jido_server.project.directory import Directory
from jido_server.project.names import RootNames
from jido_server.project.openat2 import Openat2
from jido_server.project.walk import Resolver, Walk


class BareDirectory(Directory):
    """What macOS has: no O_PATH, no files without names, no /proc."""

    __slots__ = ()
    search = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    unnamed_file = 0


@attrs.frozen
class Way:
    """One way of opening what is beneath a root."""

    directory_type: type[Directory]
    new_resolver: Callable[[Directory, RootNames], Resolver]

    def open(self, root: Path) -> Boundary:
        return Boundary.open(
            str(root), directory_type=self.directory_type, new_resolver=self.new_resolver
        )


WAYS = {
    "openat2": Way(Directory, Openat2),
    "walk": Way(Directory, Walk),
    "walk as on macOS": Way(BareDirectory, Walk),
}


def tree(folder: Path) -> dict[str, str]:
    """Return everything beneath a folder, with what it holds."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_text()
        if path.is_file()
        else ""
        for path in folder.rglob("*")
    }


def grow(root: Path, *paths: str) -> None:
    """Make files; those that come later are newer."""
    for age, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
        os.utime(root / path, (0, 1_000_000 + age))
