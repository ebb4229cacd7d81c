"""A client of a real server: a child process over stdio."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Mapping
from typing import Any, Self

import attrs
import orjson

from jido_server.server.framing import Framer, frame

READ_BYTES = 64 << 10


@attrs.frozen
class Refused(Exception):
    """The server answered with an error.

    Attributes:
        error: Code, message and data, as they came.
    """

    error: dict[str, Any]

    @property
    def kind(self) -> str:
        """By what clients tell errors apart."""
        return str(self.error["data"]["kind"])

    def __str__(self) -> str:
        """Return the sentence for people."""
        return str(self.error["message"])


class Client:
    """A connection to a server that was started for it.

    Args:
        process: The server.

    Attributes:
        process: The server.
        updates: Every ``jido/session/update`` so far.
        logs: Every ``window/logMessage`` so far.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.updates: list[dict[str, Any]] = []
        self.logs: list[dict[str, Any]] = []
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count(1)
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def start(cls, *arguments: str, environment: Mapping[str, str] | None = None) -> Self:
        """Start a server and say hello."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "jido_server",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
        client = cls(process)
        await client.request("initialize", {"processId": None, "capabilities": {}, "rootUri": None})
        client.notify("initialized", {})
        return client

    async def request(self, method: str, params: object = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return the answer to a request.

        Raises:
            Refused: The answer is an error.
            ConnectionError: The server ended before it answered.
        """
        return await self.ask(method, params)

    def ask(self, method: str, params: object = None) -> asyncio.Future[Any]:
        """Send a request now, and give a future of its answer."""
        id_ = next(self._ids)
        future = asyncio.get_running_loop().create_future()
        self._answers[id_] = future
        self._send({"id": id_, "method": method, "params": params})
        return future

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def stop(self) -> int:
        """Say goodbye, and return the exit code of the server."""
        await self.request("shutdown")
        self.notify("exit", None)
        await self._reading
        return await self.process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None, "the server was started with a pipe"
        self.process.stdin.write(frame(orjson.dumps({"jsonrpc": "2.0", **message})))

    async def _read(self) -> None:
        assert self.process.stdout is not None, "the server was started with a pipe"
        framer = Framer()
        while data := await self.process.stdout.read(READ_BYTES):
            framer.feed(data)
            while isinstance(body := framer.next(), bytes):
                self._take(orjson.loads(body))
        for future in self._answers.values():
            future.set_exception(ConnectionError("the server ended"))

    def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"id": int(id_), "error": error}:
                self._answers.pop(id_).set_exception(Refused(error))
            case {"id": int(id_), "result": result}:
                self._answers.pop(id_).set_result(result)
            case {"method": "jido/session/update", "params": update}:
                self.updates.append(update)
            case {"method": "window/logMessage", "params": said}:
                self.logs.append(said)
