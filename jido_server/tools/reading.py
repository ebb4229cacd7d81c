"""Tools that look at the project's files and change nothing."""

from __future__ import annotations

import codecs
from asyncio import Future
from functools import partial

import attrs

from jido_server.errors import NotText
from jido_server.project.reading import OpenFile
from jido_server.protocol.constraints import Positive
from jido_server.protocol.manager import DirEntry
from jido_server.session.file_order import Slow
from jido_server.session.manager import QUICK_BYTES
from jido_server.tools.limits import cut, how_many_fit
from jido_server.tools.place import Place
from jido_server.tools.seen import blocks_of, fingerprint
from jido_server.tools.window import Window

BYTE_ORDER_MARK = "\ufeff"


@attrs.frozen(kw_only=True)
class FileWindow:
    """Some lines of a file.

    Attributes:
        path: Absolute and resolved.
        content: The lines, with their ends as they are in the file, but no byte order mark.
        first_line: The number of the first one.
        last_line: The number of the last one; that before the first one if there are none.
        total_lines: How many the file has.
        size: Bytes of the whole file.
        truncated: Whether something that was asked for is left out, as it is too much.
    """

    path: str
    content: str
    first_line: int
    last_line: int
    total_lines: int
    size: int
    truncated: bool


@attrs.frozen(kw_only=True)
class Directory:
    """What is in a directory.

    Attributes:
        path: Absolute and resolved.
        entries: Directories first, then by name.
        truncated: Whether there are more.
    """

    path: str
    entries: list[DirEntry]
    truncated: bool


@attrs.frozen(kw_only=True)
class FoundPaths:
    """Files that fit a pattern.

    Attributes:
        paths: Relative to the root, newest first.
        truncated: Whether there are more.
    """

    paths: list[str]
    truncated: bool


def read_file(
    place: Place, *, path: str, offset: Positive = 1, limit: Positive = 2000
) -> Future[FileWindow]:
    """Read lines of a text file in UTF-8.

    The answer says how many lines the file has, and is cut after 256 KiB. A file must have been
    read before it can be edited.

    Args:
        place: Where.
        path: The file, relative to the project or absolute and inside it.
        offset: The first line to give, from 1.
        limit: How many lines to give at most.
    """
    window = partial(_window, place, asked=path, first=offset, count=limit)
    return place.manager.read_as(path, window, quick_bytes=QUICK_BYTES)


def list_directory(place: Place, *, path: str = ".") -> Future[Directory]:
    """List what is in a directory, directories first, at most 1000 entries.

    Args:
        place: Where.
        path: The directory; the project's root by default.
    """

    def list_() -> Directory:
        listing = place.manager.files.list(path)
        count = how_many_fit(entry.name for entry in listing.entries)
        entries = [DirEntry(name=entry.name, type=entry.type) for entry in listing.entries[:count]]
        return Directory(path=listing.path, entries=entries, truncated=count < len(listing.entries))

    return place.manager.order.read(lambda: Slow(list_))


def find_files(
    place: Place, *, pattern: str, path: str = ".", include_ignored: bool = False
) -> Future[FoundPaths]:
    """Find files by a glob pattern, the newest first, at most 1000.

    Args:
        place: Where.
        pattern: With `**`, `*`, `?`, `[a-z]` and `{a,b}`, as in `src/**/*.py`.
        path: The folder that the pattern is relative to; the project's root by default.
        include_ignored: Whether to find hidden files and those that .gitignore names, too.
    """

    def find() -> FoundPaths:
        matches = place.manager.files.glob(pattern, path, include_ignored=include_ignored)
        count = how_many_fit(matches.paths)
        truncated = matches.truncated or count < len(matches.paths)
        return FoundPaths(paths=matches.paths[:count], truncated=truncated)

    return place.manager.order.read(lambda: Slow(find))


def _window(place: Place, file: OpenFile, asked: str, first: int, count: int) -> FileWindow:
    window = Window(first, count)
    with file:
        seen = fingerprint(window.watch(blocks_of(file, asked)))
    kept = cut(bytes(window.kept))
    try:
        text, _ = codecs.utf_8_decode(kept, "strict", len(kept) == len(window.kept))
    except UnicodeDecodeError as error:
        raise NotText(asked) from error
    place.seen.note(file.path, seen)
    lines = kept.count(b"\n") + (not kept.endswith(b"\n") if kept else 0)
    return FileWindow(
        path=file.path,
        content=text.removeprefix(BYTE_ORDER_MARK) if first == 1 else text,
        first_line=first,
        last_line=first + lines - 1,
        total_lines=window.total,
        size=file.size,
        truncated=len(kept) < len(window.kept),
    )
