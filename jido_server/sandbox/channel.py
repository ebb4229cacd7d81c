"""The server's end of what passes to and from one script, on the event loop."""

from __future__ import annotations

import asyncio
import socket

from jido_server.sandbox.frames import HEADER

_ONCE = 1 << 18


class ChannelBroken(Exception):
    """The script's process is gone, or sent what is no frame."""


class SocketChannel:
    """Frames over a socket."""

    def __init__(self, socket_: socket.socket) -> None:
        socket_.settimeout(0)
        self._socket = socket_
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()

    async def send(self, kind: bytes, *pieces: bytes) -> None:
        """Send one frame.

        Raises:
            ChannelBroken: Nobody is left to read it.
        """
        head = HEADER.pack(kind, sum(map(len, pieces)))
        if not pieces or len(pieces[-1]) <= _ONCE:
            await self.send_rest(head + b"".join(pieces))
            return
        for piece in (head, *pieces):
            await self.send_rest(piece)

    def send_ahead(self, kind: bytes, payload: bytes) -> memoryview:
        """Send as much of a frame as nobody has to read yet; return the rest."""
        frame = HEADER.pack(kind, len(payload)) + payload
        return memoryview(frame)[self._socket.send(frame) :]

    async def send_rest(self, data: bytes | memoryview) -> None:
        """Send bytes of a frame.

        Raises:
            ChannelBroken: Nobody is left to read it.
        """
        try:
            await self._loop.sock_sendall(self._socket, data)
        except OSError as error:
            raise ChannelBroken(error.strerror) from None

    async def receive(self, most_bytes: int) -> tuple[bytes, bytearray]:
        """Wait for a frame; return its kind and its payload.

        Raises:
            ChannelBroken: There will be none, or it is longer than ``most_bytes``.
        """
        await self._fill(HEADER.size)
        kind, length = HEADER.unpack_from(self._received)
        if length > most_bytes:
            raise ChannelBroken(f"it sent a frame of {length} bytes")
        await self._fill(HEADER.size + length)
        payload = self._received
        self._received = payload[HEADER.size + length :]
        del payload[HEADER.size + length :], payload[: HEADER.size]
        return kind, payload

    async def ended(self) -> None:
        """Wait until the other side is gone; what it still sends is dropped."""
        try:
            while await self._loop.sock_recv(self._socket, _ONCE):
                pass
        except OSError:
            pass

    async def _fill(self, length: int) -> None:
        """Receive until there are ``length`` bytes."""
        while len(self._received) < length:
            try:
                piece = await self._loop.sock_recv(self._socket, _ONCE)
            except OSError as error:
                raise ChannelBroken(error.strerror) from None
            if not piece:
                raise ChannelBroken("it ended without an answer")
            self._received += piece
            if len(self._received) < length:
                await asyncio.sleep(0)  # else a fast sender would keep the loop for itself
