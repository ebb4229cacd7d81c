from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

import pytest

from jido_server.server.transport import CONGESTED_BYTES, Reader, Writer

PATIENCE_SECONDS = 10


class Pipe:
    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe()

    def close_write(self) -> None:
        if self.write_fd >= 0:
            os.close(self.write_fd)
            self.write_fd = -1

    def close_read(self) -> None:
        if self.read_fd >= 0:
            os.close(self.read_fd)
            self.read_fd = -1


@pytest.fixture
async def pipe() -> AsyncIterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close_write()
    pipe.close_read()


class Arrivals:
    """What a reader gave, and a way to wait for it."""

    def __init__(self) -> None:
        self.data = b""
        self.ended = asyncio.Event()
        self.changed = asyncio.Event()

    def take(self, data: bytes) -> None:
        self.data += data
        self.changed.set()
        if not data:
            self.ended.set()


async def within(condition: Callable[[], bool], changed: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            changed.clear()
            await changed.wait()


async def test_a_reader_hands_over_all_bytes_and_then_the_end(pipe: Pipe) -> None:
    arrivals = Arrivals()
    Reader(pipe.read_fd, asyncio.get_running_loop(), arrivals.take).start()
    os.write(pipe.write_fd, b"one")
    await within(lambda: arrivals.data == b"one", arrivals.changed)
    os.write(pipe.write_fd, b" two")
    pipe.close_write()
    await asyncio.wait_for(arrivals.ended.wait(), PATIENCE_SECONDS)
    assert arrivals.data == b"one two"


async def test_a_paused_reader_takes_nothing_but_notices_the_end(pipe: Pipe) -> None:
    arrivals = Arrivals()
    reader = Reader(pipe.read_fd, asyncio.get_running_loop(), arrivals.take)
    reader.pause()
    reader.start()
    os.write(pipe.write_fd, b"unread")
    pipe.close_write()
    await asyncio.wait_for(arrivals.ended.wait(), PATIENCE_SECONDS)
    assert arrivals.data == b""


async def test_a_reader_goes_on_when_it_is_resumed(pipe: Pipe) -> None:
    arrivals = Arrivals()
    reader = Reader(pipe.read_fd, asyncio.get_running_loop(), arrivals.take)
    reader.pause()
    reader.start()
    os.write(pipe.write_fd, b"late")
    reader.resume()
    await within(lambda: arrivals.data == b"late", arrivals.changed)
    pipe.close_write()
    await asyncio.wait_for(arrivals.ended.wait(), PATIENCE_SECONDS)


def writer_on(pipe: Pipe, drained: asyncio.Event, broken: asyncio.Event) -> Writer:
    loop = asyncio.get_running_loop()
    writer = Writer(pipe.write_fd, loop, on_drained=drained.set, on_broken=broken.set)
    writer.start()
    return writer


async def test_a_writer_never_waits_and_says_when_too_much_waits(pipe: Pipe) -> None:
    drained, broken = asyncio.Event(), asyncio.Event()
    writer = writer_on(pipe, drained, broken)
    data = os.urandom(CONGESTED_BYTES + 1)
    writer.write(data)
    assert writer.congested

    def read_all() -> bytes:
        received = b""
        while len(received) < len(data):
            received += os.read(pipe.read_fd, 1 << 20)
        return received

    assert await asyncio.to_thread(read_all) == data
    await asyncio.wait_for(drained.wait(), PATIENCE_SECONDS)
    assert not writer.congested
    writer.close()


async def test_a_writer_writes_what_is_queued_before_it_closes(pipe: Pipe) -> None:
    writer = writer_on(pipe, asyncio.Event(), asyncio.Event())
    for number in range(100):
        writer.write(b"%d " % number)
    writer.close()
    writer.write(b"too late")
    pipe.close_write()
    assert os.read(pipe.read_fd, 1 << 16) == b"".join(b"%d " % n for n in range(100))


async def test_a_writer_closes_though_nobody_reads(pipe: Pipe) -> None:
    broken = asyncio.Event()
    writer = writer_on(pipe, asyncio.Event(), broken)
    writer.write(bytes(1 << 20))
    writer.close()
    # Its thread still waits in the pipe, until there is no hope that anybody reads.
    pipe.close_read()
    await asyncio.wait_for(broken.wait(), PATIENCE_SECONDS)


async def test_a_writer_says_when_nobody_will_ever_read(pipe: Pipe) -> None:
    broken = asyncio.Event()
    writer = writer_on(pipe, asyncio.Event(), broken)
    pipe.close_read()
    writer.write(b"hello?")
    await asyncio.wait_for(broken.wait(), PATIENCE_SECONDS)
    writer.write(b"still there?")
    assert not writer.congested
    writer.close()
