"""The boundary of a project: opens anything beneath its root, and nothing else."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from jido_server.errors import FileNotFound, InvalidProjectPath
from jido_server.project import openat2
from jido_server.project.directory import Directory
from jido_server.project.failures import FailingAs
from jido_server.project.names import RootNames, refusal, shown
from jido_server.project.walk import Action, Resolver, T, Walk

if sys.platform == "win32":  # pragma: no cover - only there
    from jido_server.project.windows import WindowsDirectory as NativeDirectory
    from jido_server.project.windows_names import WindowsRootNames as NativeRootNames
else:
    NativeDirectory = Directory
    NativeRootNames = RootNames

_SEPARATOR = os.sep

_REASONS = {
    errno.ENOENT: "it does not exist",
    errno.ENOTDIR: "it is not a directory",
    errno.EACCES: "permission is denied",
    errno.ELOOP: "its links go in a circle",
    errno.ENAMETOOLONG: "it is too long",
}


def native_resolver(root: Directory, root_names: RootNames) -> Resolver:
    """Return the best resolver that works here."""
    return openat2.Openat2(root, root_names) if openat2.works() else Walk(root, root_names)


class Boundary:
    """One open directory, beneath which everything stays.

    A path is relative to the root, or absolute and inside it. Every operation resolves its path
    anew, and uses the very descriptor it checked; what ``resolve`` says is for people. All
    methods may be called from any thread, ``close`` too.

    Attributes:
        root: The absolute path of the root, without links.
    """

    def __init__(self, root: str, root_names: RootNames, resolver: Resolver) -> None:
        self.root = root
        self._above = root.rstrip(_SEPARATOR) + _SEPARATOR
        self._root_names = root_names
        self._resolver: Resolver | None = resolver

    @classmethod
    def open(
        cls,
        project_path: str,
        *,
        directory_type: type[Directory] = NativeDirectory,
        new_resolver: Callable[[Directory, RootNames], Resolver] = native_resolver,
    ) -> Self:
        """Open a project.

        Args:
            project_path: The absolute path of a directory; its links are followed now, once.
            directory_type: What this system's directories can do.
            new_resolver: How paths beneath the root are opened.

        Raises:
            InvalidProjectPath: It is not such a path, or the directory can't be read.
        """
        reason = refusal(project_path)
        if reason is None and not NativeRootNames.is_absolute(project_path):
            reason = "it is not absolute"
        if reason is None:
            try:
                return cls._opened(project_path, directory_type, new_resolver)
            except OSError as error:
                reason = _REASONS.get(error.errno or 0) or f"the system says: {error.strerror}"
            except UnicodeEncodeError:
                reason = "the path it resolves to is not UTF-8"
        raise InvalidProjectPath(shown(project_path), reason)

    @classmethod
    def _opened(
        cls,
        project_path: str,
        directory_type: type[Directory],
        new_resolver: Callable[[Directory, RootNames], Resolver],
    ) -> Self:
        root = os.path.realpath(project_path, strict=True)
        root.encode()
        root_names = NativeRootNames.of(root, project_path)
        directory = directory_type.at(root)
        try:
            with directory.entries():
                return cls(root, root_names, new_resolver(directory, root_names))
        except OSError:
            directory.close()
            raise

    def close(self) -> None:
        """Let go of the root.

        What still runs in other threads ends as it would have, and the descriptor is closed with
        the last of it: closed any earlier, its number could come to mean another directory.
        """
        self._resolver = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def descriptor(self, path: str, flags: int) -> tuple[int, str]:
        """Return a descriptor for what is there, and its absolute path without links.

        Raises:
            PathError: The path leads outside, or the system refuses to open it.
        """
        resolver, parts = self._begin(path)
        with FailingAs(path):
            fd, names = resolver.open(parts, flags)
        return fd, self.absolute(names)

    def reach(
        self,
        path: str,
        action: Action[T],
        *,
        follow: bool = True,
        make: bool = False,
        named: bool = False,
    ) -> tuple[T, list[str]]:
        """Do something in the directory where the path leads.

        Args:
            path: The path.
            action: What is done there with the last name.
            follow: Whether a link at the end is followed.
            make: Whether directories that are missing on the way are made.
            named: Whether a slash at the end is overlooked, so that the action gets a name.

        Returns:
            What came of the action, and the names that lead there from the root without links.

        Raises:
            PathError: The path leads outside, or the system refuses something.
        """
        resolver, parts = self._begin(path)
        if named and parts[-1] == ".":
            parts = parts[:-1] or parts
        with FailingAs(path):
            return resolver.reach(parts, action, follow=follow, make=make)

    def resolve(self, path: str) -> str:
        """Return the absolute path without links; its last components need not exist.

        Raises:
            PathError: The path leads outside, or can't lead anywhere.
        """
        resolver, parts = self._begin(path)
        with FailingAs(path):
            return self.absolute(resolver.resolve(parts))

    def parts(self, path: str) -> list[str]:
        """Return the components of a path, relative to the root, without asking the system.

        Raises:
            PathError: The path leads outside, or can't lead anywhere.
        """
        return self._root_names.relative(path)

    def absolute(self, names: list[str]) -> str:
        """Return the path of what these names lead to from the root, as JSON can carry it."""
        return shown(self._above + _SEPARATOR.join(names)) if names else self.root

    def _begin(self, path: str) -> tuple[Resolver, list[str]]:
        resolver = self._resolver
        if resolver is None:
            raise ValueError("this boundary is closed")
        parts = self._root_names.relative(path)
        if resolver.root.removed:
            raise FileNotFound(shown(path))
        return resolver, parts
