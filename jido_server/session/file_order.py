"""The file operations of one session: in the order sent, and never long on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

import attrs

from jido_server.session.workers import Workers

T = TypeVar("T")


@attrs.frozen
class Slow(Generic[T]):
    """The rest of an operation that would hold the event loop for too long."""

    rest: Callable[[], T]


Operation = Callable[[], T | Slow[T]]


class FileOrder:
    """Runs operations so that their effects come in the order of the calls.

    What is quick is done at once: a hop to a thread would cost more. What returns :class:`Slow`
    goes on in a worker thread. Reads may pass each other; a write waits for all that was sent
    before it, and all that is sent after it waits for the write.

    Args:
        workers: The threads.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._reads: set[asyncio.Future[Any]] = set()
        self._writes: set[asyncio.Future[Any]] = set()

    def read(self, operation: Operation[T]) -> asyncio.Future[T]:
        """Run an operation that changes nothing."""
        return self._run(operation, self._writes.copy(), self._reads)

    def write(self, operation: Operation[T]) -> asyncio.Future[T]:
        """Run an operation that changes something."""
        return self._run(operation, self._reads | self._writes, self._writes)

    async def drain(self) -> None:
        """Wait until nothing runs any more."""
        while running := self._reads | self._writes:
            await asyncio.wait(running)

    def _run(
        self,
        operation: Operation[T],
        before: set[asyncio.Future[Any]],
        running: set[asyncio.Future[Any]],
    ) -> asyncio.Future[T]:
        if before:
            work: asyncio.Future[T] = asyncio.ensure_future(self._after(before, operation))
        else:
            work = self._start(operation)
            if work.done():
                return work
        running.add(work)
        work.add_done_callback(running.discard)
        # Who asked may stop waiting; what has begun is finished, as half of it would be worse.
        return asyncio.shield(work)

    def _start(self, operation: Operation[T]) -> asyncio.Future[T]:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            outcome = operation()
        except Exception as error:  # noqa: BLE001 - the future hands it on
            done.set_exception(error)
            return done
        if isinstance(outcome, Slow):
            return asyncio.ensure_future(self._workers.run(outcome.rest))
        done.set_result(outcome)
        return done

    async def _after(self, before: set[asyncio.Future[Any]], operation: Operation[T]) -> T:
        await asyncio.wait(before)
        return await self._workers.run(partial(_finish, operation))


def _finish(operation: Operation[T]) -> T:
    outcome = operation()
    return outcome.rest() if isinstance(outcome, Slow) else outcome
