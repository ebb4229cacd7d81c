"""Going on with a future: its result, its failure, its cancellation, either way."""

from __future__ import annotations

import asyncio
from asyncio import Future

import pytest

from jido_server.tools.then import then


@pytest.fixture
async def work() -> Future[int]:
    return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("is_early", [True, False])
async def test_what_it_gives_is_gone_on_with(work: Future[int], is_early: bool) -> None:
    if is_early:
        work.set_result(2)
    after = then(work, lambda number: number * 2)
    assert after.done() == is_early
    if not is_early:
        work.set_result(2)
    assert await after == 4


async def test_a_failure_is_handed_on(work: Future[int]) -> None:
    after = then(work, lambda number: number)
    work.set_exception(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        await after
    broken = then(then(work, int), int)
    with pytest.raises(ValueError, match="x"):
        await broken


async def test_cancelling_goes_both_ways(work: Future[int]) -> None:
    after = then(work, lambda number: number)
    after.cancel()
    await asyncio.sleep(0)
    assert work.cancelled()
    other: Future[int] = asyncio.get_running_loop().create_future()
    after = then(other, lambda number: number)
    other.cancel()
    await asyncio.sleep(0)
    assert after.cancelled()


async def test_who_has_ended_already_stays_as_it_is(work: Future[int]) -> None:
    for outcome in ("result", "failure"):
        work = asyncio.get_running_loop().create_future()
        after = then(work, lambda number: number)
        if outcome == "result":
            work.set_result(1)
        else:
            work.set_exception(ValueError())
        after.cancel()
        await asyncio.sleep(0)
        assert after.cancelled()
