"""What the editor says in plain LSP: kept by pygls, which is loaded when it is first needed.

Importing pygls takes longer than all else at the start, and a client of ``jido/*`` alone never
needs it: the lifecycle of the connection and every method of jido are answered without it. The
folders and documents that an editor opens are pygls' to keep.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from jido_server.server.initialization import Initialization
from jido_server.server.messages import Call

if TYPE_CHECKING:
    from jido_server.server.language_server import JidoLanguageServer

log = logging.getLogger(__name__)

NOTIFICATIONS = frozenset(
    {
        "$/setTrace",
        "notebookDocument/didChange",
        "notebookDocument/didClose",
        "notebookDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "textDocument/didOpen",
        "window/workDoneProgress/cancel",
        "workspace/didChangeWorkspaceFolders",
    }
)
"""What pygls does by itself; a test holds this against pygls."""


class Editor:
    """The editor at the other end, as far as plain LSP goes.

    Args:
        initialization: What it said of itself.
        write: Takes framed bytes for it.
    """

    def __init__(self, initialization: Initialization, write: Callable[[bytes], None]) -> None:
        self._initialization = initialization
        self._write = write
        self._loading: asyncio.Task[JidoLanguageServer] | None = None

    def take(self, call: Call) -> bool:
        """Take a message in its order; False if it is none that is understood."""
        if call.id is not None:
            return False
        if call.method in NOTIFICATIONS:
            if self._loading is None:
                self._loading = asyncio.ensure_future(self._load())
            message = {"jsonrpc": "2.0", "method": call.method, "params": call.params}
            self._loading.add_done_callback(partial(_hand_on, message))
            return True
        return call.method == "initialized" or call.method.startswith("$/")

    def close(self) -> None:
        """Wait for pygls no longer."""
        if self._loading is not None:
            self._loading.cancel()

    async def _load(self) -> JidoLanguageServer:
        module: Any = await asyncio.to_thread(
            importlib.import_module, "jido_server.server.language_server"
        )
        server: JidoLanguageServer = module.JidoLanguageServer(self._write)
        server.begin(self._initialization.params)
        return server


def _hand_on(message: dict[str, Any], loading: asyncio.Task[JidoLanguageServer]) -> None:
    if loading.cancelled():
        return
    if (error := loading.exception()) is not None:
        log.error("pygls could not be loaded", exc_info=error)
        return
    loading.result().take(message)
