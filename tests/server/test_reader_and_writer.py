from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jido_server.server.reader import Reader, ThreadReader, WatchingReader, start_reading
from jido_server.server.writer import AT_ONCE_BYTES, CONGESTED_BYTES, Writer

PATIENCE_SECONDS = 10

Start = Callable[[int, asyncio.AbstractEventLoop, Callable[[bytes], None]], Reader]


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


@pytest.fixture(params=[WatchingReader, ThreadReader])
def start(request: pytest.FixtureRequest) -> Start:
    kind: Start = request.param
    return kind


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

    async def until(self, data: bytes) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.data != data:
                self.changed.clear()
                await self.changed.wait()

    async def until_the_end(self) -> None:
        await asyncio.wait_for(self.ended.wait(), PATIENCE_SECONDS)


async def test_a_reader_hands_over_all_bytes_and_then_the_end(pipe: Pipe, start: Start) -> None:
    arrivals = Arrivals()
    start(pipe.read_fd, asyncio.get_running_loop(), arrivals.take)
    os.write(pipe.write_fd, b"one")
    await arrivals.until(b"one")
    os.write(pipe.write_fd, b" two")
    pipe.close_write()
    await arrivals.until_the_end()
    assert arrivals.data == b"one two"


async def test_a_paused_reader_takes_nothing_but_notices_the_end(pipe: Pipe) -> None:
    arrivals = Arrivals()
    reader = start_reading(pipe.read_fd, asyncio.get_running_loop(), arrivals.take)
    reader.pause()
    reader.pause()
    os.write(pipe.write_fd, b"unread")
    pipe.close_write()
    await arrivals.until_the_end()
    assert arrivals.data == b""


async def test_a_paused_reader_of_a_socket_notices_the_end_too() -> None:
    arrivals = Arrivals()
    ours, theirs = socket.socketpair()
    with ours:
        reader = start_reading(ours.fileno(), asyncio.get_running_loop(), arrivals.take)
        reader.pause()
        theirs.sendall(b"unread")
        theirs.close()
        await arrivals.until_the_end()
        assert arrivals.data == b""


async def test_a_reader_goes_on_when_it_is_resumed(pipe: Pipe, start: Start) -> None:
    arrivals = Arrivals()
    reader = start(pipe.read_fd, asyncio.get_running_loop(), arrivals.take)
    reader.pause()
    reader.resume()
    reader.resume()
    os.write(pipe.write_fd, b"late")
    await arrivals.until(b"late")
    pipe.close_write()
    await arrivals.until_the_end()


async def test_a_reader_that_breaks_ends(start: Start) -> None:
    arrivals = Arrivals()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.close()
        start(ours.fileno(), asyncio.get_running_loop(), arrivals.take)
        await arrivals.until_the_end()


async def test_a_regular_file_is_read_in_a_thread(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"x" * 1_000_000)
    arrivals = Arrivals()
    with (tmp_path / "input").open("rb") as file:
        reader = start_reading(file.fileno(), asyncio.get_running_loop(), arrivals.take)
        assert isinstance(reader, ThreadReader)
        await arrivals.until_the_end()
    assert len(arrivals.data) == 1_000_000


def writer_on(pipe: Pipe, drained: asyncio.Event, broken: asyncio.Event) -> Writer:
    loop = asyncio.get_running_loop()
    return Writer(pipe.write_fd, loop, on_drained=drained.set, on_broken=broken.set)


async def test_a_writer_never_waits_and_says_when_too_much_waits(pipe: Pipe) -> None:
    drained, broken = asyncio.Event(), asyncio.Event()
    writer = writer_on(pipe, drained, broken)
    data = os.urandom(CONGESTED_BYTES + 1)
    writer.write(data)
    assert writer.congested
    writer.flush()
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


async def test_a_writer_writes_all_before_it_closes(pipe: Pipe) -> None:
    writer = writer_on(pipe, asyncio.Event(), asyncio.Event())
    for number in range(100):
        writer.write(b"%d " % number)
    writer.close()
    writer.write(bytes(AT_ONCE_BYTES + 1))
    writer.flush()
    pipe.close_write()
    assert os.read(pipe.read_fd, 1 << 16) == b"".join(b"%d " % n for n in range(100))


@pytest.mark.parametrize("on_linux", [True, False])
async def test_little_and_much_come_in_order(
    pipe: Pipe,
    monkeypatch: pytest.MonkeyPatch,
    on_linux: bool,
) -> None:
    if not on_linux:
        monkeypatch.delattr(os, "RWF_NOWAIT")
    writer = writer_on(pipe, asyncio.Event(), asyncio.Event())
    pieces = [b"%d " % number * (1 if number % 3 else 5000) for number in range(60)]

    def read_all() -> bytes:
        received = b""
        while data := os.read(pipe.read_fd, 1 << 16):
            received += data
        return received

    reading = asyncio.ensure_future(asyncio.to_thread(read_all))
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0)
    await asyncio.to_thread(writer.write_from_thread, b"from a thread")
    await asyncio.sleep(0)
    writer.close()
    pipe.close_write()
    assert await asyncio.wait_for(reading, PATIENCE_SECONDS) == b"".join(pieces) + b"from a thread"


async def test_a_socket_is_written_as_a_pipe_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop = asyncio.get_running_loop()
        writer = Writer(ours.fileno(), loop, on_drained=print, on_broken=print)
        pieces = [b"%d " % number * 5000 for number in range(60)]
        for piece in pieces:
            writer.write(piece)
            writer.flush()

        def read_all() -> bytes:
            with theirs.makefile("rb") as received:
                return received.read(sum(map(len, pieces)))

        reading = asyncio.to_thread(read_all)
        assert await asyncio.wait_for(reading, PATIENCE_SECONDS) == b"".join(pieces)
        writer.close()


async def test_a_terminal_is_written_too() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", 0) as screen, os.fdopen(theirs, "wb", 0) as terminal:
        loop = asyncio.get_running_loop()
        writer = Writer(terminal.fileno(), loop, on_drained=print, on_broken=print)
        writer.write(b"shown")
        writer.flush()
        assert screen.read(5) == b"shown"
        writer.close()


async def test_a_writer_closes_though_nobody_reads(pipe: Pipe) -> None:
    broken = asyncio.Event()
    writer = writer_on(pipe, asyncio.Event(), broken)
    writer.write(bytes(1 << 20))
    writer.close()
    # Its thread still waits in the pipe, until there is no hope that anybody reads.
    pipe.close_read()
    await asyncio.wait_for(broken.wait(), PATIENCE_SECONDS)


@pytest.mark.parametrize("size", [5, 1 << 20])
async def test_a_writer_says_when_nobody_will_ever_read(pipe: Pipe, size: int) -> None:
    broken = asyncio.Event()
    writer = writer_on(pipe, asyncio.Event(), broken)
    pipe.close_read()
    writer.write(bytes(size))
    await asyncio.wait_for(broken.wait(), PATIENCE_SECONDS)
    writer.write(b"still there?")
    writer.flush()
    assert not writer.congested
    writer.close()
