"""Drives a server process for a benchmark: fast enough itself not to be what is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import orjson
import psutil

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"


def framed(message: dict[str, Any]) -> bytes:
    body = orjson.dumps({"jsonrpc": "2.0", **message})
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@attrs.frozen
class Cost:
    """What some messages cost.

    Attributes:
        wall: Seconds until the last answer.
        cpu: Seconds of processor time of the server.
        messages: How many messages the server sent.
    """

    wall: float
    cpu: float
    messages: int


class Driven:
    """A server process under load."""

    def __init__(self, command: Sequence[str]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        env = os.environ | {
            "JIDO_STATE_DIR": f"{self.folder.name}/state",
            "JIDO_CONFIG_DIR": f"{self.folder.name}/config",
        }
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            cwd=ROOT,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.ids = 0
        self.buffer = b""
        self.watched = psutil.Process(self.process.pid)

    def initialize(self) -> None:
        self.call("initialize", {"processId": None, "capabilities": {}, "rootUri": None})
        self.write(framed({"method": "initialized", "params": {}}))

    def call(self, method: str, params: Any) -> Any:
        """Return the result of one request."""
        self.ids += 1
        self.write(framed({"id": self.ids, "method": method, "params": params}))
        while True:
            message = self.read()
            if message.get("id") == self.ids:
                assert "result" in message, message
                return message["result"]

    def sequential(self, method: str, params: Any, count: int) -> Cost:
        """Send each request when the one before it was answered."""
        begin, cpu, messages = time.perf_counter(), self.cpu(), 0
        for _ in range(count):
            self.ids += 1
            self.write(framed({"id": self.ids, "method": method, "params": params}))
            while self.read().get("id") != self.ids:
                messages += 1
        return Cost(time.perf_counter() - begin, self.cpu() - cpu, messages + count)

    def in_flight(self, calls: Iterable[tuple[str, Any]], at_once: int) -> Cost:
        """Keep up to ``at_once`` requests in flight; every answer is checked."""
        frames = []
        first = self.ids + 1
        for method, params in calls:
            self.ids += 1
            frames.append(framed({"id": self.ids, "method": method, "params": params}))
        room = threading.Semaphore(at_once)
        sender = threading.Thread(target=self._send, args=(frames, room))
        begin, cpu = time.perf_counter(), self.cpu()
        sender.start()
        received = []
        answered = 0
        while answered < len(frames):
            for body in self.bodies():
                received.append(body)
                if b'"result"' in body:
                    answered += 1
                    room.release()
        cost = Cost(time.perf_counter() - begin, self.cpu() - cpu, len(received))
        sender.join()
        ids = {message.get("id") for message in map(orjson.loads, received)}
        assert set(range(first, self.ids + 1)) <= ids, "not every request was answered"
        return cost

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        # The scheduler's own count, in nanoseconds: what psutil gives is in steps of 10 ms.
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks.iterdir()) / 1e9

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.stdin, rest) :]

    def read(self) -> Any:
        """Return the next message."""
        while True:
            if body := self._cut():
                return orjson.loads(body)
            self._more()

    def bodies(self) -> list[bytes]:
        """Return the bodies that are there, at least one."""
        found: list[bytes] = []
        while not found:
            self._more()
            while body := self._cut():
                found.append(body)
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.folder.cleanup()

    def _send(self, frames: list[bytes], room: threading.Semaphore) -> None:
        for frame in frames:
            room.acquire()
            self.write(frame)

    def _more(self) -> None:
        data = os.read(self.stdout, 1 << 20)
        assert data, "the server ended"
        self.buffer += data

    def _cut(self) -> bytes | None:
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return None
        fields = self.buffer[:head].lower().split(b"\r\n")
        size = next(int(f[15:]) for f in fields if f.startswith(b"content-length:"))
        if len(self.buffer) < head + 4 + size:
            return None
        body, self.buffer = self.buffer[head + 4 : head + 4 + size], self.buffer[head + 4 + size :]
        return body


def jido() -> Driven:
    """Start our server."""
    return Driven([sys.executable, "-m", "jido_server", "--log-level", "error"])


def peer(name: str) -> Driven:
    """Start one of the peers."""
    return Driven([sys.executable, str(PEERS / f"{name}.py")])
