from __future__ import annotations

import asyncio
import os
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.sandbox.channel import ChannelBroken, SocketChannel
from jido_server.sandbox.frames import HEADER, read_frame, write_frame

frames = st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.binary(max_size=300)), max_size=5)
MOST_BYTES = 1000


async def received(data: bytes, cuts: list[int]) -> list[tuple[bytes, bytes]]:
    """Receive what comes in pieces, until the channel breaks."""
    ours, theirs = socket.socketpair()
    channel = SocketChannel(ours)
    ends = [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    got = []

    async def send() -> None:
        at = 0
        with theirs:
            for end in ends:
                theirs.sendall(data[at:end])
                at = end
                await asyncio.sleep(0)

    with ours:
        sending = asyncio.create_task(send())
        try:
            while True:
                kind, payload = await channel.receive(MOST_BYTES)
                got.append((kind, bytes(payload)))
        except ChannelBroken:
            await sending
            return got


@given(frames, st.lists(st.integers(0, 2000), max_size=5))
def test_frames_arrive_however_they_are_cut(
    sent: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    data = b"".join(HEADER.pack(kind, len(payload)) + payload for kind, payload in sent)
    assert asyncio.run(received(data, cuts)) == sent


@given(st.binary(max_size=2000))
def test_any_bytes_are_frames_or_break_the_channel(data: bytes) -> None:
    got = asyncio.run(received(data, []))
    rebuilt = b"".join(HEADER.pack(kind, len(payload)) + payload for kind, payload in got)
    assert data.startswith(rebuilt)


async def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(HEADER.pack(b"D", 2**32 - 1))
        with pytest.raises(ChannelBroken, match="4294967295 bytes"):
            await SocketChannel(ours).receive(MOST_BYTES)


async def test_a_channel_to_nobody_is_broken() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        with pytest.raises(ChannelBroken):
            await SocketChannel(ours).send(b"R", b"x" * (1 << 20), b"y")
        await SocketChannel(ours).ended()


async def test_a_channel_that_was_reset_is_broken() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        ours.sendall(b"never read")
        theirs.close()
        with pytest.raises(ChannelBroken):
            await SocketChannel(ours).receive(MOST_BYTES)
    again, theirs = socket.socketpair()
    with again:
        again.sendall(b"never read")
        theirs.close()
        await SocketChannel(again).ended()


def test_the_childs_side_reads_what_it_writes() -> None:
    ours, theirs = socket.socketpair()
    big = os.urandom(3 << 20)
    with ours, theirs:

        def write() -> None:
            write_frame(ours.fileno(), b"S", b"")
            write_frame(ours.fileno(), b"B", big)

        writer = threading.Thread(target=write)
        writer.start()
        assert read_frame(theirs.fileno()) == (b"S", b"")
        assert read_frame(theirs.fileno()) == (b"B", big)
        writer.join()
        ours.close()
        with pytest.raises(EOFError):
            read_frame(theirs.fileno())
