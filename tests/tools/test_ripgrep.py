"""ripgrep as a process: it ends in time, with its call and with its session."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import psutil
import pytest

from jido_server.errors import ToolFailed
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.tools import ripgrep
from jido_server.tools.ripgrep import Ripgrep
from jido_server.tools.ripgrep_query import Query
from jido_server.tools.toolbox import Toolbox


async def test_a_root_that_is_gone_is_said(project: Path) -> None:
    query = Query(pattern="x", where={".": set()}, limit=1)
    with pytest.raises(FileNotFoundError):
        await Ripgrep().search(str(project / "gone"), query)


async def test_a_root_that_goes_while_it_is_searched_is_said(
    session: Session, project: Path
) -> None:
    class Remover(Ripgrep):
        async def search(self, root: str, query: Query) -> ripgrep.Found:
            project.rename(project.parent / "elsewhere")
            return await super().search(root, query)

    with pytest.raises(ToolFailed) as failed:
        await Toolbox(ripgrep=Remover()).call_in(session, "search_files", {"pattern": "x"})
    assert failed.value.error["kind"] == "fileNotFound"


async def test_what_a_file_no_longer_holds_is_not_told(session: Session, project: Path) -> None:
    (project / "stays").write_text("needle\n")
    (project / "changes").write_text("needle\n")
    (project / "goes").write_text("needle\n")

    class Changer(Ripgrep):
        async def search(self, root: str, query: Query) -> ripgrep.Found:
            found = await super().search(root, query)
            assert len(found.files) == 3
            (project / "changes").write_text("noodle\n")
            (project / "goes").unlink()
            return found

    called = await Toolbox(ripgrep=Changer()).call_in(
        session, "search_files", {"pattern": "needle"}
    )
    assert [file["path"] for file in called.result["files"]] == ["stays"]


async def test_a_search_that_takes_too_long_tells_what_it_found(session: Session) -> None:
    toolbox = Toolbox(ripgrep=Ripgrep(seconds=0))
    called = await toolbox.call_in(session, "search_files", {"pattern": "x"})
    assert (called.result["truncated"], called.result["timedOut"]) == (True, True)


def searching() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if child.name() in ripgrep.NAMES:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - processes come and go without an event
            await asyncio.sleep(0)


class Hanging(Ripgrep):
    """Searches a pipe into which nobody writes."""

    async def search(self, root: str, query: Query) -> ripgrep.Found:
        pipe = Path(root) / "pipe"
        if not pipe.exists():
            os.mkfifo(pipe)
        return await super().search(root, attrs.evolve(query, where={"pipe": set()}))


async def test_a_search_that_hangs_ends_in_time(session: Session) -> None:
    toolbox = Toolbox(ripgrep=Hanging(seconds=0.1))
    called = await toolbox.call_in(session, "search_files", {"pattern": "x"})
    assert called.result["timedOut"]
    assert not searching()


async def test_a_search_that_is_cancelled_leaves_no_process(session: Session) -> None:
    work = Toolbox(ripgrep=Hanging()).call_in(session, "search_files", {"pattern": "x"})
    await until(searching)
    work.cancel()
    await until(lambda: not searching())
    (call,) = session.state.content.tool_calls.values()
    assert (call.status, call.result["error"]["kind"]) == ("error", "requestCancelled")


async def test_a_search_ends_with_its_session(session: Session, sessions: Sessions) -> None:
    work = Toolbox(ripgrep=Hanging()).call_in(session, "search_files", {"pattern": "x"})
    await until(searching)
    await sessions.close(session.id)
    assert not searching()
    assert work.cancelled()
    (call,) = session.state.content.tool_calls.values()
    assert (call.status, call.result) == ("error", {"interrupted": True})


async def test_only_a_few_searches_run_at_once(session: Session) -> None:
    toolbox = Toolbox(ripgrep=Hanging(seconds=0.2))
    works = [toolbox.call_in(session, "search_files", {"pattern": "x"}) for _ in range(5)]
    most = 0
    while not all(work.done() for work in works):
        most = max(most, len(searching()))
        await asyncio.sleep(0)
    assert most == ripgrep.AT_ONCE
    assert all(work.result().result["timedOut"] for work in works)


def test_ripgrep_is_the_one_that_was_installed_with_us() -> None:
    said = subprocess.run([ripgrep.executable(), "--version"], capture_output=True, check=True)
    assert said.stdout.startswith(b"ripgrep 15.")


def test_without_it_the_one_on_the_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ripgrep, "PACKAGE", "no-such-package")
    find = ripgrep.executable.__wrapped__
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="ripgrep is missing"):
        find()
    (tmp_path / "rg").symlink_to(ripgrep.executable())
    assert find() == str(tmp_path / "rg")


async def test_a_search_that_was_broken_off_is_said_to_be_incomplete(session: Session) -> None:
    toolbox = Toolbox(ripgrep=Hanging())
    work = toolbox.call_in(session, "search_files", {"pattern": "x"})
    await until(searching)
    for process in searching():
        process.kill()
    called = await work
    assert (called.result["truncated"], called.result["timedOut"]) == (True, False)
