"""The peer for files: npm's ``@modelcontextprotocol/server-filesystem``, over MCP's stdio."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import platformdirs

from tests.bench.driver import Driven

PACKAGE = "@modelcontextprotocol/server-filesystem"
CACHE = platformdirs.user_cache_path("jido-bench", appauthor=False)


class Unavailable(Exception):
    """The peer can't be had here."""


class FilesystemPeer(Driven):
    """The peer at work on one folder; a message is a line of JSON.

    Args:
        root: The only folder that it may touch.

    Raises:
        Unavailable: It can't be had here.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(["node", str(_program()), str(root)])

    @staticmethod
    def frame(message: dict[str, Any]) -> bytes:
        return orjson.dumps({"jsonrpc": "2.0", **message}, option=orjson.OPT_APPEND_NEWLINE)

    def initialize(self, root_uri: str | None = None) -> None:
        """Begin the conversation; the root was given at the start."""
        del root_uri
        client = {"name": "bench", "version": "1"}
        given = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
        self.call("initialize", given)
        self.notify("notifications/initialized", {})

    @staticmethod
    def tool(name: str, **arguments: str) -> dict[str, Any]:
        """Return the params of a call of one of its tools."""
        return {"name": name, "arguments": arguments}

    def cut(self) -> bytes | None:
        """Take a line out of what was received, if all of it was."""
        end = self.buffer.find(b"\n", self.size or 0)
        if end < 0:
            self.size = len(self.buffer)
            return None
        body = bytes(memoryview(self.buffer)[:end])
        del self.buffer[: end + 1]
        self.size = None
        return body


def text(result: Any) -> str:
    """Return what a tool said."""
    assert not result.get("isError"), result
    said: str = result["content"][0]["text"]
    return said


def _program() -> Path:
    """Return the peer's program; it is installed into the user's cache when it is first needed."""
    program = CACHE / "node_modules" / PACKAGE / "dist" / "index.js"
    if not program.exists():
        _install()
    return program


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Unavailable(f"{PACKAGE} needs node and npm, which are not here")
    CACHE.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-save", "--no-package-lock", "--prefix", str(CACHE), PACKAGE]
    installed = subprocess.run(command, capture_output=True, check=False)
    if installed.returncode:
        said = installed.stderr.decode(errors="replace").strip().splitlines()
        raise Unavailable(f"{PACKAGE} can't be installed: {said[-1] if said else 'npm failed'}")
