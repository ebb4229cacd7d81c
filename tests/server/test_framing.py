from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.server.framing import (
    MAX_BODY_BYTES,
    MAX_SKIPPED_BYTES,
    Framer,
    Malformed,
    frame,
)


def cut(*pieces: bytes) -> list[bytes | Malformed]:
    framer = Framer()
    found: list[bytes | Malformed] = []
    for piece in pieces:
        framer.feed(piece)
        while (item := framer.next()) is not None:
            found.append(item)
            if isinstance(item, Malformed) and item.fatal:
                return found
    return found


@given(st.lists(st.binary(max_size=50), max_size=8), st.data())
def test_bodies_come_out_however_the_bytes_are_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(frame(body) for body in bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert cut(*pieces) == bodies


@pytest.mark.parametrize(
    "header",
    [
        b"content-length: 2\r\n\r\n",
        b"Content-Length:2\r\n\r\n",
        b"CONTENT-LENGTH :  2 \r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nX-Other: 7\r\n\r\n",
        b"Content-Length: 2\n\n",
    ],
)
def test_a_header_may_be_written_in_many_ways(header: bytes) -> None:
    assert cut(header + b"{}" + frame(b"next")) == [b"{}", b"next"]


def test_a_header_without_a_length_is_passed_over() -> None:
    found = cut(b"X: 1\r\n\r\n" + frame(b"next"))
    assert found == [Malformed("a header without a Content-Length", fatal=False), b"next"]


@pytest.mark.parametrize("length", [b"-1", b"two", b"1e3", b""])
def test_a_length_that_is_no_number_is_none(length: bytes) -> None:
    (found,) = cut(b"Content-Length: %b\r\n\r\n" % length)
    assert isinstance(found, Malformed)


def test_a_body_over_the_limit_is_skipped_and_the_next_is_taken() -> None:
    size = MAX_BODY_BYTES + 1
    found = cut(
        b"Content-Length: %d\r\n\r\n" % size,
        bytes(size // 2),
        bytes(size - size // 2) + frame(b"n"),
    )
    assert found == [
        Malformed(
            f"a message of {size} bytes is larger than the limit of {MAX_BODY_BYTES}", fatal=False
        ),
        b"n",
    ]


@pytest.mark.parametrize("size", [MAX_SKIPPED_BYTES + 1, 10**12, 10**30])
def test_a_length_beyond_reason_ends_the_stream(size: int) -> None:
    (found,) = cut(b"Content-Length: %d\r\n\r\n" % size)
    assert isinstance(found, Malformed)
    assert found.fatal


def test_a_header_that_never_ends_ends_the_stream() -> None:
    (found,) = cut(b"x" * 5000, b"x" * 5000)
    assert isinstance(found, Malformed)
    assert found.fatal


def test_an_empty_body_is_a_body() -> None:
    assert cut(frame(b"")) == [b""]
