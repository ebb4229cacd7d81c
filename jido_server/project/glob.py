"""Finding files by a pattern: ``**``, ``*``, ``?``, ``[]`` and ``{a,b}``, as in a shell.

wcmatch turns the pattern into one expression, and the folders that can lead to a match into
another, so that no other folder is read. A name that begins with a dot must be asked for by one.
"""

from __future__ import annotations

import heapq
import re
import stat
from collections.abc import Iterator

import attrs
from wcmatch import glob as wcglob
from wcmatch._wcparse import PatternLimitException

from jido_server.errors import InvalidPath, PathError, PathEscapesBoundary
from jido_server.project.boundary import Boundary
from jido_server.project.names import RootNames, leads_above, refusal, shown, split
from jido_server.project.tree import Found, TookTooLong, Tree
from jido_server.project.walk import refuse_link

LONGEST_PATTERN = 1024
MOST_STARS = 16
MOST_FOLDER_STARS = 3
"""How often a pattern may say ``**``: time grows with the depth of a path to this power."""
MOST_ALTERNATIVES = 100
MOST_MATCHES = 10_000
SECONDS = 10.0

_FLAGS = wcglob.GLOBSTAR | wcglob.BRACE | wcglob.FORCEUNIX | wcglob.CASE
_NOT_LITERAL = frozenset("{}[]\\")
_UP_TO_THE_LITERAL_END = re.compile(r".*[*?{}\[\]\\]", re.DOTALL)
_ASKS_FOR_HIDDEN = re.compile(r"(?:^|[/{,])\\?\.")


@attrs.frozen
class Matches:
    """The files that fit a pattern.

    Attributes:
        paths: Relative to the root, newest first.
        truncated: Whether there were more than ``MOST_MATCHES``; then these are the newest.
    """

    paths: list[str]
    truncated: bool


def glob(
    boundary: Boundary,
    pattern: str,
    start: str = ".",
    *,
    include_ignored: bool = False,
    seconds: float = SECONDS,
) -> Matches:
    """Return the files that fit a pattern.

    Links to files inside are files; links to folders are not followed, and folders deeper than
    ``tree.DEEPEST`` not entered.

    Args:
        boundary: The project.
        pattern: Relative to ``start``, or absolute and inside the root.
        start: The folder beneath which files are looked for.
        include_ignored: Whether hidden files, and those that ``.gitignore`` names, count as well;
            ``.git`` never does.
        seconds: The time it may take.

    Raises:
        PathEscapesBoundary: The pattern leads outside.
        PathOutsideBoundary: The pattern is absolute and outside.
        InvalidPath: The pattern is malformed or asks too much, or the time was not enough.
        PathError: The start is no folder of the project.
    """
    parts, start = _checked(boundary, pattern, start)
    shows_hidden = include_ignored or _ASKS_FOR_HIDDEN.search("/".join(parts)) is not None
    tree = Tree(
        include_ignored=include_ignored,
        include_hidden=shows_hidden,
        want=_expression(pattern, ["/".join(parts)], dots=include_ignored).match,
        ending=_UP_TO_THE_LITERAL_END.sub("", parts[-1]),
        enter=_expression(pattern, _folders_on_the_way(parts), dots=shows_hidden).match,
        seconds=seconds,
    )
    try:
        newest = heapq.nsmallest(MOST_MATCHES + 1, _dated(boundary, tree.files(boundary, start)))
    except TookTooLong as error:
        raise InvalidPath(pattern, f"finding it took longer than {seconds:g} s") from error
    paths = [shown(path) for _, path in newest[:MOST_MATCHES]]
    return Matches(paths, truncated=len(newest) > MOST_MATCHES)


def _checked(boundary: Boundary, pattern: str, start: str) -> tuple[list[str], str]:
    """Return the components of a pattern and the folder that they are relative to."""
    reason = refusal(pattern) or _excess(pattern)
    if reason is not None:
        raise InvalidPath(shown(pattern), reason)
    if RootNames.is_absolute(pattern):
        return boundary.parts(pattern), "."
    parts = split(pattern)
    if ".." in parts:
        if leads_above([*boundary.parts(start), *parts]):
            raise PathEscapesBoundary(pattern)
        raise InvalidPath(pattern, "a pattern has no `..`")
    return parts, start


def _excess(pattern: str) -> str | None:
    """Return what a pattern has too much of, or None."""
    if len(pattern) > LONGEST_PATTERN:
        return f"a pattern has at most {LONGEST_PATTERN} characters"
    stars: list[str] = re.findall(r"\*+", pattern)
    if len(stars) > MOST_STARS:
        return f"a pattern has at most {MOST_STARS} stars"
    if sum(len(run) > 1 for run in stars) > MOST_FOLDER_STARS:
        return f"a pattern has at most {MOST_FOLDER_STARS} times `**`"
    return None


def _folders_on_the_way(parts: list[str]) -> list[str]:
    """Return patterns for the folders in which, or beneath which, something can match."""
    folders: list[str] = []
    for count, part in enumerate(parts, start=1):
        if part == "**" or not _NOT_LITERAL.isdisjoint(part):
            return [*folders, "/".join([*parts[: count - 1], "**"])]
        folders.append("/".join(parts[:count]))
    return folders[:-1]


def _expression(pattern: str, globs: list[str], *, dots: bool) -> re.Pattern[str]:
    """Return one expression for any of these; with ``dots``, stars match hidden names, too."""
    flags = _FLAGS | wcglob.DOTGLOB if dots else _FLAGS
    try:
        sources, _ = wcglob.translate(globs, flags=flags, limit=MOST_ALTERNATIVES)
    except PatternLimitException as error:
        reason = f"its braces stand for more than {MOST_ALTERNATIVES} patterns"
        raise InvalidPath(pattern, reason) from error
    return re.compile("|".join(sources) or "(?!)")


def _dated(boundary: Boundary, found: Iterator[Found]) -> Iterator[tuple[int, str]]:
    """Yield the files with their times, such that the newest is the smallest."""
    for here in found:
        for file in here.files:
            path = here.path + file.name
            try:
                if file.is_symlink():
                    status, _ = boundary.reach(path, refuse_link)
                else:
                    status = file.stat(follow_symlinks=False)
            except (OSError, PathError):  # it went, or leads nowhere or outside
                continue
            if stat.S_ISREG(status.st_mode):
                yield -status.st_mtime_ns, path
