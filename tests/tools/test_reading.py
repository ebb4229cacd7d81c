"""Tools that look at files: windows of lines, listings, globs; bounded, and saying so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.errors import ToolFailed
from jido_server.project import content
from jido_server.tools import seen as seen_files
from jido_server.tools.limits import MOST_BYTES, cut, how_many_fit
from jido_server.tools.window import Window
from tests.tools.conftest import Call


async def failure(call: Call, name: str, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(ToolFailed) as failed:
        await call(name, **arguments)
    return failed.value.error


async def test_a_file_is_read_with_its_line_ends(call: Call, project: Path) -> None:
    (project / "crlf.txt").write_bytes("\ufeffone\r\ntwo\r\nünï".encode())
    assert await call("read_file", path="crlf.txt") == {
        "path": str(project / "crlf.txt"),
        "content": "one\r\ntwo\r\nünï",
        "firstLine": 1,
        "lastLine": 3,
        "totalLines": 3,
        "size": 18,
        "truncated": False,
    }


@pytest.mark.parametrize(
    ("window", "content", "last"),
    [
        ({"offset": 2}, "two\nthree\n", 3),
        ({"limit": 2}, "one\ntwo\n", 2),
        ({"offset": 2, "limit": 1}, "two\n", 2),
        ({"offset": 4}, "", 3),
        ({"offset": 9}, "", 8),
    ],
)
async def test_a_window_of_lines_is_read(
    call: Call, window: dict[str, int], content: str, last: int
) -> None:
    read = await call("read_file", path="hello.txt", **window)
    assert (read["content"], read["lastLine"], read["totalLines"]) == (content, last, 3)
    assert read["firstLine"] == window.get("offset", 1)
    assert not read["truncated"]


async def test_an_empty_file_has_no_lines(call: Call, project: Path) -> None:
    (project / "empty").write_bytes(b"")
    read = await call("read_file", path="empty")
    assert (read["content"], read["lastLine"], read["totalLines"]) == ("", 0, 0)


async def test_too_many_lines_are_cut_at_the_end_of_one(call: Call, project: Path) -> None:
    line = "x" * 999 + "\n"
    (project / "large").write_text(line * 1000)
    read = await call("read_file", path="large")
    assert read["truncated"]
    assert read["content"] == line * (MOST_BYTES // 1000)
    assert (read["lastLine"], read["totalLines"]) == (MOST_BYTES // 1000, 1000)
    rest = await call("read_file", path="large", offset=read["lastLine"] + 1, limit=10)
    assert (rest["content"], rest["truncated"]) == (line * 10, False)


async def test_a_line_that_is_too_long_is_cut_between_characters(call: Call, project: Path) -> None:
    (project / "long").write_text("x" + "ü" * MOST_BYTES, encoding="utf-8")
    read = await call("read_file", path="long")
    assert read["truncated"]
    assert read["content"] == "x" + "ü" * ((MOST_BYTES - 1) // 2)


async def test_a_window_far_inside_of_a_large_file_is_read(call: Call, project: Path) -> None:
    (project / "log").write_text("".join(f"line {number}\n" for number in range(100_000)))
    read = await call("read_file", path="log", offset=70_001, limit=2)
    assert read["content"] == "line 70000\nline 70001\n"
    assert read["totalLines"] == 100_000


async def test_what_is_not_text_is_refused(call: Call, project: Path) -> None:
    (project / "latin").write_bytes(b"caf\xe9\n")
    assert (await failure(call, "read_file", path="latin"))["kind"] == "notText"
    os.mkfifo(project / "pipe")
    assert (await failure(call, "read_file", path="pipe"))["kind"] == "notRegularFile"
    assert (await failure(call, "read_file", path="src"))["kind"] == "isDirectory"
    assert (await failure(call, "read_file", path="none"))["kind"] == "fileNotFound"


async def test_a_file_without_an_end_is_refused(
    call: Call, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_files, "FURTHEST", 100)
    assert content.FURTHEST > 100
    (project / "large").write_bytes(b"x" * 101)
    assert (await failure(call, "read_file", path="large"))["kind"] == "fileTooLarge"


async def test_no_tool_leaves_the_project(call: Call, project: Path) -> None:
    (project.parent / "secret").write_text("secret")
    (project / "link").symlink_to("../secret")
    for path, kind in (
        ("../secret", "pathEscapesBoundary"),
        (str(project.parent / "secret"), "pathOutsideBoundary"),
        ("link", "symlinkEscapesBoundary"),
    ):
        for name, more in (
            ("read_file", {}),
            ("write_file", {"content": "x", "overwrite": True}),
            ("edit_file", {"old_string": "s", "new_string": "x"}),
            ("list_directory", {}),
            ("find_files", {"pattern": "*"}),
            ("search_files", {"pattern": "secret"}),
        ):
            assert (await failure(call, name, path=path, **more))["kind"] == kind, name
    assert (project.parent / "secret").read_text() == "secret"


async def test_a_directory_is_listed(call: Call, project: Path) -> None:
    listed = await call("list_directory")
    assert listed == {
        "path": str(project),
        "entries": [
            {"name": "src", "type": "directory"},
            {"name": "hello.txt", "type": "file"},
        ],
        "truncated": False,
    }


async def test_a_long_listing_is_cut_and_says_so(call: Call, project: Path) -> None:
    for number in range(1001):
        (project / "src" / f"{number:04}").touch()
    listed = await call("list_directory", path="src")
    assert (len(listed["entries"]), listed["truncated"]) == (1000, True)
    found = await call("find_files", pattern="src/*")
    assert (len(found["paths"]), found["truncated"]) == (1000, True)


async def test_files_are_found(call: Call, project: Path) -> None:
    (project / ".gitignore").write_text("*.log\n")
    (project / "src" / "x.log").touch()
    assert await call("find_files", pattern="**/*.py") == {
        "paths": ["src/main.py"],
        "truncated": False,
    }
    assert (await call("find_files", pattern="*.log", path="src"))["paths"] == []
    found = await call("find_files", pattern="*.log", path="src", include_ignored=True)
    assert found["paths"] == ["src/x.log"]


def test_texts_are_counted_until_one_does_not_fit() -> None:
    assert how_many_fit([]) == 0
    assert how_many_fit(["x"] * 2000) == 1000
    assert how_many_fit(["ü" * (MOST_BYTES // 2), ""]) == 2
    assert how_many_fit(["x", "x" * MOST_BYTES]) == 1
    assert cut(b"x" * MOST_BYTES) == b"x" * MOST_BYTES


TEXTS = st.text(alphabet="ab\n", max_size=40).map(str.encode)


@given(TEXTS, st.integers(1, 12), st.integers(1, 12), st.integers(1, 7))
def test_a_window_is_the_same_however_its_content_comes(
    text: bytes, first: int, count: int, size: int
) -> None:
    window = Window(first, count)
    blocks = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(window.watch(blocks)) == blocks
    lines = text.splitlines(keepends=True)
    assert window.total == len(lines)
    assert bytes(window.kept) == b"".join(lines[first - 1 : first - 1 + count])
