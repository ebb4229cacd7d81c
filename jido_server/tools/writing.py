"""Tools that change the project's files, and never what this session has not seen."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable
from pathlib import PurePath
from typing import Annotated, TypeVar

import attrs

from jido_server.errors import FileNotFound, InvalidParams, NotText, PathError, Problem
from jido_server.protocol.constraints import Length
from jido_server.protocol.manager import WriteFileResult
from jido_server.session.file_order import Slow
from jido_server.session.manager import QUICK_BYTES, READ_LIMIT_BYTES
from jido_server.tools.diff import unified_diff
from jido_server.tools.limits import cut
from jido_server.tools.place import Place
from jido_server.tools.replacement import Edit, apply_edits, find_edits
from jido_server.tools.seen import blocks_of, fingerprint
from jido_server.tools.signature import ARGUMENTS

T = TypeVar("T")

LONGEST_STRING = 16 << 20


@attrs.frozen(kw_only=True)
class EditResult:
    """What an edit changed, or would change.

    Attributes:
        path: Absolute and resolved.
        replacements: In how many places.
        diff: The same as a unified diff.
        truncated: Whether the diff is cut.
        written: Whether the file was changed; false if it was a dry run.
    """

    path: str
    replacements: int
    diff: str
    truncated: bool
    written: bool


def write_file(
    place: Place, *, path: str, content: str, overwrite: bool = False
) -> Future[WriteFileResult]:
    """Write a whole file as UTF-8, all or nothing; missing folders are made.

    A file that was read before, and has changed since, is not overwritten: read it again first.

    Args:
        place: Where.
        path: The file, relative to the project or absolute and inside it.
        content: All of its new content.
        overwrite: Whether an existing file that was never read may be overwritten.
    """
    data = content.encode()

    def write() -> WriteFileResult:
        try:
            with place.manager.files.open_read(path) as old:
                content = fingerprint(blocks_of(old, path))
                place.seen.check(old.path, content, path, unread=overwrite)
        except FileNotFound:
            pass
        written = place.manager.files.write(path, data)
        place.seen.note(written.path, fingerprint([data]))
        return WriteFileResult(path=written.path, size=written.size, created=written.created)

    return _change(place, path, len(data), write)


def edit_file(  # noqa: PLR0913 - what a model can choose
    place: Place,
    *,
    path: str,
    old_string: Annotated[str, Length(1, LONGEST_STRING)],
    new_string: str,
    replace_all: bool = False,
    dry_run: bool = False,
) -> Future[EditResult]:
    """Replace text in a file in UTF-8, exactly as given, and return a diff.

    The file must have been read before, and not have changed since. Its line ends and its byte
    order mark are kept; line ends in the arguments may be given as plain newlines.

    Args:
        place: Where.
        path: The file, relative to the project or absolute and inside it.
        old_string: The text to replace, with enough around it to be there only once.
        new_string: The text to put in its place.
        replace_all: Whether to replace it wherever it is.
        dry_run: Whether to return the diff only, and leave the file as it is.
    """
    if old_string == new_string:
        raise _wrong("new_string", "is the same as old_string")

    def edit() -> EditResult:
        with place.manager.files.open_read(path) as file:
            data = file.bytes(READ_LIMIT_BYTES)
        place.seen.check(file.path, fingerprint([data]), path)
        text = _decoded(data, path)
        edits = find_edits(text, old_string, new_string)
        _check_found(edits, replace_all=replace_all)
        if not dry_run:
            new = apply_edits(text, edits).encode()
            written = place.manager.files.write(path, new)
            place.seen.note(written.path, fingerprint([new]))
        name = PurePath(file.path).relative_to(place.manager.project_root).as_posix()
        diff = unified_diff(name, text, edits).encode()
        return EditResult(
            path=file.path,
            replacements=len(edits),
            diff=cut(diff).decode(errors="ignore"),
            truncated=len(cut(diff)) < len(diff),
            written=not dry_run,
        )

    return _change(place, path, len(new_string), edit)


def _change(place: Place, path: str, size: int, change: Callable[[], T]) -> Future[T]:
    """Change a file in the order of the session's operations; a large one in a worker."""

    def begin() -> T | Slow[T]:
        return change() if max(size, _size(place, path)) <= QUICK_BYTES else Slow(change)

    return place.manager.order.write(begin)


def _size(place: Place, path: str) -> int:
    try:
        return place.manager.files.stat(path).size
    except PathError:
        return 0  # whatever it is will be said by what follows


def _decoded(data: bytes, path: str) -> str:
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError as error:
        raise NotText(path) from error


def _check_found(edits: list[Edit], *, replace_all: bool) -> None:
    if not edits:
        raise _wrong("old_string", "is not in the file")
    if len(edits) > 1 and not replace_all:
        said = f"is in the file {len(edits)} times; give more of its surroundings, or replace_all"
        raise _wrong("old_string", said)


def _wrong(argument: str, said: str) -> InvalidParams:
    return InvalidParams([Problem(f"{ARGUMENTS}.{argument}", said)])
