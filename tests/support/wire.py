"""A client that sees raw bytes: a real server process, and every message that it sends."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 20.0


class Ended(Exception):
    """The server has closed its output."""


class Wire:
    """A server process, and its two pipes.

    Attributes:
        process: The server.
        updates: Every update that was told so far.
        logs: Every ``window/logMessage`` so far.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.updates: list[dict[str, Any]] = []
        self.logs: list[dict[str, Any]] = []
        self._buffer = bytearray()
        self._needed = 0
        self._ids = itertools.count(1)
        self._early: dict[object, dict[str, Any]] = {}

    # Sending

    def send_raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send_body(self, body: bytes) -> None:
        self.send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, **message: Any) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request and return its id."""
        id_ = next(self._ids)
        self.send(id=id_, method=method, params=params)
        return id_

    def notify(self, method: str, params: Any = None) -> None:
        self.send(method=method, params=params)

    # Receiving

    def receive(self, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Return the next message; updates and logs are also kept."""
        until = time.monotonic() + seconds
        while (message := self._cut()) is None:
            self._buffer += self._read(until)
        if message.get("method") == "jido/session/update":
            self.updates.append(message["params"])
        elif message.get("method") == "window/logMessage":
            self.logs.append(message["params"])
        return message

    def answer(self, id_: object, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Return the answer with this id, whatever comes before it."""
        while id_ not in self._early:
            message = self.receive(seconds)
            if "method" not in message:
                assert message["id"] not in self._early, f"answered twice: {message}"
                self._early[message["id"]] = message
        return self._early.pop(id_)

    def receive_answer(self) -> dict[str, Any]:
        """Return the next answer, whatever its id."""
        while "method" in (message := self.receive()):
            pass
        return message

    def request(self, method: str, params: Any = None) -> Any:
        """Return the result of a request."""
        answer = self.answer(self.ask(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def error(self, method: str, params: Any = None) -> dict[str, Any]:
        """Return the error of a request."""
        answer = self.answer(self.ask(method, params))
        assert "error" in answer, answer
        error: dict[str, Any] = answer["error"]
        return error

    def kind(self, method: str, params: Any = None) -> str:
        """Return the kind of the error of a request."""
        return str(self.error(method, params)["data"]["kind"])

    def rest(self) -> list[dict[str, Any]]:
        """Return all messages until the server closes its output."""
        messages = []
        try:
            while True:
                messages.append(self.receive())
        except Ended:
            return messages

    # Life

    def initialize(self, **params: Any) -> dict[str, Any]:
        given = {"processId": None, "rootUri": None, "capabilities": {}} | params
        result: dict[str, Any] = self.request("initialize", given)
        self.notify("initialized", {})
        return result

    def open(self, path: Path | str, **more: Any) -> str:
        """Open a session and return its id."""
        opened = self.request("jido/session/open", {"projectPath": str(path), **more})
        return str(opened["session"]["id"])

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def exit_code(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(seconds)

    def stop(self) -> int:
        """Say goodbye as a client should, and return the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.exit_code()

    def _cut(self) -> dict[str, Any] | None:
        if len(self._buffer) < self._needed:
            return None
        end = self._buffer.find(b"\r\n\r\n", 0, 200)
        if end < 0:
            return None
        header = bytes(self._buffer[:end])
        assert header.startswith(b"Content-Length: "), f"not the protocol: {header!r}"
        self._needed = end + 4 + int(header.removeprefix(b"Content-Length: "))
        if len(self._buffer) < self._needed:
            return None
        message: dict[str, Any] = json.loads(self._buffer[end + 4 : self._needed])
        del self._buffer[: self._needed]
        self._needed = 0
        assert message["jsonrpc"] == "2.0"
        return message

    def _read(self, until: float) -> bytes:
        assert self.process.stdout is not None
        fd = self.process.stdout.fileno()
        ready, _, _ = select.select([fd], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError("the server has sent nothing more")
        data = os.read(fd, 1 << 20)
        if not data:
            raise Ended
        return data


def environment(state: Path, **more: str) -> dict[str, str]:
    """Return the environment of a server that keeps its things in ``state``."""
    return {
        **os.environ,
        "JIDO_STATE_DIR": str(state / "state"),
        "JIDO_CONFIG_DIR": str(state / "config"),
        **more,
    }


@contextmanager
def server(
    state: Path, *arguments: str, stderr: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Wire]:
    """Start a server that is not initialized yet, and end it whatever happens."""
    with _started(
        "-m", "jido_server", *arguments, stderr=stderr, env=env or environment(state)
    ) as wire:
        yield wire


@contextmanager
def program(state: Path, source: str) -> Iterator[Wire]:
    """Start a Python program that serves, with its stderr in a pipe."""
    with _started("-c", source, stderr=subprocess.PIPE, env=environment(state)) as wire:
        yield wire


@contextmanager
def _started(*arguments: str, stderr: int | None, env: Mapping[str, str]) -> Iterator[Wire]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if stderr is None else stderr,
        env=env,
    )
    wire = Wire(process)
    try:
        yield wire
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process: kindly, so that coverage is written, else by force."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
