"""The floor: asyncio and orjson, and nothing that a server owes its client."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import orjson

SESSION = {
    "id": "s",
    "name": "project",
    "projectPath": "/p",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "updatedAt": "2026-01-01T00:00:00.000Z",
}


def frame(message: dict[str, Any]) -> bytes:
    body = orjson.dumps(message)
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Loop:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.seq = 0

    async def serve(self, reader: asyncio.StreamReader) -> None:
        while header := await reader.readline():
            await reader.readline()
            body = await reader.readexactly(int(header[16:]))
            self.answer(orjson.loads(body))

    def answer(self, call: dict[str, Any]) -> None:
        match call["method"]:
            case "jido/session/get":
                result: Any = {"session": SESSION}
            case "jido/state/setScrollOffset":
                self.seq += 1
                update = {"kind": "scrollOffsetSet", "offset": call["params"]["offset"]}
                params = {
                    "sessionId": "s",
                    "seq": self.seq,
                    "timestamp": SESSION["createdAt"],
                    "update": update,
                }
                told = {"jsonrpc": "2.0", "method": "jido/session/update", "params": params}
                self.writer.write(frame(told))
                result = {"seq": self.seq}
            case _:
                result = {}
        if "id" in call:
            self.writer.write(frame({"jsonrpc": "2.0", "id": call["id"], "result": result}))


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout.buffer
    )
    await Loop(asyncio.StreamWriter(transport, protocol, reader, loop)).serve(reader)


asyncio.run(main())
