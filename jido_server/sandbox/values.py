"""Lua values as bytes, as ``values.lua`` has them, and as plain Python and JSON values.

What a script's process sends is not trusted: sizes, counts and depth are checked before they are
believed, and every failure is one of two errors.
"""

from __future__ import annotations

import base64
import codecs
import io
import math
import struct
from collections.abc import Iterator
from typing import Any, TypeVar

_Bytes = TypeVar("_Bytes", bytes, memoryview)

_COUNT = struct.Struct("<I")
_INTEGER = struct.Struct("<q")
_FLOAT = struct.Struct("<d")

_ONCE = 3 << 16
"""Bytes that are copied or converted in one go. A longer go would keep the interpreter's lock, and
with it the event loop, even from within a thread."""

QUICK_BYTES = 8 << 10
"""Encodings up to this size are decoded in a few milliseconds at worst; larger ones in a thread."""

_CONSTANTS = {b"N": None, b"T": True, b"F": False}


class MalformedValue(Exception):
    """The bytes are not values within the limits: the script's process is not what it was."""


class UnsupportedValue(Exception):
    """The value can't be given as JSON."""


def decode(data: bytes | bytearray, *, nodes: int, depth: int) -> list[Any]:
    """Return the list of values; Lua's strings are bytes.

    Args:
        data: All of the bytes.
        nodes: How many values there may be, those within tables included.
        depth: How deep they may be nested.

    Raises:
        MalformedValue: It is no list, or not within the limits.
    """
    reader = _Reader(data, nodes)
    values = reader.value(depth + 1)
    if reader.at != len(data):
        raise MalformedValue("more bytes follow")
    if not isinstance(values, list):
        raise MalformedValue("not a list")
    return values


def encode(value: Any) -> bytes:  # noqa: ANN401  (any plain value)
    """Return a plain value as bytes; an int has 64 bits, and text that came of bytes is these."""
    match value:
        case None:
            encoded = b"N"
        case bool():
            encoded = b"T" if value else b"F"
        case int():
            encoded = b"I" + _INTEGER.pack(value)
        case float():
            encoded = b"D" + _FLOAT.pack(value)
        case str():
            encoded = encode(value.encode(errors="surrogateescape"))
        case bytes():
            encoded = b"S" + _COUNT.pack(len(value)) + value
        case list():
            encoded = b"A" + _COUNT.pack(len(value)) + b"".join(map(encode, value))
        case dict():
            items = (encode(key) + encode(item) for key, item in value.items())
            encoded = b"M" + _COUNT.pack(len(value)) + b"".join(items)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in Lua")
    return encoded


def encode_bytes(data: bytes) -> list[bytes]:
    """Return a list of this one string, in pieces; ``data`` is not copied."""
    return [b"A" + _COUNT.pack(1) + b"S" + _COUNT.pack(len(data)), data]


def to_json(value: Any) -> Any:  # noqa: ANN401  (any decoded value)
    """Return a decoded value with its strings as text, or as ``{"base64": …}`` if they are none.

    Raises:
        UnsupportedValue: A number is not finite, or a key is not UTF-8.
    """
    match value:
        case bytes():
            try:
                return _text(value)
            except UnicodeDecodeError:
                return {"base64": _base64(value)}
        case list():
            return [to_json(item) for item in value]
        case dict():
            return {_key(key): to_json(item) for key, item in value.items()}
        case float() if not math.isfinite(value):
            raise UnsupportedValue("a number is not finite")
        case _:
            return value


def _key(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise UnsupportedValue("a key of a table is not UTF-8 text") from None


def _text(data: bytes) -> str:
    if len(data) <= _ONCE:
        return data.decode()
    decoder = codecs.getincrementaldecoder("utf-8")()
    return "".join(map(decoder.decode, _pieces(data))) + decoder.decode(b"", final=True)


def _base64(data: bytes) -> str:
    # A piece is of three bytes each, but for the last.
    return "".join(base64.b64encode(piece).decode("ascii") for piece in _pieces(data))


def _copied(view: memoryview) -> bytes:
    if len(view) <= _ONCE:
        return bytes(view)
    copy = io.BytesIO()
    for piece in _pieces(view):
        copy.write(piece)
    return copy.getvalue()


def _pieces(data: _Bytes) -> Iterator[_Bytes]:
    return (data[at : at + _ONCE] for at in range(0, len(data), _ONCE))


class _Reader:
    """Reads one value after another; ``at`` is where the next begins."""

    def __init__(self, data: bytes | bytearray, nodes: int) -> None:
        self._data = memoryview(data)
        self._nodes = nodes + 1  # the outermost list is not one of them
        self.at = 0

    def value(self, depth: int) -> Any:  # noqa: ANN401  (any plain value)
        self._nodes -= 1
        if self._nodes < 0:
            raise MalformedValue("too many values")
        tag = self._take(1)
        match tag:
            case b"S":
                return self._string()
            case b"I":
                return _INTEGER.unpack(self._take(_INTEGER.size))[0]
            case b"D":
                return _FLOAT.unpack(self._take(_FLOAT.size))[0]
            case b"A" if depth:
                return [self.value(depth - 1) for _ in range(self._count())]
            case b"M" if depth:
                return dict(self._entry(depth - 1) for _ in range(self._count()))
            case b"N" | b"T" | b"F":
                return _CONSTANTS[tag]
            case _:
                raise MalformedValue("an unknown tag, or too deep")

    def _entry(self, depth: int) -> tuple[bytes, Any]:
        if self._take(1) != b"S":
            raise MalformedValue("a key is no string")
        return self._string(), self.value(depth)

    def _string(self) -> bytes:
        return self._take(self._count())

    def _count(self) -> int:
        count: int = _COUNT.unpack(self._take(_COUNT.size))[0]
        return count

    def _take(self, length: int) -> bytes:
        piece = _copied(self._data[self.at : self.at + length])
        if len(piece) < length:
            raise MalformedValue("the bytes end too early")
        self.at += length
        return piece
