"""The floor: asyncio and orjson, and nothing that a server owes its client.

With ``--keep`` every update is committed to a bare sqlite3 before it is told.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import sqlite3
import sys
import tempfile
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
        self.kept = kept() if "--keep" in sys.argv else None

    async def serve(self, reader: asyncio.StreamReader) -> None:
        while header := await reader.readline():
            await reader.readline()
            body = await reader.readexactly(int(header[16:]))
            self.answer(orjson.loads(body))

    def answer(self, call: dict[str, Any]) -> None:
        result: Any = {}
        match call["method"]:
            case "jido/session/get":
                result = {"session": SESSION}
            case "jido/state/setScrollOffset":
                self.tell({"kind": "scrollOffsetSet", "offset": call["params"]["offset"]})
                result = {"seq": self.seq}
            case "jido/state/updateStreaming":
                chunk = call["params"]["chunk"]
                self.tell({"kind": "streamChunk", "messageId": "m", "chunk": chunk})
        if "id" in call:
            self.writer.write(frame({"jsonrpc": "2.0", "id": call["id"], "result": result}))

    def tell(self, update: dict[str, Any]) -> None:
        self.seq += 1
        if self.kept is not None:
            row = (self.seq, SESSION["createdAt"], update["kind"], orjson.dumps(update))
            self.kept.execute("INSERT INTO updates VALUES (?, ?, ?, ?)", row)
        params = {
            "sessionId": "s",
            "seq": self.seq,
            "timestamp": SESSION["createdAt"],
            "update": update,
        }
        told = {"jsonrpc": "2.0", "method": "jido/session/update", "params": params}
        self.writer.write(frame(told))


def kept() -> sqlite3.Connection:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    connection = sqlite3.connect(f"{folder}/updates", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE updates (seq INTEGER PRIMARY KEY, timestamp, kind, payload)")
    return connection


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout.buffer
    )
    await Loop(asyncio.StreamWriter(transport, protocol, reader, loop)).serve(reader)


asyncio.run(main())
