"""The file operations of one session: in the order sent, and never long on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
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

    Attributes:
        reads: What runs or waits and changes nothing.
        writes: What runs or waits and changes something.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.reads: set[asyncio.Future[Any]] = set()
        self.writes: set[asyncio.Future[Any]] = set()

    def read(
        self, operation: Operation[T], *, others: Iterable[FileOrder] = ()
    ) -> asyncio.Future[T]:
        """Run an operation that changes nothing.

        Args:
            operation: What to run.
            others: Orders in which it has its place as well.
        """
        before, running = self.writes.copy(), [self.reads]
        for order in others:
            before |= order.writes
            running.append(order.reads)
        return self._run(operation, before, running)

    def write(
        self, operation: Operation[T], *, others: Iterable[FileOrder] = ()
    ) -> asyncio.Future[T]:
        """Run an operation that changes something.

        Args:
            operation: What to run.
            others: Orders in which it has its place as well.
        """
        before, running = self.reads | self.writes, [self.writes]
        for order in others:
            before |= order.reads | order.writes
            running.append(order.writes)
        return self._run(operation, before, running)

    async def drain(self) -> None:
        """Wait until nothing runs any more."""
        while running := self.reads | self.writes:
            await asyncio.wait(running)

    def _run(
        self,
        operation: Operation[T],
        before: set[asyncio.Future[Any]],
        running: list[set[asyncio.Future[Any]]],
    ) -> asyncio.Future[T]:
        if before:
            work: asyncio.Future[T] = asyncio.ensure_future(self._after(before, operation))
        else:
            work = self._start(operation)
            if work.done():
                return work
        for each in running:
            each.add(work)
            work.add_done_callback(each.discard)
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
