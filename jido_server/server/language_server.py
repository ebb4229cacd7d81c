"""pygls' server, as the keeper of the editor's folders and documents."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer

from jido_server import __version__

log = logging.getLogger(__name__)


@attrs.frozen
class _Pipe:
    """What pygls writes to: it frames its messages itself.

    Attributes:
        write: Takes framed bytes.
    """

    write: Callable[[bytes], None]

    def close(self) -> None:
        """Do nothing: the pipe is not pygls' to close."""


class JidoLanguageServer(LanguageServer):
    """pygls behind our own intake: it gets the messages that are its own, one at a time.

    Args:
        write: Takes framed bytes for the editor.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__("jido-server", __version__)
        self.protocol.set_writer(_Pipe(write))

    def begin(self, params: dict[str, Any]) -> None:
        """Take the params of ``initialize``, which was answered already."""
        request = {"jsonrpc": "2.0", "id": 0, "method": types.INITIALIZE, "params": params}
        structured = self.protocol.structure_message(request)
        for _ in self.protocol.lsp_initialize(structured.params):
            pass

    def take(self, message: dict[str, Any]) -> None:
        """Take a notification; one that can't be understood is dropped with a warning."""
        try:
            self.protocol.handle_message(self.protocol.structure_message(message))
        except JsonRpcException as error:
            log.warning("%s is dropped: %s", message["method"], error)

    def report_server_error(
        self, error: Exception, source: type[PyglsError | JsonRpcException]
    ) -> None:
        """Log a fault; an editor has nothing to show of it."""
        log.error("A fault of %s", source.__name__, exc_info=error)
