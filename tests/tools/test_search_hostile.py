"""Searching a project whose names and ignore files are hostile."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.project.ignore import MAX_FILE_BYTES
from jido_server.tools import ripgrep_query
from jido_server.tools.ripgrep import Ripgrep
from jido_server.tools.ripgrep_query import Query
from jido_server.tools.search import places_of
from tests.tools.conftest import Call
from tests.tools.test_reading import failure
from tests.tools.test_search import paths

NAMES = ["a", "b", "ab", "a b", "]", "{a,b}", "!a", "#a", "\\", "a*", "a?", "[ab]", "a\nb", "-a"]
PIECES = [*NAMES, "*", "**", "/", "!", "[!a]", "\\"]


def fill(root: Path) -> None:
    folders = ("", "a/", "b/", "b/a/", "[a]/")
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in folders:
        for name in NAMES:
            if not (root / folder / name).is_dir():
                (root / folder / name).write_text("needle\n")


async def both_ways(root: Path, start: str) -> tuple[set[str], set[str]]:
    """Return the files in which a search finds something, and those that a glob finds."""
    with Boundary.open(str(root)) as boundary:
        files = Files(boundary)
        places = places_of(files, start, include_ignored=False, seconds=60)
        query = Query(pattern="needle", where=places.where, limit=1000)
        found = await Ripgrep().search(boundary.root, query)
        assert (places.truncated, found.truncated) == (False, False)
        return {hits.path for hits in found.files}, set(files.glob("**", start).paths)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), max_size=5),
    start=st.sampled_from([".", "a", "b/a", "[a]"]),
)
def test_a_search_and_a_glob_leave_out_the_same(lines: list[str], start: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        fill(root)
        (root / ".gitignore").write_text("\n".join(lines))
        (root / "b" / ".gitignore").write_text("\n".join(lines[::-1]))
        searched, globbed = asyncio.run(both_ways(root, start))
    assert searched == globbed


async def test_it_takes_as_many_command_lines_as_it_needs(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(project)
    (project / ".gitignore").write_text("a*\n")
    (project / "[a]" / ".gitignore").write_text("*\n")
    monkeypatch.setattr(ripgrep_query, "MAX_ARGUMENT_BYTES", 40)
    monkeypatch.setattr(ripgrep_query, "MAX_EXCLUSIONS", 2)
    searched, globbed = await both_ways(project, ".")
    assert searched == globbed - {"hello.txt", "src/main.py"}


@pytest.mark.parametrize(
    "names", [["n" * 18] * 200, ["*" * 255] * 12, ["\\" * 200 + "\n"] * 12, ["["] * 120]
)
async def test_a_start_that_is_deep_and_hard_to_write_is_searched(
    call: Call, project: Path, names: list[str]
) -> None:
    folder = os.open(project, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=folder)
        inner = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    needle = os.open("needle", os.O_WRONLY | os.O_CREAT, dir_fd=folder)
    os.write(needle, b"needle\n")
    os.close(needle)
    os.close(folder)
    start = "/".join(names)
    assert await paths(call, path=start) == [f"{start}/needle"]


@pytest.mark.parametrize("kind", ["link outside", "link inside", "pipe", "folder", "large"])
async def test_what_is_no_ignore_file_of_the_project_has_no_say(
    call: Call, project: Path, kind: str
) -> None:
    rules = b"*\n" + b"#" * MAX_FILE_BYTES if kind == "large" else b"*\n"
    outside = project.parent / "rules"
    for place in (project / "rules", outside):
        place.write_bytes(rules)
    ignore = project / ".gitignore"
    match kind:
        case "link outside":
            ignore.symlink_to(outside)
        case "link inside":
            ignore.symlink_to("rules")
        case "pipe":
            os.mkfifo(ignore)
        case "folder":
            ignore.mkdir()
        case _:
            ignore.write_bytes(rules)
    found = await call("search_files", pattern="hello")
    assert [file["path"] for file in found["files"]] == ["src/main.py"]
    assert not found["timedOut"]


async def test_a_file_that_is_too_large_is_refused_if_it_is_asked_for(
    call: Call, project: Path
) -> None:
    with (project / "huge").open("wb") as huge:
        huge.truncate(1 << 40)
    refused = await failure(call, "search_files", pattern="x", path="huge")
    assert refused["kind"] == "fileTooLarge"
    assert await paths(call, pattern="hello") == ["src/main.py"]


async def test_binary_files_and_pipes_are_passed_over(call: Call, project: Path) -> None:
    os.mkfifo(project / "pipe")
    (project / "binary").write_bytes(b"needle\n\0")
    (project / "text").write_bytes(b"needle\n")
    assert await paths(call) == ["text"]


async def test_many_nested_ignore_files_are_all_heeded(call: Call, project: Path) -> None:
    folder = project
    expected = []
    for depth in range(90):
        folder /= "d"
        folder.mkdir()
        (folder / ".gitignore").write_text(f"/hidden{depth}\n" + "**/x*y*z*/**/q\n" * 20)
        for name in (f"hidden{depth}", "seen"):
            (folder / name).write_text("needle")
        expected.append(str((folder / "seen").relative_to(project)))
    assert await paths(call) == sorted(expected)
