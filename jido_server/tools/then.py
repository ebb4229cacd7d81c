"""Going on with what a future gives, without a task that could be cancelled before it begins."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def then(work: Future[T], finish: Callable[[T], R]) -> Future[R]:
    """Return a future of what ``finish`` makes of what the work gives; cancelling it ends both."""
    result: Future[R] = asyncio.get_running_loop().create_future()

    def settle(_: Future[T]) -> None:
        settle_as(result, lambda: finish(work.result()))

    def give_up(_: Future[R]) -> None:
        if result.cancelled():
            work.cancel()

    result.add_done_callback(give_up)
    if work.done():
        settle(work)
    else:
        work.add_done_callback(settle)
    return result


def settle_as(future: Future[R], outcome: Callable[[], R]) -> None:
    """Let a future end as a call does, unless it has ended already."""
    try:
        result = outcome()
    except asyncio.CancelledError:
        future.cancel()
    except Exception as error:  # noqa: BLE001 - the future hands it on
        if not future.done():
            future.set_exception(error)
    else:
        if not future.done():
            future.set_result(result)
