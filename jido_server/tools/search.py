"""``search_files``: a regular expression over the project.

ripgrep finds; the boundary decides. Each line found is read again from its file, opened through
the boundary, and only what is there byte for byte is given. So whatever was swapped for whatever
while ripgrep read, nothing from outside is answered; a file that changes meanwhile may be left
out.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import PurePath
from typing import Annotated

import attrs

from jido_server.errors import (
    FileNotFound,
    FileTooLarge,
    InvalidParams,
    NotRegularFile,
    PathError,
    Problem,
)
from jido_server.project.files import Files
from jido_server.project.reading import OpenFile
from jido_server.protocol.constraints import Length, Range
from jido_server.session.file_order import Slow
from jido_server.tools.place import Place
from jido_server.tools.ripgrep import Found, WrongPattern
from jido_server.tools.ripgrep_output import Hits, Line
from jido_server.tools.ripgrep_query import MAX_FILE_BYTES, Query
from jido_server.tools.signature import ARGUMENTS

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_MATCHES = 1000
MAX_NAMES = 200_000
"""Of the folders that are searched, and of files in them that don't count."""
NONE: AbstractSet[str] = frozenset()
CUT = "…"


@attrs.frozen(kw_only=True)
class FoundLine:
    """A line of a file.

    Attributes:
        number: From 1.
        text: Without its end; a long line is cut to the part around its first match, marked "…".
        is_match: Whether it matches, or is there for context.
    """

    number: int
    text: str
    is_match: bool


@attrs.frozen(kw_only=True)
class FoundFile:
    """A file with matches.

    Attributes:
        path: Relative to the root.
        lines: In order; where numbers are missing, lines are left out.
    """

    path: str
    lines: list[FoundLine]


@attrs.frozen(kw_only=True)
class SearchResult:
    """What was found.

    Attributes:
        files: By path.
        matches: How many lines match.
        truncated: Whether there is more than is given.
        timed_out: Whether that is because the time was over.
    """

    files: list[FoundFile]
    matches: int
    truncated: bool
    timed_out: bool


@attrs.frozen
class Places:
    """Where is searched.

    Attributes:
        where: The folders whose own files are searched, or one file; each as seen from the root,
            with the names in it that don't count.
        truncated: Whether there are more.
        timed_out: Whether that is because the time was over.
    """

    where: dict[str, AbstractSet[str]]
    truncated: bool = False
    timed_out: bool = False


def search_files(  # noqa: PLR0913 - what a model can choose
    place: Place,
    *,
    pattern: Annotated[str, Length(1, 4096)],
    path: str = ".",
    file_name: Annotated[str, Length(0, 256)] = "",
    context: Annotated[int, Range(0, 10)] = 0,
    limit: Annotated[int, Range(1, MOST_MATCHES)] = 200,
    ignore_case: bool = False,
    include_ignored: bool = False,
) -> Future[SearchResult]:
    """Search the contents of the project's files with a regular expression.

    Text files in UTF-8 up to 16 MiB are searched line by line; links are not followed.

    Args:
        place: Where.
        pattern: A regular expression in the syntax of ripgrep (of Rust): no look-around, no
            backreferences, nothing that spans lines.
        path: The folder or file to search; the whole project by default.
        file_name: Only files whose name fits this glob, as in `*.py` or `*.{ts,tsx}`.
        context: How many lines to give before and after each match.
        limit: How many matching lines to give at most.
        ignore_case: Whether upper and lower case are the same.
        include_ignored: Whether to search hidden files and those that .gitignore names, too.
    """
    for name, text in (("pattern", pattern), ("file_name", file_name)):
        if "\0" in text:
            raise InvalidParams([Problem(f"{ARGUMENTS}.{name}", "holds a NUL")])
    query = partial(
        Query,
        pattern=pattern,
        file_name=file_name,
        context=context,
        limit=limit,
        ignore_case=ignore_case,
        include_hidden=include_ignored,
    )
    # What was written before is searched; what is written meanwhile doesn't wait for the end.
    find = partial(
        places_of,
        place.manager.files,
        path,
        include_ignored=include_ignored,
        seconds=place.ripgrep.seconds,
    )
    places: Future[Places] = place.manager.order.read(lambda: Slow(find))
    return asyncio.ensure_future(_search(place, query, places))


async def _search(
    place: Place, query: Callable[..., Query], finding_places: Future[Places]
) -> SearchResult:
    places = await finding_places
    manager = place.manager
    try:
        found = await place.ripgrep.search(manager.project_root, query(where=places.where))
    except WrongPattern as error:
        wrong = "file_name" if "glob" in str(error) else "pattern"
        raise InvalidParams([Problem(f"{ARGUMENTS}.{wrong}", str(error))]) from None
    except FileNotFoundError:
        raise FileNotFound(next(iter(places.where), ".")) from None
    look_again = partial(_seen_inside, manager.files, places, found)
    return await manager.order.read(lambda: Slow(look_again))


def places_of(files: Files, path: str, *, include_ignored: bool, seconds: float) -> Places:
    """Return the folders that count beneath a path, or the file that it is."""
    there = files.stat(path)
    if there.type == "other":
        raise NotRegularFile(path)
    start = PurePath(there.path).relative_to(files.boundary.root).as_posix()
    if there.type == "file":
        if there.size > MAX_FILE_BYTES:
            raise FileTooLarge(path, there.size, MAX_FILE_BYTES)
        return Places({start: NONE})
    # Imported when it is needed, as for a glob: it takes a part of the server's start.
    from jido_server.project.deadline import Deadline, TookTooLong  # noqa: PLC0415
    from jido_server.project.tree import Tree  # noqa: PLC0415

    tree = Tree(
        include_ignored=include_ignored,
        include_hidden=include_ignored,
        deadline=Deadline(seconds),
    )
    where: dict[str, AbstractSet[str]] = {}
    names = 0
    try:
        for found in tree.files(files.boundary, start):
            where[found.path.rstrip("/") or "."] = found.left_out or NONE
            names += 1 + len(found.left_out)
            if names > MAX_NAMES:
                return Places(where, truncated=True)
    except TookTooLong:
        return Places(where, truncated=True, timed_out=True)
    return Places(where)


def _seen_inside(files: Files, places: Places, found: Found) -> SearchResult:
    """Return what the boundary sees as well."""
    kept = [FoundFile(path=hits.path, lines=_lines(files, hits)) for hits in found.files]
    kept = sorted((file for file in kept if file.lines), key=lambda file: file.path)
    return SearchResult(
        files=kept,
        matches=sum(line.is_match for file in kept for line in file.lines),
        truncated=places.truncated or found.truncated,
        timed_out=places.timed_out or found.timed_out,
    )


def _lines(files: Files, hits: Hits) -> list[FoundLine]:
    try:
        with files.open_read(hits.path) as file:
            mark = file.part(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
            shift = len(BYTE_ORDER_MARK) if mark else 0
            return [_shown(line) for line in hits.lines if _is_there(file, line, shift)]
    except PathError:
        return []


def _is_there(file: OpenFile, line: Line, shift: int) -> bool:
    return file.part(line.offset + shift, len(line.content)) == line.content


def _shown(line: Line) -> FoundLine:
    text = line.content.decode(errors="replace").rstrip("\r\n")
    if line.cut_before:
        text = CUT + text.lstrip("\ufffd")
    if line.cut_after:
        text = text.rstrip("\ufffd") + CUT
    return FoundLine(number=line.number, text=text, is_match=line.is_match)
