"""What a client says of itself when it begins, and what the server answers."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs

from jido_server import __version__
from jido_server.errors import InvalidParams, Problem
from jido_server.protocol import codec
from jido_server.protocol.constraints import Positive
from jido_server.protocol.registry import NOTIFICATIONS, PROTOCOL_VERSION, REQUESTS, TOLD


@attrs.frozen(kw_only=True)
class InitializationOptions:
    """What a client may choose in ``initializationOptions``.

    Attributes:
        suppress_deprecation_warnings: Don't warn of deprecated methods.
        max_sessions: How many sessions may be open at once.
    """

    suppress_deprecation_warnings: bool = False
    max_sessions: Positive = 64


@attrs.frozen(kw_only=True)
class Initialization:
    """What matters of the params of ``initialize``.

    Attributes:
        process_id: The client's process; the server ends with it.
        root: The folder the client works in, absolute, if it named one.
        options: What the client chose.
        params: All of the params, as they came.
    """

    process_id: int | None
    root: str | None
    options: InitializationOptions
    params: dict[str, Any]


def read_initialization(params: object) -> Initialization:
    """Return what matters of the params of ``initialize``.

    Raises:
        InvalidParams: They don't fit; what LSP may add to them one day does.
    """
    given = codec.structure({} if params is None else params, dict[str, Any])
    process_id = given.get("processId")
    if process_id is not None and type(process_id) is not int:
        raise InvalidParams([Problem("params.processId", "expected integer or null")])
    options = given.get("initializationOptions")
    return Initialization(
        process_id=process_id,
        root=_root(given),
        options=codec.structure(
            {} if options is None else options,
            InitializationOptions,
            "params.initializationOptions",
        ),
        params=given,
    )


def initialize_result() -> dict[str, Any]:
    """Return the answer to ``initialize``."""
    return {
        "capabilities": {
            "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
            "experimental": {
                "jido": {
                    "protocolVersion": PROTOCOL_VERSION,
                    "serverVersion": __version__,
                    "methods": list(REQUESTS),
                    "notifications": [*NOTIFICATIONS, *TOLD],
                }
            },
        },
        "serverInfo": {"name": "jido-server", "version": __version__},
    }


def _root(params: dict[str, Any]) -> str | None:
    folders = params.get("workspaceFolders")
    first = folders[0] if isinstance(folders, list) and folders else None
    for uri in (first.get("uri") if isinstance(first, dict) else None, params.get("rootUri")):
        if isinstance(uri, str) and (path := _path(uri)):
            return path
    root_path = params.get("rootPath")
    return root_path if isinstance(root_path, str) and root_path else None


def _path(uri: str) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    return path.lstrip("/") if sys.platform == "win32" else path
