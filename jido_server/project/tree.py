"""Going through all the files of a project, without those that nobody wants to see.

Each folder is entered by the descriptor of the one above it, so a folder that is swapped for a
link meanwhile is passed over. Links to folders are never followed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice

import attrs

from jido_server.errors import PathError
from jido_server.project.boundary import Boundary
from jido_server.project.deadline import Deadline
from jido_server.project.directory import READ, Directory
from jido_server.project.failures import FailingAs
from jido_server.project.ignore import MAX_FILE_BYTES, Ignored
from jido_server.project.reading import OpenFile
from jido_server.project.walk import enter_to_scan

DEEPEST = 100
"""Folders within folders that are entered; what lies deeper is left out."""

ENTRIES_AT_ONCE = 1000
"""Between two looks at the clock."""

IGNORE_FILE = ".gitignore"

Choice = Callable[[str], object]
"""Says by something true that a path, as seen from the start, is wanted."""


def everything(_path: str) -> bool:
    """Want every path."""
    return True


@attrs.frozen
class Found:
    """The wanted files and links of one folder, which is open until the next one is asked for.

    Attributes:
        path: What leads to the folder from the root: empty, or ending in a slash.
        folder: Where its files can be opened.
        files: These; where a link leads, the boundary knows.
        left_out: The names of those that a ``.gitignore`` names.
    """

    path: str
    folder: Directory
    files: list[os.DirEntry[str]]
    left_out: set[str]


@attrs.frozen(kw_only=True)
class Tree:
    """Which files are gone through.

    Attributes:
        include_ignored: Whether those that a ``.gitignore`` names are among them.
        include_hidden: Whether those are whose name begins with a dot; ``.git`` never is.
        enter: Which folders are worth entering.
        want: Which files are wanted.
        ending: What the names of all wanted files end in.
        deadline: When it must be over.
    """

    include_ignored: bool = False
    include_hidden: bool = False
    enter: Choice = everything
    want: Choice = everything
    ending: str = ""
    deadline: Deadline = attrs.field(factory=Deadline)

    def files(self, boundary: Boundary, start: str = ".") -> Iterator[Found]:
        """Yield the wanted files beneath a folder, each folder's together, in no order.

        A folder that can't be read is passed over. If the start itself is left out by
        some ``.gitignore``, it was meant, and only the files within it have a say.

        Raises:
            TookTooLong: The time is over.
            PathError: The start is no folder of the project.
        """
        top, names = boundary.reach(start, enter_to_scan)
        with top:
            ignored = Ignored(self.deadline)
            search = _Search(self, "".join(f"{name}/" for name in names))
            if not self.include_ignored:
                ignored = _ignored_above(boundary, start, names, ignored)
            yield from search.folder(top, "", ignored, 0)


class _Search:
    """One going through.

    Attributes:
        tree: What is wanted.
        outer: What leads from the root to the start: empty, or ending in a slash.
    """

    def __init__(self, tree: Tree, outer: str) -> None:
        self.tree = tree
        self.outer = outer

    def folder(self, here: Directory, inner: str, ignored: Ignored, depth: int) -> Iterator[Found]:
        """Yield what is wanted of one folder, then of those in it."""
        try:
            files, folders, has_ignore_file = self._entries(here, inner)
        except OSError:
            return
        path = self.outer + inner
        if has_ignore_file and not self.tree.include_ignored:
            ignored = _with_file_of(here, path, ignored)
        left_out = {file.name for file in files if ignored.names(path, file.name)}
        if left_out:
            files = [file for file in files if file.name not in left_out]
        yield Found(path, here, files, left_out)
        for name in folders if depth < DEEPEST else ():
            if self.tree.enter(inner + name) and not ignored.names(path, f"{name}/"):
                try:
                    folder = here.enter_to_scan(name)
                except OSError:  # it went, or became a link, or may not be read
                    continue
                with folder:
                    yield from self.folder(folder, f"{inner}{name}/", ignored, depth + 1)

    def _entries(
        self, here: Directory, inner: str
    ) -> tuple[list[os.DirEntry[str]], list[str], bool]:
        """Return the wanted files and all folders.

        The last says whether there is a ``.gitignore``, so that only those are opened that are.
        """
        tree = self.tree
        files: list[os.DirEntry[str]] = []
        folders: list[str] = []
        has_ignore_file = False
        with here.scan() as entries:
            for entry in self._in_time(entries):
                name = entry.name
                if name.startswith("."):
                    has_ignore_file = has_ignore_file or name == IGNORE_FILE
                    if name == ".git" or not tree.include_hidden:
                        continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif (
                    name.endswith(tree.ending)
                    and tree.want(inner + name)
                    and (entry.is_symlink() or entry.is_file(follow_symlinks=False))
                ):
                    files.append(entry)
        return files, folders, has_ignore_file

    def _in_time(self, entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        """Yield the entries as long as there is time, which is looked at now and then."""
        return chain.from_iterable(iter(partial(self._some, entries), []))

    def _some(self, entries: Iterator[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
        self.tree.deadline.check()
        return list(islice(entries, ENTRIES_AT_ONCE))


def _enter(directory: Directory, name: str) -> Directory:
    return directory.enter(name)


def _ignored_above(boundary: Boundary, start: str, names: list[str], ignored: Ignored) -> Ignored:
    """Return what the folders from the root to the start say about what is in it."""
    nothing = ignored
    here, _ = boundary.reach(".", _enter)
    path = ""
    for name in names:
        with here, FailingAs(start):
            ignored = _with_file_of(here, path, ignored)
            if ignored.names(path, f"{name}/"):
                ignored = nothing
            next_folder = here.enter(name)
        here = next_folder
        path += f"{name}/"
    here.close()
    return ignored


def _with_file_of(folder: Directory, path: str, ignored: Ignored) -> Ignored:
    """Return what is ignored with what the folder's own file adds."""
    try:
        with OpenFile(folder.open(IGNORE_FILE, READ), path, asked=path) as file:
            text = file.bytes(MAX_FILE_BYTES)
    except (OSError, PathError):
        return ignored
    return ignored.within(len(path), text.decode("utf-8", "surrogateescape"))
