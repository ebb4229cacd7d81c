from __future__ import annotations

import base64
import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.sandbox.values import (
    MalformedValue,
    UnsupportedValue,
    decode,
    encode,
    encode_bytes,
    to_json,
)

NODES, DEPTH = 1000, 8

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
)
lua_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.binary(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


def decoded(data: bytes) -> list[Any]:
    return decode(data, nodes=NODES, depth=DEPTH * 8)


@given(st.lists(lua_values, max_size=5))
def test_what_is_encoded_is_decoded(given_values: list[Any]) -> None:
    assert decoded(encode(given_values)) == given_values


@given(st.binary())
def test_any_bytes_are_values_or_malformed(data: bytes) -> None:
    for guess in (data, b"A\x02\0\0\0" + data):
        try:
            values = decoded(guess)
        except MalformedValue:
            continue
        assert encode(values) == guess or any(_lossy(value) for value in values)


def _lossy(value: Any) -> bool:
    """Whether there is more than one way to say it: a repeated key, a NaN."""
    match value:
        case dict():
            return True
        case list():
            return any(map(_lossy, value))
        case float():
            return value != value  # noqa: PLR0124  (so NaN is known)
        case _:
            return False


@given(st.lists(lua_values, max_size=5), st.data())
def test_a_broken_encoding_is_values_or_malformed(values: list[Any], data: st.DataObject) -> None:
    whole = bytearray(encode(values))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MalformedValue):
        decoded(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"N",
        b"A\x01\0\0\0",
        b"A\0\0\0\0N",
        b"A\x01\0\0\0?",
        b"A\xff\xff\xff\xff" + b"N" * 2000,
        b"A\x01\0\0\0S\xff\xff\xff\xffx",
        b"A\x01\0\0\0M\x01\0\0\0I\0\0\0\0\0\0\0\0N",
        b"A\x01\0\0\0" * 200_000,
    ],
)
def test_what_is_no_list_within_the_limits_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedValue):
        decode(data, nodes=NODES, depth=DEPTH)


def test_values_are_counted() -> None:
    assert len(decode(encode([1] * NODES), nodes=NODES, depth=DEPTH)) == NODES
    with pytest.raises(MalformedValue):
        decode(encode([1] * (NODES + 1)), nodes=NODES, depth=DEPTH)


def test_depth_is_limited() -> None:
    deep: list[Any] = []
    for _ in range(DEPTH):
        deep = [deep]
    assert decode(encode(deep), nodes=NODES, depth=DEPTH) == deep
    with pytest.raises(MalformedValue):
        decode(encode([deep]), nodes=NODES, depth=DEPTH)


def test_a_string_is_encoded_without_a_copy() -> None:
    data = b"x" * 100
    pieces = encode_bytes(data)
    assert pieces[-1] is data
    assert decoded(b"".join(pieces)) == [data]


def test_text_is_encoded_as_its_bytes() -> None:
    assert decoded(encode(["ä", "\udcff", {"k": None}])) == ["ä".encode(), b"\xff", {b"k": None}]


def test_what_lua_does_not_have_is_not_encoded() -> None:
    with pytest.raises(TypeError, match="set"):
        encode([{1}])


def test_json_has_text_where_the_bytes_are_text() -> None:
    value = [b"a", b"\xff", {b"k": [b"\xc3\xa4"]}, 1, 2.5, None, True]
    assert to_json(value) == ["a", {"base64": "/w=="}, {"k": ["ä"]}, 1, 2.5, None, True]


@pytest.mark.parametrize("text", ["x", "ä", "漢", "😀"])
def test_long_text_is_text_however_its_characters_are_cut(text: str) -> None:
    for lead in ("", "x", "xx"):
        long = lead + text * 200_000
        assert to_json(decoded(encode([long]))) == [long]


def test_long_bytes_are_base64_as_a_whole() -> None:
    data = b"x" * 1_000_001 + b"\xff"
    (given,) = to_json(decoded(encode([data])))
    assert base64.b64decode(given["base64"], validate=True) == data


def test_text_that_ends_within_a_character_is_none() -> None:
    assert "base64" in to_json("😀".encode() * 100_000 + b"\xf0\x9f")


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {b"\xff": 1}, {b"k": [-float("inf")]}]
)
def test_what_json_cannot_say_is_unsupported(value: Any) -> None:
    with pytest.raises(UnsupportedValue):
        to_json(value)
