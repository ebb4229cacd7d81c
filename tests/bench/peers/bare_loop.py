"""The floor: asyncio and orjson, and nothing that a server owes its client."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import orjson

SESSION = {
    "id": "s",
    "name": "project",
    "projectPath": "/p",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "updatedAt": "2026-01-01T00:00:00.000Z",
}
READ_FD, WRITE_FD = 0, 1


def frame(message: dict[str, Any]) -> bytes:
    body = orjson.dumps(message)
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Loop:
    def __init__(self) -> None:
        self.buffer = b""
        self.seq = 0
        self.ended = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(READ_FD, self.read)

    def read(self) -> None:
        data = os.read(READ_FD, 1 << 18)
        if not data:
            self.ended.set_result(None)
            return
        self.buffer += data
        start, out = 0, []
        while (end := self.buffer.find(b"\r\n\r\n", start)) >= 0:
            size = int(self.buffer[start + 16 : end])
            if len(self.buffer) < end + 4 + size:
                break
            self.answer(orjson.loads(self.buffer[end + 4 : end + 4 + size]), out)
            start = end + 4 + size
        self.buffer = self.buffer[start:]
        rest = b"".join(out)
        while rest:
            rest = rest[os.write(WRITE_FD, rest) :]

    def answer(self, call: dict[str, Any], out: list[bytes]) -> None:
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
                out.append(frame(told))
                result = {"seq": self.seq}
            case _:
                result = {}
        if "id" in call:
            out.append(frame({"jsonrpc": "2.0", "id": call["id"], "result": result}))


async def main() -> None:
    await Loop().ended


asyncio.run(main())
