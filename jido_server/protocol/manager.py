"""Methods of a session's Manager: files and scripts, inside the project."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal

import attrs

from jido_server.protocol.constraints import Positive, TimeoutMs
from jido_server.protocol.method import Request, SessionParams

Encoding = Literal["utf-8", "base64"]
FileType = Literal["file", "directory", "symlink", "other"]


@attrs.frozen(kw_only=True)
class ProjectRootResult:
    """The root that nothing leaves, absolute and resolved."""

    project_root: str


@attrs.frozen(kw_only=True)
class PathParams:
    """Params of methods that take one path.

    Attributes:
        session_id: An open session.
        path: Relative to the project's root, or absolute and inside it.
    """

    session_id: str
    path: str


@attrs.frozen(kw_only=True)
class PathResult:
    """A path, absolute and resolved."""

    path: str


@attrs.frozen(kw_only=True)
class ReadFileParams:
    """Params of ``jido/manager/readFile``.

    Attributes:
        session_id: An open session.
        path: Relative to the project's root, or absolute and inside it.
        offset: The first line to give, from 1 (text only).
        limit: How many lines to give at most (text only).
        encoding: How the content is given.
    """

    session_id: str
    path: str
    offset: Positive | None = None
    limit: Positive | None = None
    encoding: Encoding = "utf-8"


@attrs.frozen(kw_only=True)
class ReadFileResult:
    """What a file holds.

    Attributes:
        path: Absolute and resolved.
        content: The text, or the bytes in base64.
        encoding: How the content is given.
        size: Bytes of the whole file.
        truncated: Whether something of the file is not in ``content``.
    """

    path: str
    content: str
    encoding: Encoding
    size: int
    truncated: bool


@attrs.frozen(kw_only=True)
class WriteFileParams:
    """Params of ``jido/manager/writeFile``.

    Attributes:
        session_id: An open session.
        path: Relative to the project's root, or absolute and inside it; missing folders are made.
        content: The new content, as text or as bytes in base64.
        encoding: How the content is given.
    """

    session_id: str
    path: str
    content: str
    encoding: Encoding = "utf-8"


@attrs.frozen(kw_only=True)
class WriteFileResult:
    """What was written.

    Attributes:
        path: Absolute and resolved.
        size: Bytes written.
        created: Whether there was no such file before.
    """

    path: str
    size: int
    created: bool


@attrs.frozen(kw_only=True)
class ListDirParams:
    """Params of ``jido/manager/listDir``.

    Attributes:
        session_id: An open session.
        path: The folder; the root by default.
    """

    session_id: str
    path: str = "."


@attrs.define  # not frozen, which would double what making thousands of them costs
class DirEntry:
    r"""One entry of a folder.

    Attributes:
        name: Bytes that are not UTF-8 are shown as ``\xff``.
        type: What it is; a link is a link, whatever it leads to.
    """

    name: str
    type: FileType


@attrs.frozen(kw_only=True)
class ListDirResult:
    """The entries of a folder, directories first, then by name."""

    path: str
    entries: list[DirEntry]


@attrs.frozen(kw_only=True)
class StatResult:
    """What is known of a file or folder.

    Attributes:
        path: Absolute and resolved.
        type: What it is, links inside the project followed.
        size: Bytes.
        modified_at: ISO 8601, UTC.
        mode: The permission bits.
    """

    path: str
    type: FileType
    size: int
    modified_at: str
    mode: int


@attrs.frozen(kw_only=True)
class MakeDirResult:
    """A folder that is there now.

    Attributes:
        path: Absolute and resolved.
        created: Whether it was not there before.
    """

    path: str
    created: bool


@attrs.frozen(kw_only=True)
class DeleteParams:
    """Params of ``jido/manager/delete``.

    Attributes:
        session_id: An open session.
        path: A file, a link (which is never followed) or a folder.
        recursive: Needed for a folder.
    """

    session_id: str
    path: str
    recursive: bool = False


@attrs.frozen(kw_only=True)
class GlobParams:
    """Params of ``jido/manager/glob``.

    Attributes:
        session_id: An open session.
        pattern: With ``**``, ``*``, ``?``, ``[a-z]`` and ``{a,b}``.
        path: Where to look; the root by default.
        include_ignored: Whether hidden files and those that ``.gitignore`` names count.
    """

    session_id: str
    pattern: str
    path: str = "."
    include_ignored: bool = False


@attrs.frozen(kw_only=True)
class GlobResult:
    """The files that fit.

    Attributes:
        paths: Relative to the root, newest first.
        truncated: True if there may be more: only the newest 10,000 are given, and only what was
            found within 10 s.
    """

    paths: list[str]
    truncated: bool | None = None


@attrs.frozen(kw_only=True)
class RunLuaParams:
    """Params of ``jido/manager/runLua``.

    Attributes:
        session_id: An open session.
        script: Lua 5.4.
        timeout_ms: After how many milliseconds the script is ended, from 1 to 300,000; 30,000 by
            default, unless the server's settings say otherwise.
    """

    session_id: str
    script: str
    timeout_ms: TimeoutMs | None = None


@attrs.frozen(kw_only=True)
class RunLuaResult:
    """What a script gave.

    Attributes:
        values: What it returned.
        output: What it printed, at most 1 MiB.
        duration_ms: How long it ran.
    """

    values: list[Any]
    output: str
    duration_ms: float


PROJECT_ROOT = Request(
    "jido/manager/projectRoot", SessionParams, ProjectRootResult, "The root that nothing leaves."
)
VALIDATE_PATH = Request(
    "jido/manager/validatePath",
    PathParams,
    PathResult,
    "Where a path leads; its last components need not exist.",
)
READ_FILE = Request(
    "jido/manager/readFile", ReadFileParams, ReadFileResult, "Read a file, or some lines of it."
)
WRITE_FILE = Request(
    "jido/manager/writeFile", WriteFileParams, WriteFileResult, "Write a file, all or nothing."
)
LIST_DIR = Request(
    "jido/manager/listDir", ListDirParams, ListDirResult, "List a folder, directories first."
)
STAT = Request("jido/manager/stat", PathParams, StatResult, "Type, size, time and mode of a path.")
MAKE_DIR = Request(
    "jido/manager/makeDir", PathParams, MakeDirResult, "Make a folder, its parents too."
)
DELETE = Request(
    "jido/manager/delete", DeleteParams, NoneType, "Delete a file, a link or a whole folder."
)
GLOB = Request(
    "jido/manager/glob", GlobParams, GlobResult, "Find files by a pattern, newest first."
)
RUN_LUA = Request(
    "jido/manager/runLua", RunLuaParams, RunLuaResult, "Run a script in the session's Lua sandbox."
)
