"""Drives a server process for a benchmark: fast enough itself not to be what is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import orjson

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
PIPE_BYTES = 64 << 10
"""What a pipe holds. For more, each read would map memory, which costs more than the read."""
_CPUCLOCK_SCHED = 2
QUIET_SECONDS = 0.3
QUIET_SHARE = 0.01
"""Of one processor."""


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
    """A server process under load.

    Attributes:
        process: The server.
    """

    frame = staticmethod(framed)
    """How a message is framed."""

    def __init__(
        self, command: Sequence[str], *, keeps_in: Path | None = None, log: int = subprocess.DEVNULL
    ) -> None:
        """Start it.

        Args:
            command: How.
            keeps_in: The folder for what it keeps; by default, one that is removed at the end.
            log: The descriptor of its stderr.
        """
        self.folder = tempfile.TemporaryDirectory()
        place = keeps_in or Path(self.folder.name)
        env = os.environ | {
            "JIDO_STATE_DIR": str(place / "state"),
            "JIDO_CONFIG_DIR": str(place / "config"),
        }
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=env, cwd=ROOT
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.ids = 0
        self.buffer = bytearray()
        self.size: int | None = None

    def initialize(self, root_uri: str | None = None) -> None:
        """Begin the conversation."""
        self.call("initialize", {"processId": None, "capabilities": {}, "rootUri": root_uri})
        self.notify("initialized", {})

    def call(self, method: str, params: Any) -> Any:
        """Return the result of one request."""
        self.write(self.request(method, params))
        while True:
            message = self.read()
            if message.get("id") == self.ids:
                assert "result" in message, message
                return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.write(self.frame({"method": method, "params": params}))

    def request(self, method: str, params: Any) -> bytes:
        """Return the frame of a new request, which is not sent yet."""
        self.ids += 1
        return self.frame({"id": self.ids, "method": method, "params": params})

    def exchange(
        self, method: str, params: Any, count: int, check: Callable[[Any], object]
    ) -> float:
        """Send the same request again and again, each when the one before it was answered.

        Args:
            method: The method.
            params: Its params.
            count: How often.
            check: Takes a result, beside the time, unless it was the same the time before. So the
                server is not left alone for long between its answers, nor its caches.

        Returns:
            The seconds from the requests to the last bytes of their answers.
        """
        seconds, before = 0.0, b""
        for _ in range(count):
            frame = self.request(method, params)
            begin = time.perf_counter()
            self.write(frame)
            body = self.body()
            seconds += time.perf_counter() - begin
            said = body.replace(b'"id":%d' % self.ids, b'"id":0', 1)
            if said != before:
                check(orjson.loads(body)["result"])
                before = said
        return seconds

    def sequential(self, method: str, params: Any, count: int) -> Cost:
        """Send each request when the one before it was answered."""
        begin, cpu, messages = time.perf_counter(), self.cpu(), 0
        for _ in range(count):
            self.write(self.request(method, params))
            while self.read().get("id") != self.ids:
                messages += 1
        return Cost(time.perf_counter() - begin, self.cpu() - cpu, messages + count)

    def in_flight(self, calls: Iterable[tuple[str, Any]], at_once: int) -> Cost:
        """Keep up to ``at_once`` requests in flight; every answer is checked."""
        first = self.ids + 1
        frames = [self.request(method, params) for method, params in calls]
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
        # The process's own clock, as clock_getcpuclockid(3) makes it: it counts in nanoseconds,
        # and threads that have ended, too.
        return time.clock_gettime((~self.process.pid << 3) | _CPUCLOCK_SCHED)

    def settle(self) -> None:
        """Wait until it does next to nothing by itself."""
        before = 0.0
        while (now := self.cpu()) - before > QUIET_SECONDS * QUIET_SHARE:
            before = now
            time.sleep(QUIET_SECONDS)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.stdin, rest) :]

    def read(self) -> Any:
        """Return the next message."""
        return orjson.loads(self.body())

    def body(self) -> bytes:
        """Return the body of the next message."""
        while (body := self.cut()) is None:
            self.more()
        return body

    def bodies(self) -> list[bytes]:
        """Return the bodies that are there, at least one."""
        found: list[bytes] = []
        while not found:
            self.more()
            while body := self.cut():
                found.append(body)
        return found

    def cut(self) -> bytes | None:
        """Take the body of a message out of what was received, if all of it was."""
        if self.size is None:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return None
            fields = bytes(self.buffer[:head]).lower().split(b"\r\n")
            self.size = next(int(f[15:]) for f in fields if f.startswith(b"content-length:"))
            del self.buffer[: head + 4]
        if len(self.buffer) < self.size:
            return None
        body = bytes(memoryview(self.buffer)[: self.size])
        del self.buffer[: self.size]
        self.size = None
        return body

    def close(self) -> None:
        """End it, and let go of all that it had."""
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

    def more(self) -> None:
        """Receive what is there, at least one byte."""
        assert self.receive(), "the server ended"

    def receive(self) -> bool:
        """Receive what is there, and return whether it is not the end."""
        data = os.read(self.stdout, PIPE_BYTES)
        self.buffer += data
        return bool(data)


def jido(
    *, keeps_in: Path | None = None, log: int = subprocess.DEVNULL, level: str = "error"
) -> Driven:
    """Start our server."""
    command = [sys.executable, "-m", "jido_server", "--log-level", level]
    return Driven(command, keeps_in=keeps_in, log=log)


def peer(name: str, *arguments: str) -> Driven:
    """Start one of the peers."""
    return Driven([sys.executable, str(PEERS / f"{name}.py"), *arguments])
