"""Sends the log to the client, as ``window/logMessage``."""

from __future__ import annotations

import logging
from collections.abc import Callable

from jido_server.server import messages

ERROR, WARNING, INFO = 1, 2, 3


class ClientLog(logging.Handler):
    """Tells the client what is logged from ``info`` up: the sentence, never a traceback.

    Args:
        send: Takes the body of a message; from any thread.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        super().__init__(logging.INFO)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        message_type = (
            ERROR
            if record.levelno >= logging.ERROR
            else WARNING
            if record.levelno >= logging.WARNING
            else INFO
        )
        params = {"type": message_type, "message": record.getMessage()}
        self._send(messages.notification("window/logMessage", params))
