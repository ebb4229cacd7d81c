from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from jido_server.errors import (
    FileNotFound,
    FileTooLarge,
    InvalidParams,
    IsDirectory,
    LuaError,
    NotText,
    PathEscapesBoundary,
)
from jido_server.session.manager import QUICK_BYTES, QUICK_ENTRIES, QUICK_READ_BYTES, Manager
from jido_server.session.sessions import Sessions


@pytest.fixture
def manager(sessions: Sessions, project: Path) -> Manager:
    return sessions.open(str(project)).manager


async def test_the_root_is_told(manager: Manager, project: Path) -> None:
    assert manager.project_root == str(project)


async def test_a_path_within_is_valid_though_nothing_is_there(
    manager: Manager, project: Path
) -> None:
    assert (await manager.validate_path("new/x")).path == str(project / "new" / "x")
    with pytest.raises(PathEscapesBoundary):
        await manager.validate_path("../x")


async def test_text_is_read_as_it_is(manager: Manager, project: Path) -> None:
    read = await manager.read_file("a.txt")
    assert read.content == "one\r\ntwo\nthree"
    assert (read.path, read.size, read.truncated) == (str(project / "a.txt"), 14, False)


@pytest.mark.parametrize(
    ("offset", "limit", "content", "truncated"),
    [
        (1, None, "one\r\ntwo\nthree", False),
        (2, None, "two\nthree", True),
        (None, 1, "one\r\n", True),
        (2, 1, "two\n", True),
        (3, 9, "three", True),
        (4, 1, "", True),
    ],
)
async def test_lines_are_read(
    manager: Manager, offset: int | None, limit: int | None, content: str, truncated: bool
) -> None:
    read = await manager.read_file("a.txt", offset=offset, limit=limit)
    assert (read.content, read.truncated) == (content, truncated)


async def test_bytes_are_read_in_base64(manager: Manager, project: Path) -> None:
    (project / "b").write_bytes(bytes(range(256)))
    with pytest.raises(NotText):
        await manager.read_file("b")
    read = await manager.read_file("b", encoding="base64")
    assert base64.b64decode(read.content) == bytes(range(256))
    with pytest.raises(InvalidParams):
        await manager.read_file("b", encoding="base64", offset=1)


@pytest.mark.parametrize("size", [3, QUICK_READ_BYTES + 1])
async def test_a_file_is_read_as_it_is(manager: Manager, project: Path, size: int) -> None:
    (project / "b").write_bytes(b"\xff" * size)
    assert await manager.read_bytes("b") == b"\xff" * size


async def test_a_large_file_is_read_too_and_one_beyond_the_limit_is_refused(
    manager: Manager, project: Path
) -> None:
    (project / "large").write_bytes(b"x" * (QUICK_READ_BYTES + 1))
    assert (await manager.read_file("large")).size == QUICK_READ_BYTES + 1
    (project / "huge").write_bytes(b"line\n" * (4 << 20))
    with pytest.raises(FileTooLarge):
        await manager.read_file("huge")
    read = await manager.read_file("huge", offset=4_000_000, limit=2)
    assert read.content == "line\nline\n"


@pytest.mark.parametrize("size", [3, QUICK_BYTES + 1])
async def test_what_is_written_is_read(manager: Manager, project: Path, size: int) -> None:
    written = await manager.write_file("new/deep/x", "é" * size)
    assert (written.size, written.created) == (2 * size, True)
    assert (project / "new" / "deep" / "x").read_text(encoding="utf-8") == "é" * size
    again = await manager.write_file("new/deep/x", "YQ==", encoding="base64")
    assert (again.size, again.created) == (1, False)
    with pytest.raises(InvalidParams):
        await manager.write_file("x", "no base64", encoding="base64")


async def test_folders_are_made_listed_and_deleted(manager: Manager) -> None:
    assert (await manager.make_dir("d/e")).created
    assert not (await manager.make_dir("d/e")).created
    entries = (await manager.list_dir()).entries
    assert [(entry.name, entry.type) for entry in entries] == [
        ("d", "directory"),
        ("a.txt", "file"),
    ]
    with pytest.raises(IsDirectory):
        await manager.delete("d")
    await manager.delete("d", recursive=True)
    await manager.delete("a.txt")
    with pytest.raises(FileNotFound):
        await manager.stat("a.txt")
    assert (await manager.list_dir(".")).entries == []


async def test_a_long_folder_is_listed_too(manager: Manager, project: Path) -> None:
    for number in range(QUICK_ENTRIES):
        (project / f"{number}").touch()
    entries = (await manager.list_dir()).entries
    assert len(entries) == len({entry.name for entry in entries}) == QUICK_ENTRIES + 1


async def test_files_are_found_and_described(manager: Manager) -> None:
    assert (await manager.glob("*.txt")).paths == ["a.txt"]
    found = await manager.stat("a.txt")
    assert (found.type, found.size) == ("file", 14)
    assert found.modified_at.endswith("Z")


async def test_effects_come_in_the_order_sent_large_or_small(manager: Manager) -> None:
    large = "x" * (QUICK_BYTES + 1)
    first = manager.write_file("f", large)
    read_large = manager.read_file("f")
    second = manager.write_file("f", "small")
    read_small = manager.read_file("f")
    listed = manager.list_dir()
    third = manager.delete("f")
    gone = manager.stat("f")
    await asyncio.gather(
        first, read_large, second, read_small, listed, third, gone, return_exceptions=True
    )
    assert read_large.result().content == large
    assert read_small.result().content == "small"
    assert "f" in [entry.name for entry in listed.result().entries]
    assert isinstance(gone.exception(), FileNotFound)
    assert first.result().created
    assert not second.result().created


async def test_what_has_begun_is_finished_though_nobody_waits(
    manager: Manager, project: Path
) -> None:
    writing = manager.write_file("f", "x" * (QUICK_BYTES + 1))
    writing.cancel()
    await manager.stat("a.txt")
    assert (project / "f").stat().st_size == QUICK_BYTES + 1


async def test_scripts_run_and_fail(manager: Manager) -> None:
    ran = await manager.run_lua("print('x') return 1 + 1, jido.read_file('a.txt')")
    assert (ran.values, ran.output) == ([2, "one\r\ntwo\nthree"], "x\n")
    with pytest.raises(LuaError):
        await manager.run_lua("nonsense")


async def test_nothing_new_is_begun_while_nobody_reads(
    sessions: Sessions, manager: Manager
) -> None:
    sessions.around.workers.pause()
    finding = manager.glob("*")
    assert (await manager.stat("a.txt")).size == 14
    assert not finding.done()
    sessions.around.workers.resume()
    assert (await finding).paths


async def test_at_the_end_what_waits_for_a_reader_is_cancelled(
    sessions: Sessions, manager: Manager
) -> None:
    workers = sessions.around.workers
    workers.pause()
    finding = manager.glob("*")
    workers.close()
    workers.pause()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(finding, 10)
