"""The server ends when it should, soon, with the right code, whatever is in flight."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.wire import Wire

pytestmark = pytest.mark.process

SOON_SECONDS = 2.0


@pytest.fixture
def busy(wire: Wire, tmp_path: Path) -> Wire:
    """A server with much in flight, and a stream that has not ended."""
    large = tmp_path / "large"
    large.mkdir()
    for number in range(20):
        (large / f"{number}.bin").write_bytes(bytes(8 << 20))
    session = wire.open(large)
    wire.request("jido/state/startStreaming", {"sessionId": session, "messageId": "m"})
    for number in range(20):
        params = {"sessionId": session, "path": f"{number}.bin", "encoding": "base64"}
        wire.ask("jido/manager/readFile", params)
        wire.notify("jido/state/updateStreaming", {"sessionId": session, "chunk": "text"})
    return wire


def ends_soon(wire: Wire) -> int:
    begin = time.monotonic()
    code = wire.exit_code()
    assert time.monotonic() - begin < SOON_SECONDS
    return code


def test_exit_after_shutdown_is_zero(wire: Wire) -> None:
    assert wire.request("shutdown") is None
    assert wire.error("jido/session/list")["code"] == -32600
    wire.notify("exit")
    assert ends_soon(wire) == 0


def test_exit_without_shutdown_is_one(wire: Wire) -> None:
    wire.notify("exit")
    assert ends_soon(wire) == 1


def test_exit_before_initialize_is_one(raw: Wire) -> None:
    raw.notify("exit")
    assert ends_soon(raw) == 1


def test_the_end_of_input_ends_the_server(wire: Wire) -> None:
    wire.close_input()
    assert ends_soon(wire) == 0


def test_the_end_of_input_leaves_nothing_unanswered(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    asked = [wire.ask("jido/manager/listDir", {"sessionId": session}) for _ in range(20)]
    wire.close_input()
    answered = [message["id"] for message in wire.rest() if "result" in message]
    assert sorted(answered) == asked
    assert wire.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server(wire: Wire, number: signal.Signals) -> None:
    wire.process.send_signal(number)
    assert ends_soon(wire) == 128 + number


def send_exit(wire: Wire) -> None:
    wire.notify("exit")


def send_sigterm(wire: Wire) -> None:
    wire.process.terminate()


def send_sigint(wire: Wire) -> None:
    wire.process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("end", [send_exit, send_sigterm, send_sigint, Wire.close_input])
def test_it_ends_with_much_in_flight_and_a_client_that_reads_nothing(
    busy: Wire, end: Callable[[Wire], None]
) -> None:
    end(busy)
    ends_soon(busy)


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for the client."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def test_the_death_of_the_clients_process_ends_the_server(
    raw: Wire, other: subprocess.Popen[bytes]
) -> None:
    raw.initialize(processId=other.pid)
    other.kill()
    ends_soon(raw)


def test_a_client_that_can_not_be_seen_is_not_missed(
    raw: Wire, other: subprocess.Popen[bytes]
) -> None:
    other.kill()
    other.wait()
    raw.initialize(processId=other.pid)
    assert raw.request("jido/session/list") == {"sessions": []}
    raw_alive = raw.stop()
    assert raw_alive == 0


def test_a_client_that_no_longer_reads_at_all_ends_the_server(wire: Wire) -> None:
    assert wire.process.stdout is not None
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, wire.process.stdout.fileno())
    os.close(nothing)
    wire.ask("jido/session/list")
    ends_soon(wire)
