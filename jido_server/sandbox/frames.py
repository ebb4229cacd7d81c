"""What passes between the server and the process of a script: frames of a kind and a payload.

Used on both sides, so it imports next to nothing. A script has a socket of its own, so a frame
that a kill cuts in half concerns nobody else.
"""

from __future__ import annotations

import os
import struct

HEADER = struct.Struct("<cI")
"""The kind, one byte, and the length of the payload."""

GROUP = struct.Struct("<I")
RUN_HEAD = struct.Struct("<II")

# From the zygote
READY = b"Y"  # the layers of the lock-down that hold, by name
FORKED = b"F"  # a session's process group, 0 if none could be forked

# From the server
RUN = b"R"  # the time limit in ms, how many scripts were committed before, the script's source
ANSWER = b"A"  # the values that a call of the bridge gives
COMMIT = b"!"  # nothing: the result was accepted, the state is kept

# From the script's process
DONE = b"D"  # the script's values
CALL = b"C"  # the operation and its arguments, as values
ERROR = b"E"  # Lua's message (length u32, bytes), then its traceback
MEMORY = b"M"  # nothing: the heap was too small
STALE = b"O"  # nothing: this is not the state after all that was committed
UNSUPPORTED = b"U"  # why the script's values can't be given
PRINTED = b"P"  # what was printed; only where there is no pipe for it

_MOST_AT_ONCE = 1 << 20


def write_frame(descriptor: int, kind: bytes, payload: bytes) -> None:
    """Write one frame to a blocking descriptor."""
    header = HEADER.pack(kind, len(payload))
    if len(payload) <= _MOST_AT_ONCE:
        write_all(descriptor, header + payload)
    else:
        write_all(descriptor, header)
        write_all(descriptor, payload)


def read_frame(descriptor: int) -> tuple[bytes, bytes]:
    """Read one frame from a blocking descriptor.

    Raises:
        EOFError: The other side is gone.
    """
    kind, length = HEADER.unpack(_read_exactly(descriptor, HEADER.size))
    return kind, _read_exactly(descriptor, length)


def write_all(descriptor: int, data: bytes) -> None:
    """Write to a blocking descriptor."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read_exactly(descriptor: int, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = os.read(descriptor, min(length - len(data), _MOST_AT_ONCE))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
