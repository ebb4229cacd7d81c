"""``search_files``: a regular expression over the project.

ripgrep finds; the boundary decides. Each line found is read again from its file, opened through
the boundary, and only what is there byte for byte is given. So whatever was swapped for whatever
while ripgrep read, nothing from outside is answered; a file that changes meanwhile may be left
out.
"""

from __future__ import annotations

import asyncio
import re
from asyncio import Future
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath
from typing import Annotated

import attrs

from jido_server.errors import FileNotFound, InvalidParams, NotRegularFile, PathError, Problem
from jido_server.project.files import Files
from jido_server.project.reading import OpenFile
from jido_server.protocol.constraints import Length, Range
from jido_server.session.file_order import Slow
from jido_server.tools.place import Place
from jido_server.tools.ripgrep import Found, Query, WrongPattern
from jido_server.tools.ripgrep_output import Hits, Line
from jido_server.tools.signature import ARGUMENTS

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_MATCHES = 1000
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
class Start:
    """Where a search begins.

    Attributes:
        path: As seen from the root; "." for the root itself.
        only: What leaves nothing else, if ignore files above it are to be heeded.
    """

    path: str
    only: str


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
        include_ignored=include_ignored,
    )
    # What was written before is searched; what is written meanwhile doesn't wait for the end.
    find_start = partial(_start, place.manager.files, path, include_ignored=include_ignored)
    start: Future[Start] = place.manager.order.read(lambda: Slow(find_start))
    return asyncio.ensure_future(_search(place, query, start))


async def _search(
    place: Place, query: Callable[..., Query], finding_start: Future[Start]
) -> SearchResult:
    start = await finding_start
    manager = place.manager
    try:
        found = await place.ripgrep.search(
            manager.project_root, query(start=start.path, only=start.only)
        )
    except WrongPattern as error:
        wrong = "file_name" if "glob" in str(error) else "pattern"
        raise InvalidParams([Problem(f"{ARGUMENTS}.{wrong}", str(error))]) from None
    except FileNotFoundError:
        raise FileNotFound(start.path) from None
    look_again = partial(_seen_inside, manager.files, found)
    return await manager.order.read(lambda: Slow(look_again))


def _start(files: Files, path: str, *, include_ignored: bool) -> Start:
    there = files.stat(path)
    if there.type == "other":
        raise NotRegularFile(path)
    start = PurePath(there.path).relative_to(files.boundary.root).as_posix()
    if start == "." or there.type == "file" or include_ignored:
        return Start(start, only="")
    # Imported when it is needed, as for a glob: it takes a quarter of the server's start.
    from jido_server.project.tree import is_left_out  # noqa: PLC0415

    if is_left_out(files.boundary, start):  # then it is meant
        return Start(start, only="")
    return Start(start, only="".join(_ignoring_all_but(start.split("/"))))


def _ignoring_all_but(names: list[str]) -> Iterator[str]:
    """Yield the lines of an ignore file that leaves one folder."""
    folder = "/"
    for name in names:
        escaped = re.sub(r"([\\*?\[\]!# ])", r"\\\1", name).replace("\n", "?")
        yield f"{folder}*\n!{folder}{escaped}\n"
        folder += f"{escaped}/"


def _seen_inside(files: Files, found: Found) -> SearchResult:
    """Return what the boundary sees as well."""
    kept = [FoundFile(path=hits.path, lines=_lines(files, hits)) for hits in found.files]
    kept = sorted((file for file in kept if file.lines), key=lambda file: file.path)
    return SearchResult(
        files=kept,
        matches=sum(line.is_match for file in kept for line in file.lines),
        truncated=found.truncated,
        timed_out=found.timed_out,
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
