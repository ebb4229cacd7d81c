"""A deadline for work whose amount a project decides."""

from __future__ import annotations

import math
import time


class TookTooLong(Exception):
    """The deadline passed before the end was reached."""


class Deadline:
    """A moment by which work must be over.

    Args:
        seconds: How long from now; no end by default.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Do nothing as long as there is time.

        Raises:
            TookTooLong: The time is over.
        """
        if time.monotonic() > self._end:
            raise TookTooLong
