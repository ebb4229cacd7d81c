"""Joins the chunks of a stream that come faster than a person can see."""

from __future__ import annotations

import logging
from collections.abc import Callable

from jido_server.errors import JidoError
from jido_server.session.clock import Cancellable, Clock

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.016
WAIT_CHARACTERS = 4096


class Coalescer:
    """Holds chunks until 16 ms or 4 Ki characters have gathered, then tells them as one.

    Args:
        clock: Calls back in time.
        tell: Takes the joined text. If it fails, the chunks stay held, and it is tried again with
            the next one.
    """

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._held: list[str] = []
        self._size = 0
        self._timer: Cancellable | None = None

    def add(self, chunk: str) -> None:
        """Hold ``chunk`` behind those that wait."""
        self._held.append(chunk)
        self._size += len(chunk)
        if self._size >= WAIT_CHARACTERS:
            self._flush_or_log()
        elif self._timer is None:
            self._timer = self._clock.later(WAIT_SECONDS, self._flush_or_log)

    def flush(self) -> None:
        """Tell what is held now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._size:
            self._tell("".join(self._held))
            self._held = []
            self._size = 0

    def _flush_or_log(self) -> None:
        """Flush where nobody waits for an answer that could hold the error."""
        try:
            self.flush()
        except JidoError as error:
            log.error("Chunks of a stream wait to be stored: %s", error)  # noqa: TRY400 - no fault of ours
