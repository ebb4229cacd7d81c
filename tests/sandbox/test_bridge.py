from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from jido_server.sandbox.limits import Limits
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost


async def values(session: LuaSession, script: str) -> list[Any]:
    return (await session.run(script)).values


async def test_files_are_written_and_read(session: LuaSession, tmp_path: Path) -> None:
    script = "return jido.write_file('a.txt', 'ä\\n'), jido.read_file('a.txt')"
    assert await values(session, script) == [True, "ä\n"]
    assert (tmp_path / "a.txt").read_text() == "ä\n"


async def test_files_of_any_bytes_are_written_and_read(session: LuaSession, tmp_path: Path) -> None:
    content = bytes(range(256)) * 3
    (tmp_path / "a").write_bytes(content)
    assert await values(session, "return jido.write_file('b', jido.read_file('a'))") == [True]
    assert (tmp_path / "b").read_bytes() == content


async def test_files_as_large_as_is_allowed_are_written_and_read(session: LuaSession) -> None:
    size = (16 << 20) - 100
    script = f"return jido.write_file('a', ('x'):rep({size})), #jido.read_file('a')"
    assert await values(session, script) == [True, size]


async def test_an_answer_that_is_too_large_is_refused(tmp_path: Path) -> None:
    sandbox = Sandbox(Limits(bridge_bytes=1000))
    (tmp_path / "a").write_bytes(b"x" * 1000)
    content, message = await values(
        sandbox.session(FolderHost(tmp_path)), "return jido.read_file('a')"
    )
    await sandbox.close()
    assert content is None
    assert "1010 bytes, more than 1000" in message


async def test_an_answer_that_does_not_fit_into_the_heap_is_refused(tmp_path: Path) -> None:
    sandbox = Sandbox(Limits(heap_bytes=8 << 20))
    (tmp_path / "a").write_bytes(b"x" * (5 << 20))
    session = sandbox.session(FolderHost(tmp_path))
    assert await values(session, "return jido.read_file('a')") == [None, "not enough memory"]
    await sandbox.close()


async def test_a_part_of_a_file_is_read(session: LuaSession, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1\n2\n3\n4\n")
    script = """
    return jido.read_file('a', {offset = 2, limit = 2}), jido.read_file('a', {offset = 4.0}),
      jido.read_file('a', {limit = 1}), jido.read_file('a', {}), jido.read_file('a', nil)
    """
    whole = "1\n2\n3\n4\n"
    assert await values(session, script) == ["2\n3\n", "4\n", "1\n", whole, whole]


async def test_folders_are_made_and_listed(session: LuaSession) -> None:
    script = """
    return jido.mkdir_p('d/e'), jido.write_file('d/f', ''), jido.list_dir('d'), jido.list_dir()
    """
    listed = [{"name": "e", "type": "directory"}, {"name": "f", "type": "file"}]
    assert await values(session, script) == [
        True,
        True,
        listed,
        [{"name": "d", "type": "directory"}],
    ]


async def test_long_listings_are_given(session: LuaSession, tmp_path: Path) -> None:
    names = [f"{n:04}" for n in range(2000)]
    for name in names:
        (tmp_path / name).touch()
    (found,) = await values(session, "return jido.glob('*')")
    assert found == names


async def test_files_are_found_by_pattern(session: LuaSession, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in ("a.lua", "d/b.lua", "d/c.txt"):
        (tmp_path / name).touch()
    script = "return jido.glob('**/*.lua'), jido.glob('*.txt', 'd')"
    assert await values(session, script) == [["a.lua", "d/b.lua"], ["d/c.txt"]]


async def test_what_is_there_is_told(session: LuaSession, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_text("123")
    script = """
    local function each(ask) return {ask('d'), ask('f'), ask('none')} end
    return each(jido.file_exists), each(jido.is_file), each(jido.is_dir)
    """
    assert await values(session, script) == [
        [True, True, False],
        [False, True, False],
        [True, False, False],
    ]
    stat, root = await values(session, "return jido.file_stat('f'), jido.project_root()")
    assert {**stat, "mode": 0} == {
        "type": "file",
        "size": 3,
        "modified_at": "2025-01-01T00:00:00Z",
        "mode": 0,
    }
    assert root == str(tmp_path)


async def test_files_are_deleted(session: LuaSession, tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    deleted, again, message = await values(
        session, "local a = jido.delete_file('f') return a, jido.delete_file('f')"
    )
    assert (deleted, again, message) == (True, None, "'f' does not exist.")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("read_file('none')", "'none' does not exist."),
        ("file_stat('none')", "'none' does not exist."),
        ("is_file('../x')", "'../x' leads out of the project."),
        ("read_file()", "argument 1 must be a string"),
        ("read_file('\\xff')", "argument 1 is not UTF-8 text"),
        ("write_file('a')", "argument 2 must be a string"),
        ("write_file('a', 1)", "argument 2 must be a string"),
        ("read_file('a', 7)", "the options must be a table"),
        ("read_file('a', {limit = 0})", "limit must be a positive integer"),
        ("read_file('a', {offset = true})", "offset must be a positive integer"),
        ("read_file(print)", "the arguments can't be passed on: it contains a function"),
    ],
)
async def test_what_fails_gives_nil_and_a_message(
    session: LuaSession, call: str, message: str
) -> None:
    assert await values(session, f"return jido.{call}") == [None, message]


async def test_a_fault_of_the_host_tells_the_script_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class FaultyHost(FolderHost):
        def project_root(self) -> str:
            raise RuntimeError("secret")

    sandbox = Sandbox()
    with caplog.at_level(logging.ERROR):
        told = await values(sandbox.session(FaultyHost(tmp_path)), "return jido.project_root()")
    await sandbox.close()
    assert told == [None, "internal error"]
    assert "project_root" in caplog.text
    assert "secret" in caplog.text


async def test_what_was_written_stays_when_the_script_fails(
    session: LuaSession, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="over"):
        await session.run("jido.write_file('a', 'x') error('over')")
    assert (tmp_path / "a").read_text() == "x"
