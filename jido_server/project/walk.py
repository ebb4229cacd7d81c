"""The portable walk: one component at a time, each opened in the last, links followed by hand.

A directory is entered with ``O_NOFOLLOW`` relative to the one before it. ``..`` goes back to the
descriptor we came from and is never opened, since the directory may have been moved meanwhile. A
link is read as text, and its text walked from where it stands, or from the root if it is absolute
and names the root. So nothing is looked up from outside the root, and no name is looked up twice.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeVar

from jido_server.project.directory import Directory
from jido_server.project.failures import LeadsOutside
from jido_server.project.names import RootNames

T = TypeVar("T")

Action = Callable[[Directory, str], T]
"""What is done with a name in an open directory.

``.`` is the directory itself. If the name is a link that is to be followed, the action fails with
``ELOOP`` before it changes anything, and is tried again where the link leads.
"""

MOST_LINKS = 40
"""Links in one path, as in Linux."""

MOST_PARTS = 4096
"""Components in one path, those of its links included."""

DEEPEST = 128
"""Directories within directories that a walk holds open, to have the way back."""

PERHAPS_A_LINK = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})
"""What ``O_NOFOLLOW`` says of a link: on Linux, with ``O_DIRECTORY``, and on FreeBSD."""


class Resolver(Protocol):
    """A way to get at what is beneath a root.

    Attributes:
        root: The directory beneath which everything stays.
    """

    root: Directory

    def open(self, parts: Sequence[str], flags: int) -> tuple[int, list[str]]:
        """Return a descriptor, and the names that lead to it from the root without links."""
        ...

    def reach(
        self, parts: Sequence[str], action: Action[T], *, follow: bool = True, make: bool = False
    ) -> tuple[T, list[str]]:
        """Do something where the path leads, and return what came of it with the names.

        Args:
            parts: The path.
            action: What is done there.
            follow: Whether a link at the end is followed; others always are.
            make: Whether directories that are missing on the way are made.
        """
        ...

    def resolve(self, parts: Sequence[str]) -> list[str]:
        """Return the names that lead there without links; the last ones need not exist."""
        ...


class Walk:
    """The resolver that needs nothing but POSIX.

    Attributes:
        root: The directory beneath which everything stays.
        root_names: How absolute links may spell it.
    """

    def __init__(self, root: Directory, root_names: RootNames) -> None:
        self.root = root
        self.root_names = root_names

    def open(self, parts: Sequence[str], flags: int) -> tuple[int, list[str]]:
        """Return a descriptor and its names."""
        return self.reach(parts, lambda directory, name: directory.open(name, flags))

    def reach(
        self, parts: Sequence[str], action: Action[T], *, follow: bool = True, make: bool = False
    ) -> tuple[T, list[str]]:
        """Do something where the path leads."""
        with _Journey(self, parts) as journey:
            return journey.go(action, follow=follow, make=make)

    def resolve(self, parts: Sequence[str]) -> list[str]:
        """Return the names that lead there."""
        with _Journey(self, parts) as journey:
            try:
                return journey.go(refuse_link)[1]
            except FileNotFoundError:
                rest = [journey.part, *reversed(journey.ahead)]
                if ".." in rest:  # what it takes back is not there
                    raise
                return journey.names + [part for part in rest if part != "."]


def refuse_link(directory: Directory, name: str) -> os.stat_result:
    """Return what the name is; fail as ``O_NOFOLLOW`` does if it is a link."""
    status = directory.stat(name)
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return status


def enter_to_scan(directory: Directory, name: str) -> Directory:
    """Open a directory, to read its entries."""
    return directory.enter_to_scan(name)


def make_if_missing(directory: Directory, name: str) -> bool:
    """Make a directory; tell whether it was us."""
    try:
        directory.mkdir(name)
    except FileExistsError:
        return False
    return True


class _Journey:
    """One walk: the directories entered so far, and the components still ahead (last one first)."""

    def __init__(self, walk: Walk, parts: Sequence[str]) -> None:
        self.walk = walk
        self.entered = [walk.root.again()]
        self.names: list[str] = []
        self.ahead = list(reversed(parts))
        self.part = "."
        self.links = 0
        self.parts = len(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close every directory that was entered."""
        for directory in self.entered:
            directory.close()

    def go(
        self, action: Action[T], *, follow: bool = True, make: bool = False
    ) -> tuple[T, list[str]]:
        """Walk to the end and do it there."""
        while self.ahead:
            self.part = part = self.ahead.pop()
            if part == ".":
                continue
            if part == "..":
                self._back()
                continue
            try:
                if not self.ahead:
                    return action(self.entered[-1], part), [*self.names, part]
                self._enter(part, make=make)
            except OSError as error:
                if error.errno not in PERHAPS_A_LINK or not (follow or self.ahead):
                    raise
                if not self._follow(part, error.errno):
                    raise
        return action(self.entered[-1], "."), self.names

    def _enter(self, name: str, *, make: bool) -> None:
        if len(self.names) == DEEPEST:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        here = self.entered[-1]
        try:
            directory = here.enter(name)
        except FileNotFoundError:
            if not make:
                raise
            make_if_missing(here, name)
            directory = here.enter(name)
        self.entered.append(directory)
        self.names.append(name)

    def _back(self) -> None:
        if not self.names:
            raise LeadsOutside
        self.entered.pop().close()
        self.names.pop()

    def _follow(self, name: str, failure: int) -> bool:
        """Put the text of a link in its place; tell whether it was one."""
        self.links += 1
        if self.links > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        here = self.entered[-1]
        try:
            text = here.readlink(name)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            if failure == errno.ENOTDIR and not _may_be_folder(here.stat(name).st_mode):
                return False
            text = name  # it was a link a moment ago: look again
        self._go_on_with(text)
        return True

    def _go_on_with(self, text: str) -> None:
        """Walk a link's text, from here or from the root."""
        root_names = self.walk.root_names
        parts: list[str] | None = root_names.split(text)
        if root_names.is_absolute(text):
            parts = root_names.inside(text)
            while len(self.entered) > 1:
                self.entered.pop().close()
            self.names.clear()
        if parts is None:
            raise LeadsOutside
        self.parts += len(parts)
        if self.parts > MOST_PARTS:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        self.ahead.extend(reversed(parts))


def _may_be_folder(mode: int) -> bool:
    return stat.S_ISDIR(mode) or stat.S_ISLNK(mode)
