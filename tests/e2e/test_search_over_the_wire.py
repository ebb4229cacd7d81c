"""A search over the wire: it holds up nobody, and doesn't outlive its server."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from jido_server.tools.ripgrep import NAMES
from tests.support.wire import Wire

pytestmark = pytest.mark.process

CALL = "jido/tools/call"
SLOW = r"(?:\w{20,90}\d){3}\W{9}"
PATIENCE_SECONDS = 20


def searching(wire: Wire) -> list[psutil.Process]:
    """Wait until ripgrep runs, and return it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        children = psutil.Process(wire.process.pid).children(recursive=True)
        if found := [child for child in children if child.name() in NAMES]:
            return found
    raise TimeoutError("nothing was searched")


def test_ripgrep_ends_with_a_server_that_is_killed(wire: Wire, project: Path) -> None:
    (project / "0").write_text("word9" * 3_000_000)
    for number in range(1, 5000):
        os.link(project / "0", project / str(number))
    session = wire.open(project)
    wire.ask(CALL, {"sessionId": session, "name": "search_files", "arguments": {"pattern": SLOW}})
    running = searching(wire)
    try:
        wire.process.kill()
        wire.process.wait()
        until = time.monotonic() + PATIENCE_SECONDS
        while any(map(is_alive, running)):
            assert time.monotonic() < until, "it goes on searching for nobody"
            time.sleep(0.01)
    finally:
        for process in filter(is_alive, running):
            process.kill()


def is_alive(process: psutil.Process) -> bool:
    """Tell whether it runs; one that nobody waits for may stay as a zombie."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_start_that_is_hard_to_name_holds_up_no_session(wire: Wire, project: Path) -> None:
    start = "/".join(["*" * 255] * 12)
    (project / start).mkdir(parents=True)
    (project / start / "file").write_text("needle\n")
    session = wire.open(project)
    arguments = {"pattern": "needle", "path": start}
    asked = wire.ask(CALL, {"sessionId": session, "name": "search_files", "arguments": arguments})
    wire.request("jido/manager/projectRoot", {"sessionId": session})
    found = wire.answer(asked)["result"]["result"]
    assert [file["path"] for file in found["files"]] == [f"{start}/file"]


def test_hostile_ignore_files_and_globs_hold_up_no_session(wire: Wire, project: Path) -> None:
    folder = project / "/".join("a" * 60)
    folder.mkdir(parents=True)
    (folder / ("a" * 200)).touch()
    (project / ".gitignore").write_text(("**/a/" * 8 + "b\n") * 1000)
    session = wire.open(project)
    asked = [
        wire.ask("jido/manager/glob", {"sessionId": session, "pattern": pattern})
        for pattern in ("**/a/**/a/**/*b*", "**")
    ]
    wire.request("jido/manager/projectRoot", {"sessionId": session})
    nothing, everything = [wire.answer(id_)["result"]["paths"] for id_ in asked]
    assert nothing == []
    assert len(everything) == 3
