"""Joins the chunks of a stream that come faster than a person can see."""

from __future__ import annotations

import logging
from collections.abc import Callable

from jido_server.errors import JidoError, StorageFailed
from jido_server.session.clock import Cancellable, Clock

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.016
WAIT_CHARACTERS = 4096
RETRY_SECONDS = 0.5
MAX_HELD_CHARACTERS = 1 << 20
"""While nothing can be stored."""


class Coalescer:
    """Holds chunks until 16 ms or 4 Ki characters have gathered, then tells them as one.

    Args:
        clock: Calls back in time.
        tell: Takes the joined text. If it fails, the chunks stay held, and it is tried again soon
            after the next one.
    """

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._held: list[str] = []
        self._size = 0
        self._timer: Cancellable | None = None
        self._has_failed = False

    def add(self, chunk: str) -> None:
        """Hold ``chunk`` behind those that wait.

        Raises:
            StorageFailed: Nothing could be told for so long that no more is held.
        """
        if self._size >= MAX_HELD_CHARACTERS:
            self._try_later()
            raise StorageFailed("too much of the stream waits to be stored")
        self._held.append(chunk)
        self._size += len(chunk)
        if self._size >= WAIT_CHARACTERS and not self._has_failed:
            self._flush_or_log()
        else:
            self._try_later()

    def flush(self) -> None:
        """Tell what is held now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._size:
            self._has_failed = True
            self._tell("".join(self._held))
            self._held = []
            self._size = 0
        self._has_failed = False

    def _try_later(self) -> None:
        if self._timer is None:
            wait = RETRY_SECONDS if self._has_failed else WAIT_SECONDS
            self._timer = self._clock.later(wait, self._flush_or_log)

    def _flush_or_log(self) -> None:
        """Flush where nobody waits for an answer that could hold the error."""
        try:
            self.flush()
        except JidoError as error:
            log.error("Chunks of a stream wait to be stored: %s", error)  # noqa: TRY400 - no fault of ours
