"""Searching the contents of a project, as ripgrep does, and never outside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jido_server.errors import InvalidParams
from tests.tools.conftest import Call
from tests.tools.test_reading import failure


async def paths(call: Call, pattern: str = "needle", **arguments: Any) -> list[str]:
    found = await call("search_files", pattern=pattern, **arguments)
    return [file["path"] for file in found["files"]]


async def refused(call: Call, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(InvalidParams) as error:
        await call("search_files", **arguments)
    (problem,) = error.value.problems
    return problem.path, problem.message


@pytest.fixture
def field(project: Path) -> Path:
    """A project with needles in many places."""
    for path in (
        "src/a.py",
        "src/deep/b.ts",
        "src/deep/c.log",
        "build/out.py",
        ".hidden/d.py",
        ".git/config",
        "src/build/e.py",
        "src/keep.log",
    ):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text("needle\n")
    (project / ".gitignore").write_text("build/\n*.log\n")
    (project / "src" / ".gitignore").write_text("!keep.log\n")
    return project


async def test_lines_are_found_with_their_numbers_and_context(call: Call, project: Path) -> None:
    (project / "many").write_text("".join(f"{number}\n" for number in range(1, 21)))
    found = await call("search_files", pattern="^1?[37]$", path="many", context=1)
    lines = found["files"][0]["lines"]
    assert [line["number"] for line in lines] == [2, 3, 4, 6, 7, 8, 12, 13, 14, 16, 17, 18]
    assert [line["text"] for line in lines if line["isMatch"]] == ["3", "7", "13", "17"]
    assert (found["matches"], found["truncated"], found["timedOut"]) == (4, False, False)


async def test_what_was_written_before_is_searched(call: Call) -> None:
    await call("write_file", path="new", content="just written\n")
    assert await paths(call, "just written") == ["new"]
    assert await call("search_files", pattern="not there") == {
        "files": [],
        "matches": 0,
        "truncated": False,
        "timedOut": False,
    }


async def test_ignored_and_hidden_files_are_left_out(call: Call, field: Path) -> None:
    assert await paths(call) == ["src/a.py", "src/deep/b.ts", "src/keep.log"]
    everything = await paths(call, include_ignored=True)
    assert ".hidden/d.py" in everything
    assert "build/out.py" in everything
    assert not any(path.startswith(".git/") for path in everything)
    assert len(everything) == 7
    assert (field / ".git" / "config").exists()


@pytest.mark.usefixtures("field")
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("src", ["src/a.py", "src/deep/b.ts", "src/keep.log"]),
        ("src/deep", ["src/deep/b.ts"]),
        ("build", ["build/out.py"]),
        ("src/build", ["src/build/e.py"]),
        (".hidden", [".hidden/d.py"]),
        ("src/deep/c.log", ["src/deep/c.log"]),
        ("link", ["src/deep/b.ts"]),
    ],
)
async def test_only_the_start_is_searched_and_files_above_it_are_heeded(
    call: Call, field: Path, start: str, expected: list[str]
) -> None:
    (field / "link").symlink_to("src/deep")
    assert await paths(call, path=start) == expected
    assert await paths(call, path=str(field / start)) == expected


async def test_a_start_whose_name_looks_like_a_pattern_is_only_itself(
    call: Call, project: Path
) -> None:
    for name in ("[ab]*", "a", "!b", "#c", "d e ", "back\\slash", "new\nline"):
        (project / name).mkdir()
        (project / name / "file").write_text("needle")
    for name in ("[ab]*", "!b", "#c", "d e ", "back\\slash", "new\nline"):
        assert await paths(call, path=name) == [f"{name}/file"]


@pytest.mark.usefixtures("field")
async def test_files_are_chosen_by_name(call: Call) -> None:
    assert await paths(call, file_name="*.py") == ["src/a.py"]
    assert await paths(call, file_name="*.{py,ts}") == ["src/a.py", "src/deep/b.ts"]


async def test_case_counts_unless_it_is_ignored(call: Call) -> None:
    assert await paths(call, "PRINT") == []
    assert await paths(call, "PRINT", ignore_case=True) == ["src/main.py"]


async def test_what_is_outside_of_the_project_has_no_say(call: Call, project: Path) -> None:
    (project.parent / ".gitignore").write_text("*\n")
    (project.parent / "needle").write_text("needle")
    (project / "out").symlink_to("..")
    (project / "out_file").symlink_to("../needle")
    (project / "inside").write_text("needle\n")
    (project / ".ignore").write_text("*\n")
    assert await paths(call) == ["inside"]


async def test_the_first_line_is_found_behind_a_byte_order_mark(call: Call, project: Path) -> None:
    (project / "bom").write_bytes(b"\xef\xbb\xbfneedle\r\nsecond needle\r\n")
    found = await call("search_files", pattern="needle$")
    assert found["files"][0]["lines"] == [
        {"number": 1, "text": "needle", "isMatch": True},
        {"number": 2, "text": "second needle", "isMatch": True},
    ]


async def test_bytes_that_are_not_text_are_shown_as_such(call: Call, project: Path) -> None:
    (project / "latin").write_bytes(b"caf\xe9 needle\n")
    (project / "utf-16").write_bytes("needle\n".encode("utf-16"))
    found = await call("search_files", pattern="needle")
    assert [file["lines"][0]["text"] for file in found["files"]] == ["caf\ufffd needle"]


async def test_a_name_that_is_not_text_is_passed_over(call: Call, project: Path) -> None:
    Path(os.fsdecode(os.fsencode(project) + b"/n\xff")).write_text("needle")
    assert await paths(call) == []


async def test_a_long_line_is_cut_around_its_match(call: Call, project: Path) -> None:
    (project / "min.js").write_text("ü" * 2000 + "needle" + "ü" * 2000, encoding="utf-8")
    (project / "start.js").write_text("needle" + "ü" * 2000, encoding="utf-8")
    found = await call("search_files", pattern="needle")
    middle, start = (file["lines"][0]["text"] for file in found["files"])
    assert middle == "…" + "ü" * 50 + "needle" + "ü" * 197 + "…"
    assert start == "needle" + "ü" * 247 + "…"


async def test_too_many_matches_are_cut_and_it_is_said(call: Call, project: Path) -> None:
    (project / "many").write_text("needle\n" * 300)
    found = await call("search_files", pattern="needle")
    assert (found["matches"], found["truncated"]) == (200, True)
    found = await call("search_files", pattern="needle", limit=300)
    assert (found["matches"], found["truncated"]) == (300, False)
    for number in range(20):
        (project / str(number)).write_text(("needle" + "x" * 400 + "\n") * 100)
    found = await call("search_files", pattern="needle", limit=1000)
    assert found["truncated"]
    assert 400 < found["matches"] < 600


async def test_a_line_that_is_too_long_to_be_read_is_passed_over(call: Call, project: Path) -> None:
    (project / "huge").write_text("needle" + "x" * (3 << 20) + "\nneedle\n")
    found = await call("search_files", pattern="needle")
    assert found["files"][0]["lines"] == [{"number": 2, "text": "needle", "isMatch": True}]
    assert found["truncated"]


async def test_a_file_that_is_too_large_is_left_out(call: Call, project: Path) -> None:
    (project / "huge").write_bytes(b"needle\n" + b"x\n" * (9 << 20))
    assert await paths(call) == []


async def test_a_pattern_that_is_none_is_refused_with_the_reason(call: Call) -> None:
    assert await refused(call, pattern="(") == ("params.arguments.pattern", "unclosed group")
    path, message = await refused(call, pattern="a\nb")
    assert path == "params.arguments.pattern"
    assert "\\n" in message
    path, message = await refused(call, pattern="a", file_name="{")
    assert path == "params.arguments.file_name"
    assert await refused(call, pattern="a\0") == ("params.arguments.pattern", "holds a NUL")
    assert (await refused(call, pattern="x", file_name="\0"))[0] == "params.arguments.file_name"
    assert (await refused(call, pattern=""))[0] == "params.arguments.pattern"
    assert (await refused(call, pattern="(?:a{1000}){1000}"))[0] == "params.arguments.pattern"


async def test_a_pattern_that_looks_like_an_option_is_a_pattern(call: Call, project: Path) -> None:
    (project / "options").write_text("--files\n")
    assert await paths(call, "--files") == ["options"]


async def test_a_start_that_can_not_be_searched_is_refused(call: Call, project: Path) -> None:
    os.mkfifo(project / "pipe")
    for path, kind in (("pipe", "notRegularFile"), ("none", "fileNotFound")):
        assert (await failure(call, "search_files", pattern="x", path=path))["kind"] == kind
