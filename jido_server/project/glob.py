"""Finding files by a pattern: ``**``, ``*``, ``?``, ``[]`` and ``{a,b}``, as in a shell.

Only the folders that can lead to a match are read. A name that begins with a dot must be asked for
by one.
"""

from __future__ import annotations

import heapq
import re
import stat
from collections.abc import Iterator
from functools import partial

import attrs

from jido_server.errors import InvalidPath, PathError, PathEscapesBoundary
from jido_server.project.boundary import Boundary
from jido_server.project.braces import TooMany, without_braces
from jido_server.project.deadline import Deadline, TookTooLong
from jido_server.project.names import RootNames, leads_above, refusal, shown, split
from jido_server.project.path_pattern import PathPattern
from jido_server.project.tree import Found, Tree
from jido_server.project.walk import refuse_link
from jido_server.project.wildcard import parts_of

MAX_PATTERN_CHARACTERS = 1024
MAX_ALTERNATIVES = 100
MOST_MATCHES = 10_000
SECONDS = 10.0

_UP_TO_THE_LITERAL_END = re.compile(r".*[*?{}\[\]\\]", re.DOTALL)
_ASKS_FOR_HIDDEN = re.compile(r"(?:^|[/{,])\\?\.")


@attrs.frozen
class Matches:
    """The files that fit a pattern.

    Attributes:
        paths: Relative to the root, newest first.
        truncated: Whether there may be more: if there were more than ``MOST_MATCHES``, these are
            the newest; if the time was over, these were found until then.
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
        InvalidPath: The pattern is malformed, or its braces stand for too many.
        PathError: The start is no folder of the project.
    """
    parts, start = _checked(boundary, pattern, start)
    shows_hidden = include_ignored or _ASKS_FOR_HIDDEN.search("/".join(parts)) is not None
    patterns = _patterns(pattern, parts, dots=include_ignored or not shows_hidden)
    deadline = Deadline(seconds)
    tree = Tree(
        include_ignored=include_ignored,
        include_hidden=shows_hidden,
        want=partial(_fits_one, patterns, deadline),
        ending=_UP_TO_THE_LITERAL_END.sub("", parts[-1]),
        enter=partial(_leads_to_one, patterns),
        deadline=deadline,
    )
    in_time = _InTime(_dated(boundary, tree.files(boundary, start)))
    newest = heapq.nsmallest(MOST_MATCHES + 1, in_time)
    paths = [shown(path) for _, path in newest[:MOST_MATCHES]]
    return Matches(paths, truncated=len(newest) > MOST_MATCHES or in_time.is_over)


class _InTime:
    """What is found until the time is over.

    Attributes:
        is_over: Whether it was over before the end.
    """

    def __init__(self, found: Iterator[tuple[int, str]]) -> None:
        self._found = found
        self.is_over = False

    def __iter__(self) -> Iterator[tuple[int, str]]:
        try:
            yield from self._found
        except TookTooLong:
            self.is_over = True


def _checked(boundary: Boundary, pattern: str, start: str) -> tuple[list[str], str]:
    """Return the components of a pattern and the folder that they are relative to."""
    reason = refusal(pattern)
    if reason is None and len(pattern) > MAX_PATTERN_CHARACTERS:
        reason = f"a pattern has at most {MAX_PATTERN_CHARACTERS} characters"
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


def _patterns(pattern: str, parts: list[str], *, dots: bool) -> list[PathPattern]:
    """Return the patterns that one with braces stands for."""
    try:
        texts = without_braces("/".join(parts), MAX_ALTERNATIVES)
    except TooMany:
        reason = f"its braces stand for more than {MAX_ALTERNATIVES} patterns"
        raise InvalidPath(pattern, reason) from None
    split_up = [parts_of(text) for text in texts]
    return [PathPattern.of(found, dots=dots) for found in split_up if found is not None]


def _fits_one(patterns: list[PathPattern], deadline: Deadline, path: str) -> bool:
    deadline.check()
    for pattern in patterns:  # noqa: SIM110 - faster than `any`, and asked of every file
        if pattern.fits(path):
            return True
    return False


def _leads_to_one(patterns: list[PathPattern], folder: str) -> bool:
    return any(pattern.leads_into(folder) for pattern in patterns)


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
