"""Headers and lengths that a client may send, over a real process with raw bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.wire import Wire, environment

pytestmark = pytest.mark.process


def alive(wire: Wire) -> bool:
    """Whether the server still answers."""
    return wire.request("jido/session/list") is not None


@pytest.mark.parametrize("header", [b"content-length: %d\r\n\r\n", b"Content-Length:%d\r\n\r\n"])
def test_headers_are_not_told_apart_by_case_or_space(wire: Wire, header: bytes) -> None:
    body = b'{"jsonrpc": "2.0", "id": "h", "method": "jido/session/list"}'
    wire.send_raw(header % len(body) + body)
    assert wire.answer("h")["result"] == {"sessions": []}
    assert alive(wire)


def test_a_length_beyond_reason_is_answered_and_ends_the_connection(wire: Wire) -> None:
    wire.send_raw(b"Content-Length: 1000000000000\r\n\r\n{}")
    messages = wire.rest()
    assert messages[-1]["error"]["code"] == -32600
    assert wire.exit_code() == 1


def test_a_message_over_the_limit_gets_a_clear_error_and_the_next_is_taken(wire: Wire) -> None:
    size = (64 << 20) + 1
    wire.send_raw(b"Content-Length: %d\r\n\r\n" % size)
    for _ in range(65):
        wire.send_raw(bytes(1 << 20)[: min(1 << 20, size)])
        size -= min(1 << 20, size)
    answer = wire.answer(None)
    assert answer["error"]["code"] == -32600
    assert "67108864" in answer["error"]["message"]
    assert alive(wire)


def test_a_message_of_64_mib_is_taken(wire: Wire, project: Path) -> None:
    session = wire.open(project)
    message = {"role": "user", "content": "@"}
    params = {"sessionId": session, "message": message}
    call = {"jsonrpc": "2.0", "id": "big", "method": "jido/state/appendMessage", "params": params}
    body = json.dumps(call).encode()
    wire.send_body(body.replace(b"@", b"x" * ((64 << 20) - len(body) + 1)))
    answer = wire.answer("big", 60)
    assert len(answer["result"]["message"]["content"]) > (63 << 20)


def test_stdin_of_a_regular_file_is_served(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    bodies = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"jsonrpc": "2.0", "id": 2, "method": "jido/session/list"},
        {"jsonrpc": "2.0", "id": 3, "method": "shutdown"},
        {"jsonrpc": "2.0", "method": "exit"},
    ]
    encoded = [json.dumps(body).encode() for body in bodies]
    asked.write_bytes(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(b), b) for b in encoded))
    with asked.open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-m", "jido_server"],
            stdin=stdin,
            capture_output=True,
            timeout=30,
            check=False,
            env=environment(tmp_path),
        )
    assert done.returncode == 0
    assert done.stdout.count(b"Content-Length") == 3
    assert os.fspath(tmp_path).encode() not in done.stdout
