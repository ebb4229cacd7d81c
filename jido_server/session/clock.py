"""What a session takes from the outside: the time, new ids, and being called later."""

from __future__ import annotations

import asyncio
import functools
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import attrs


class Cancellable(Protocol):
    """Something that will happen unless it is cancelled."""

    def cancel(self) -> None:
        """Let it not happen."""
        ...


def _now() -> str:
    seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    return f"{_second(seconds)}.{milliseconds:03}Z"


@functools.lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    """Return the time without its fraction; most updates are made in the same second as others."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def _new_id() -> str:
    return str(uuid.uuid4())


def _later(seconds: float, callback: Callable[[], None]) -> Cancellable:
    return asyncio.get_running_loop().call_later(seconds, callback)


@attrs.frozen
class Clock:
    """The outside world as a session sees it.

    Attributes:
        now: Gives the time, ISO 8601 in UTC with a ``Z``.
        new_id: Gives an id that nothing else has.
        later: Calls back after some seconds.
    """

    now: Callable[[], str] = _now
    new_id: Callable[[], str] = _new_id
    later: Callable[[float, Callable[[], None]], Cancellable] = _later
