"""Tools that change files: exactly what was asked, and nothing that was never seen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jido_server.errors import InvalidParams
from jido_server.session.manager import QUICK_BYTES
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.tools import seen
from jido_server.tools.toolbox import Toolbox
from tests.tools.conftest import Call
from tests.tools.test_reading import failure


async def refused(call: Call, **arguments: Any) -> dict[str, str]:
    with pytest.raises(InvalidParams) as error:
        await call("edit_file", **arguments)
    return {problem.path: problem.message for problem in error.value.problems}


async def is_stale(call: Call, name: str, **arguments: Any) -> bool:
    return bool((await failure(call, name, **arguments))["kind"] == "staleFile")


# Writing


async def test_a_new_file_is_written_with_its_folders(call: Call, project: Path) -> None:
    written = await call("write_file", path="a/b/c.txt", content="ünï\n")
    path = project / "a" / "b" / "c.txt"
    assert written == {"path": str(path), "size": 6, "created": True}
    assert path.read_text(encoding="utf-8") == "ünï\n"


async def test_a_file_that_was_never_read_is_overwritten_only_on_demand(
    call: Call, project: Path
) -> None:
    assert await is_stale(call, "write_file", path="hello.txt", content="x")
    assert (project / "hello.txt").read_text() == "one\ntwo\nthree\n"
    written = await call("write_file", path="hello.txt", content="x", overwrite=True)
    assert not written["created"]
    assert (project / "hello.txt").read_text() == "x"


async def test_a_file_that_changed_since_it_was_read_is_not_overwritten_even_on_demand(
    call: Call, project: Path
) -> None:
    await call("read_file", path="hello.txt")
    (project / "hello.txt").write_text("by hand")
    for overwrite in (False, True):
        assert await is_stale(
            call, "write_file", path="hello.txt", content="x", overwrite=overwrite
        )
    assert await is_stale(call, "edit_file", path="hello.txt", old_string="by", new_string="x")
    assert (project / "hello.txt").read_text() == "by hand"
    await call("read_file", path="hello.txt")
    await call("write_file", path="hello.txt", content="x")
    assert (project / "hello.txt").read_text() == "x"


async def test_what_counts_is_the_content_and_not_the_time(call: Call, project: Path) -> None:
    path = project / "hello.txt"
    before = path.stat()
    await call("read_file", path="hello.txt")
    path.write_text("ONE\ntwo\nthree\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert await is_stale(call, "write_file", path="hello.txt", content="x")
    path.write_text("one\ntwo\nthree\n")
    await call("write_file", path="hello.txt", content="x")


async def test_reading_any_window_counts_as_reading_the_file(call: Call) -> None:
    await call("read_file", path="hello.txt", offset=3, limit=1)
    await call("write_file", path="hello.txt", content="x")


async def test_what_the_session_wrote_itself_it_has_seen(call: Call) -> None:
    await call("write_file", path="new", content="one")
    await call("write_file", path="new", content="two")
    await call("edit_file", path="new", old_string="two", new_string="three")
    await call("write_file", path="new", content="four")


async def test_a_file_is_the_same_by_whatever_way_it_is_named(call: Call, project: Path) -> None:
    (project / "link").symlink_to("hello.txt")
    await call("read_file", path=str(project / "link"))
    await call("write_file", path="./src/../hello.txt", content="x")
    assert (project / "link").is_symlink()


async def test_what_one_session_has_read_another_has_not(
    toolbox: Toolbox, session: Session, sessions: Sessions, call: Call, project: Path
) -> None:
    await call("read_file", path="hello.txt")
    other = sessions.open(str(project))

    async def call_other(name: str, **arguments: Any) -> Any:
        return await toolbox.call_in(other, name, arguments)

    assert await is_stale(call_other, "write_file", path="hello.txt", content="x")
    await session.restart()
    assert await is_stale(call, "write_file", path="hello.txt", content="x")


async def test_the_managers_own_methods_stay_plain(
    call: Call, session: Session, project: Path
) -> None:
    await session.manager.write_file("hello.txt", "plain")
    assert (project / "hello.txt").read_text() == "plain"
    await call("read_file", path="hello.txt")
    await session.manager.write_file("hello.txt", "again")
    assert await is_stale(call, "write_file", path="hello.txt", content="x")


async def test_a_file_that_is_gone_is_written_anew(call: Call, project: Path) -> None:
    await call("read_file", path="hello.txt")
    (project / "hello.txt").unlink()
    assert (await call("write_file", path="hello.txt", content="x"))["created"]


async def test_only_so_many_files_are_remembered(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "MOST_FILES", 2)
    for name in ("a", "b", "a", "c"):
        await call("write_file", path=name, content="x")
    await call("write_file", path="a", content="y")
    assert await is_stale(call, "write_file", path="b", content="y")


async def test_writes_take_effect_in_the_order_of_the_calls(
    toolbox: Toolbox, session: Session, project: Path
) -> None:
    large = "x" * (QUICK_BYTES + 1)
    calls = [
        toolbox.call_in(session, name, arguments)
        for name, arguments in (
            ("write_file", {"path": "a", "content": large}),
            ("write_file", {"path": "a", "content": "small"}),
            ("edit_file", {"path": "a", "old_string": "small", "new_string": large}),
            ("read_file", {"path": "a"}),
            ("search_files", {"pattern": "^xxx"}),
            ("write_file", {"path": "a", "content": "last"}),
        )
    ]
    *_, read, _, _ = [(await one).result for one in calls]
    assert read["content"] == large[: 256 << 10]
    assert (project / "a").read_text() == "last"


# Editing


async def test_text_is_replaced_and_the_diff_told(call: Call, project: Path) -> None:
    await call("read_file", path="hello.txt")
    edited = await call("edit_file", path="hello.txt", old_string="two", new_string="2\n2½")
    assert edited == {
        "path": str(project / "hello.txt"),
        "replacements": 1,
        "diff": "--- a/hello.txt\n+++ b/hello.txt\n@@ -1,3 +1,4 @@\n one\n-two\n+2\n+2½\n three\n",
        "truncated": False,
        "written": True,
    }
    assert (project / "hello.txt").read_text(encoding="utf-8") == "one\n2\n2½\nthree\n"


async def test_a_dry_run_tells_the_diff_and_changes_nothing(call: Call, project: Path) -> None:
    await call("read_file", path="src/main.py")
    arguments = {"path": "src/main.py", "old_string": "hello", "new_string": "bye"}
    dry = await call("edit_file", dry_run=True, **arguments)
    assert (project / "src" / "main.py").read_text() == "print('hello')\n"
    assert not dry["written"]
    assert dry["diff"].startswith("--- a/src/main.py\n")
    assert await call("edit_file", **arguments) == dry | {"written": True}


async def test_a_text_that_is_not_there_or_too_often_is_refused(call: Call, project: Path) -> None:
    (project / "many").write_text("x = 1\nx = 1\n")
    await call("read_file", path="many")
    assert await refused(call, path="many", old_string="y", new_string="z") == {
        "params.arguments.old_string": "is not in the file"
    }
    assert await refused(call, path="many", old_string="x = 1", new_string="z") == {
        "params.arguments.old_string": (
            "is in the file 2 times; give more of its surroundings, or replace_all"
        )
    }
    assert await refused(call, path="many", old_string="x", new_string="x") == {
        "params.arguments.new_string": "is the same as old_string"
    }
    assert (project / "many").read_text() == "x = 1\nx = 1\n"
    edited = await call(
        "edit_file", path="many", old_string="x = 1", new_string="y", replace_all=True
    )
    assert edited["replacements"] == 2
    assert (project / "many").read_text() == "y\ny\n"


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (b"a\r\nb\r\nc", ("a\nb", "x\ny\nz"), b"x\r\ny\r\nz\r\nc"),
        (b"a\r\nb\r\n", ("a\r\nb", "x\r\ny"), b"x\r\ny\r\n"),
        (b"a\r\nb\r\n", ("b", "x\ny"), b"a\r\nx\r\ny\r\n"),
        (b"a\r\nb\nc\r\n", ("b\nc", "x\ny"), b"a\r\nx\ny\r\n"),
        (b"a\nb\r\nc\n", ("b", "x\ny"), b"a\nx\ny\r\nc\n"),
        (b"\xef\xbb\xbfa\r\nb", ("a", "x"), b"\xef\xbb\xbfx\r\nb"),
        (b"a", ("a", "b"), b"b"),
        (b"a\n", ("a", "b"), b"b\n"),
        (b"a\rb\r\n", ("a\rb", "x"), b"x\r\n"),
    ],
)
async def test_line_ends_and_byte_order_mark_are_kept(
    call: Call, project: Path, before: bytes, change: tuple[str, str], after: bytes
) -> None:
    (project / "file").write_bytes(before)
    await call("read_file", path="file")
    await call("edit_file", path="file", old_string=change[0], new_string=change[1])
    assert (project / "file").read_bytes() == after


async def test_a_large_file_is_edited_and_its_long_diff_cut(call: Call, project: Path) -> None:
    (project / "large").write_text("word\n" * 100_000)
    await call("read_file", path="large", limit=1)
    edited = await call(
        "edit_file", path="large", old_string="word", new_string="x", replace_all=True
    )
    assert edited["replacements"] == 100_000
    assert edited["truncated"]
    assert len(edited["diff"]) <= 256 << 10
    assert edited["diff"].endswith("\n")
    assert (project / "large").read_text() == "x\n" * 100_000


async def test_what_can_not_be_edited_is_refused(call: Call, project: Path) -> None:
    (project / "latin").write_bytes(b"a\ncaf\xe9\n")
    arguments = {"old_string": "a", "new_string": "b"}
    assert await is_stale(call, "edit_file", path="latin", **arguments)
    await call("read_file", path="latin", limit=1)
    assert (await failure(call, "edit_file", path="latin", **arguments))["kind"] == "notText"
    await call("write_file", path="latin", content="a")
    assert (await failure(call, "edit_file", path="none", **arguments))["kind"] == "fileNotFound"
    assert (await failure(call, "edit_file", path="src", **arguments))["kind"] == "isDirectory"
    assert (project / "latin").read_text() == "a"
    await call("edit_file", path="latin", **arguments)
