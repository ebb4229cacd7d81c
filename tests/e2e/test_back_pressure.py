"""A client that reads nothing: the server stays free, small, and able to end."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from tests.support.wire import PATIENCE_SECONDS, Wire

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

MEBIBYTE = 1 << 20


def large_project(tmp_path: Path, size: int) -> Path:
    root = tmp_path / "large"
    root.mkdir()
    (root / "large.txt").write_bytes(b"x" * size)
    return root


@pytest.mark.parametrize(("size", "count"), [(100_000, 3000), (MEBIBYTE, 400), (16 * MEBIBYTE, 40)])
def test_answers_that_nobody_reads_do_not_fill_the_memory(
    wire: Wire, tmp_path: Path, size: int, count: int
) -> None:
    session = wire.open(large_project(tmp_path, size))
    params = {"sessionId": session, "path": "large.txt"}
    server = psutil.Process(wire.process.pid)
    before = server.memory_info().rss
    sent: list[int] = []

    def send_all() -> None:
        sent.extend(wire.ask("jido/manager/readFile", params) for _ in range(count))

    sender = threading.Thread(target=send_all)
    sender.start()
    # The first answer is here, so the others are on their way; the server has time to go wrong
    # while the processor time that it uses still grows.
    wire.receive()
    used = [-2.0, -1.0, 0.0]
    while used[-1] != used[-2] or used[-1] != used[-3]:
        sender.join(0.4)
        used.append(server.cpu_times().user + server.cpu_times().system)
    grown = server.memory_info().rss - before
    assert grown < 40 * MEBIBYTE + 16 * size
    answers = 1
    while answers < count:
        assert len(wire.receive(PATIENCE_SECONDS)["result"]["content"]) == size
        answers += 1
    sender.join()
    assert wire.stop() == 0


def test_a_client_that_reads_nothing_does_not_hold_the_server(wire: Wire, tmp_path: Path) -> None:
    session = wire.open(large_project(tmp_path, 16 * MEBIBYTE))
    for _ in range(4):
        wire.ask("jido/manager/readFile", {"sessionId": session, "path": "large.txt"})
    wire.close_input()
    wire.exit_code(2)
