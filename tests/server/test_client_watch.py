from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from jido_server.server.client_watch import ClientWatch

PATIENCE_SECONDS = 10


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


@pytest.fixture(params=["as the system tells it", "by looking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a death is noticed; looking is what is done where there is no ``pidfd_open``."""
    way: str = request.param
    if way == "by looking":
        monkeypatch.delattr(os, "pidfd_open")
        monkeypatch.setattr("jido_server.server.client_watch.LOOK_SECONDS", 0.01)
    return way


@pytest.mark.usefixtures("way")
async def test_the_death_of_a_process_is_noticed(other: subprocess.Popen[bytes]) -> None:
    died = asyncio.Event()
    watch = ClientWatch(other.pid, died.set)
    await asyncio.sleep(0)
    assert not died.is_set()
    other.kill()
    other.wait()
    await asyncio.wait_for(died.wait(), PATIENCE_SECONDS)
    watch.close()


@pytest.mark.usefixtures("way")
async def test_who_watches_no_more_notices_nothing(other: subprocess.Popen[bytes]) -> None:
    died = asyncio.Event()
    watch = ClientWatch(other.pid, died.set)
    watch.close()
    watch.close()
    other.kill()
    other.wait()
    await asyncio.sleep(0)
    assert not died.is_set()


@pytest.mark.parametrize("pid", [0, -1, 2**31 - 1, 2**70])
async def test_a_process_that_can_not_be_seen_is_not_watched(pid: int) -> None:
    died = asyncio.Event()
    ClientWatch(pid, died.set).close()
    assert not died.is_set()


async def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    died = asyncio.Event()
    watch = ClientWatch(os.getpid(), died.set)
    await asyncio.sleep(0)
    assert not died.is_set()
    watch.close()
