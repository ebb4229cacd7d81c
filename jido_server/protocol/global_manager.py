"""Methods of the deprecated global manager: those of a session's, with the session left out."""

from __future__ import annotations

import attrs

from jido_server.protocol import manager
from jido_server.protocol.constraints import Positive, TimeoutMs
from jido_server.protocol.manager import Encoding
from jido_server.protocol.method import Request


@attrs.frozen(kw_only=True)
class GlobalProjectRootParams:
    """Params of ``jido/tools/projectRoot``.

    Attributes:
        session_id: An open session; without one, the global manager is asked.
    """

    session_id: str | None = None


@attrs.frozen(kw_only=True)
class GlobalPathParams:
    """Params of ``jido/tools/validatePath``.

    Attributes:
        session_id: An open session; without one, the global manager is asked.
        path: Relative to the root, or absolute and inside it.
    """

    session_id: str | None = None
    path: str


@attrs.frozen(kw_only=True)
class GlobalReadFileParams:
    """Params of ``jido/tools/readFile``.

    Attributes:
        session_id: An open session; without one, the global manager is asked.
        path: Relative to the root, or absolute and inside it.
        offset: The first line to give, from 1 (text only).
        limit: How many lines to give at most (text only).
        encoding: How the content is given.
    """

    session_id: str | None = None
    path: str
    offset: Positive | None = None
    limit: Positive | None = None
    encoding: Encoding = "utf-8"


@attrs.frozen(kw_only=True)
class GlobalWriteFileParams:
    """Params of ``jido/tools/writeFile``.

    Attributes:
        session_id: An open session; without one, the global manager is asked.
        path: Relative to the root, or absolute and inside it; missing folders are made.
        content: The new content, as text or as bytes in base64.
        encoding: How the content is given.
    """

    session_id: str | None = None
    path: str
    content: str
    encoding: Encoding = "utf-8"


@attrs.frozen(kw_only=True)
class GlobalListDirParams:
    """Params of ``jido/tools/listDir``.

    Attributes:
        session_id: An open session; without one, the global manager is asked.
        path: The folder; the root by default.
    """

    session_id: str | None = None
    path: str = "."


@attrs.frozen(kw_only=True)
class GlobalRunLuaParams:
    """Params of ``jido/tools/runLua``.

    Attributes:
        session_id: An open session; without one, the global manager is asked.
        script: Lua source.
        timeout_ms: After how many milliseconds the script is ended, from 1 to 300,000; 30,000 by
            default, unless the server's settings say otherwise.
    """

    session_id: str | None = None
    script: str
    timeout_ms: TimeoutMs | None = None


PROJECT_ROOT = Request(
    "jido/tools/projectRoot",
    GlobalProjectRootParams,
    manager.ProjectRootResult,
    "Deprecated: as `jido/manager/projectRoot`.",
)
VALIDATE_PATH = Request(
    "jido/tools/validatePath",
    GlobalPathParams,
    manager.PathResult,
    "Deprecated: as `jido/manager/validatePath`.",
)
READ_FILE = Request(
    "jido/tools/readFile",
    GlobalReadFileParams,
    manager.ReadFileResult,
    "Deprecated: as `jido/manager/readFile`.",
)
WRITE_FILE = Request(
    "jido/tools/writeFile",
    GlobalWriteFileParams,
    manager.WriteFileResult,
    "Deprecated: as `jido/manager/writeFile`.",
)
LIST_DIR = Request(
    "jido/tools/listDir",
    GlobalListDirParams,
    manager.ListDirResult,
    "Deprecated: as `jido/manager/listDir`.",
)
RUN_LUA = Request(
    "jido/tools/runLua",
    GlobalRunLuaParams,
    manager.RunLuaResult,
    "Deprecated: as `jido/manager/runLua`.",
)
