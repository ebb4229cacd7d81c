"""What ``.gitignore`` files name.

As in git, a folder that is left out is never entered, so a line has to be asked only about an entry
itself, not about the folders above it: the last line of the deepest file that says anything about
the entry decides.

The files come with the project and are not trusted. How much of them is read is limited, matching
takes no more steps than a line has characters times those of the path, and a deadline ends it all.
"""

from __future__ import annotations

import functools

import attrs

from jido_server.project.deadline import Deadline
from jido_server.project.path_pattern import PathPattern
from jido_server.project.wildcard import STAR, Part, longest_literal, parts_of

MAX_FILE_BYTES = 1 << 18
"""A larger file is no list of names, and is not read."""

MAX_TOTAL_CHARACTERS = 1 << 20
"""Of all the files that have a say in one folder; the deeper ones beyond it say nothing."""

MAX_LINES = 2000
"""Of one file; further lines say nothing."""

MAX_LINE_CHARACTERS = 1024
"""A longer line says nothing."""

MAX_KEPT_CHARACTERS = 1 << 14
"""Of a file whose lines are kept in memory to be used again."""

_FOLDERS: Part = [STAR, STAR]


@attrs.frozen
class _Line:
    """One line of a file.

    Attributes:
        ignores: False if the line takes others back (``!``).
        folders_only: Whether it is about folders only.
        pattern: What it fits, as seen from the file's folder.
    """

    ignores: bool
    folders_only: bool
    pattern: PathPattern


class IgnoreFile:
    """One ``.gitignore``."""

    def __init__(self, text: str) -> None:
        texts = text.removeprefix("\ufeff").split("\n", MAX_LINES)[:MAX_LINES]
        lines = [found for found in map(_line, texts) if found is not None]
        self._lines = lines[::-1]
        """With something that is in every path they fit: most are done with by this."""

    def verdict(self, path: str, deadline: Deadline) -> bool | None:
        """Tell whether an entry is left out, or None if nothing is said about it.

        Args:
            path: The entry as seen from the file's folder; a folder ends in a slash.
            deadline: By when it must be told.

        Raises:
            TookTooLong: The time is over.
        """
        for line in [line for literal, line in self._lines if literal in path]:
            deadline.check()
            is_folder = path.endswith("/")
            if line.pattern.fits(path.removesuffix("/")) and (is_folder or not line.folders_only):
                return line.ignores
        return None


@attrs.frozen
class Ignored:
    """All the files that have a say in one folder.

    Attributes:
        deadline: By when all must be told.
        files: Each with the number of characters that lead to its folder; the deepest comes last.
        characters: How many they have together.
    """

    deadline: Deadline = attrs.field(factory=Deadline)
    files: tuple[tuple[int, IgnoreFile], ...] = ()
    characters: int = 0

    def within(self, depth: int, text: str) -> Ignored:
        """Return this with one more file, whose folder's path has so many characters."""
        characters = self.characters + len(text)
        if characters > MAX_TOTAL_CHARACTERS:
            return self
        file = _kept(text) if len(text) <= MAX_KEPT_CHARACTERS else IgnoreFile(text)
        return Ignored(self.deadline, (*self.files, (depth, file)), characters)

    def names(self, folder: str, name: str) -> bool:
        """Tell whether an entry is left out.

        Args:
            folder: What leads to it from the root: empty, or ending in a slash.
            name: Its name; that of a folder ends in a slash.

        Raises:
            TookTooLong: The time is over.
        """
        for depth, file in reversed(self.files):
            verdict = file.verdict(folder[depth:] + name, self.deadline)
            if verdict is not None:
                return verdict
        return False


_kept = functools.lru_cache(maxsize=32)(IgnoreFile)
"""The same file again for the same text: most are read far more often than changed."""


def _line(text: str) -> tuple[str, _Line] | None:
    """Return what a line says, and something that is in every path it fits.

    None stands for a line that says nothing, or nothing that can be understood.
    """
    text = _trimmed(text)
    if not text or text.startswith("#") or len(text) > MAX_LINE_CHARACTERS:
        return None
    pattern = text.removeprefix("!")
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    parts = parts_of(pattern.removeprefix("/"))
    if parts is None or not all(parts):
        return None
    literal = max(map(longest_literal, parts), key=len)
    if "/" not in pattern:  # a name anywhere below
        parts = [_FOLDERS, *parts]
    return literal, _Line(not text.startswith("!"), folders_only, PathPattern.of(parts))


def _trimmed(text: str) -> str:
    """Return a line as git takes it: without its end, and without spaces that aren't escaped."""
    text = text.removesuffix("\r").partition("\0")[0]
    bare = text.rstrip(" ")
    escapes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if escapes % 2 and len(bare) < len(text) else bare
