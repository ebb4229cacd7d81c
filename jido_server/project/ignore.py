"""What ``.gitignore`` files name.

pathspec knows what a line means. As in git, a folder that is left out is never entered, so a line
has to be asked only about an entry itself, not about the folders above it: the last line of the
deepest file that says anything about the entry decides.

The files come with the project and are not trusted: their size is limited, and their expressions
are made so that no name can keep them busy.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import attrs
from pathspec.patterns.gitignore.base import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from jido_server.project.names import LONGEST_PATH

MOST_BYTES = 1 << 18
"""A larger file is no list of names, and is not read."""

MOST_LINES = 2000
"""Further lines say nothing, nor do those that are longer than a path can be."""

_ANY_FOLDER = "^(?:.+/)?"
_FOLDERS_BETWEEN = "(?:/.+)?"
_STAR = "[^/]*"
_MOST_STARS = 3
"""Stars in a line that has ``**`` in its middle, and whose expression can therefore be slow."""


@attrs.frozen
class _Line:
    """One line of a file.

    Attributes:
        ignores: False if the line takes others back (``!``).
        regex: What it matches; a folder ends in a slash.
        by_name: Whether it is about names anywhere below, or about paths from here.
    """

    ignores: bool
    regex: re.Pattern[str]
    by_name: bool = False

    def names(self, entry: str) -> bool:
        """Tell whether the line means the entry itself, not what is above it or in it."""
        found = self.regex.match(entry)
        if found is None:
            return False
        to_the_end = found.end() == len(entry)
        if found.lastgroup is not None:  # the slash behind a folder that it names
            return to_the_end
        return not (to_the_end and entry.endswith("/"))  # else `folder/**`: all that is in it


class IgnoreFile:
    """One ``.gitignore``."""

    def __init__(self, text: str) -> None:
        texts = text.removeprefix("\ufeff").split("\n")[:MOST_LINES]
        lines = [line for line in map(_compiled, texts) if line is not None]
        self._lines = lines[::-1]
        self._any_name = _union(line for line in lines if line.by_name)
        self._any_path = _union(line for line in lines if not line.by_name)

    def verdict(self, path: str, name: str) -> bool | None:
        """Tell whether an entry is left out, or None if nothing is said about it.

        Args:
            path: The entry as seen from the file's folder; a folder ends in a slash.
            name: The last component of it, with that slash.
        """
        if not self._any_name.match(name) and not self._any_path.match(path):
            return None
        for line in self._lines:
            if line.names(name if line.by_name else path):
                return line.ignores
        return None


@attrs.frozen
class Ignored:
    """All the files that have a say in one folder.

    Attributes:
        files: Each with the number of characters that lead to its folder; the deepest comes last.
    """

    files: tuple[tuple[int, IgnoreFile], ...] = ()

    def within(self, depth: int, text: str) -> Ignored:
        """Return this with one more file, whose folder's path has so many characters."""
        return Ignored((*self.files, (depth, _ignore_file(text))))

    def names(self, folder: str, name: str) -> bool:
        """Tell whether an entry is left out.

        Args:
            folder: What leads to it from the root: empty, or ending in a slash.
            name: Its name; that of a folder ends in a slash.
        """
        for depth, file in reversed(self.files):
            verdict = file.verdict(folder[depth:] + name, name)
            if verdict is not None:
                return verdict
        return False


@functools.lru_cache(maxsize=32)
def _ignore_file(text: str) -> IgnoreFile:
    """Return the same file again for the same text: most are read far more often than changed."""
    return IgnoreFile(text)


def _compiled(text: str) -> _Line | None:
    """Return what a line says, or None if it says nothing, or nothing that can be understood."""
    if len(text) > LONGEST_PATH:
        return None
    try:
        pattern = GitIgnoreSpecPattern(text)
    except (GitIgnorePatternError, re.error):
        return None
    if pattern.include is None or pattern.regex is None:
        return None
    source: str = pattern.regex.pattern
    if not source.startswith("^"):  # all names, or those of all folders
        return _Line(pattern.include, re.compile(".*?" + source, re.DOTALL), by_name=True)
    if _FOLDERS_BETWEEN in source and source.count(_STAR) > _MOST_STARS:
        return None
    source = _without_backtracking(source)
    by_name = source.startswith(_ANY_FOLDER) and not _has_inner_slash(source)
    if by_name:
        source = source.removeprefix(_ANY_FOLDER)
    return _Line(pattern.include, re.compile(source, re.DOTALL), by_name)


def _without_backtracking(source: str) -> str:
    """Return an expression that takes time in proportion to the name.

    Within one component it is always right for a star to stop at the first place where what
    follows it, up to the next star, is found; so that choice need never be taken back.
    """
    if _FOLDERS_BETWEEN in source or _STAR not in source:
        return source
    head, *middle, tail = source.split(_STAR)
    return f"{head}{''.join(f'(?>{_STAR}?{part})' for part in middle)}{_STAR}{tail}"


def _has_inner_slash(source: str) -> bool:
    """Tell whether an expression for any folder is about more than the last component."""
    body = source.removeprefix(_ANY_FOLDER).removesuffix("(?:(?P<ps_d>/)|$)")
    return "/" in body.removesuffix("(?P<ps_d>/)").replace("[^/]", "")


def _union(lines: Iterable[_Line]) -> re.Pattern[str]:
    """Return an expression for whatever any of the lines may match; nothing, if there are none."""
    sources = [f"(?:{line.regex.pattern.replace('?P<ps_d>', '?:')})" for line in lines]
    return re.compile("|".join(sources) or "(?!)", re.DOTALL)
