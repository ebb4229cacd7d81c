"""Finding files by patterns."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import orjson
import pytest

from jido_server import errors as e
from jido_server.project import glob as globbing
from jido_server.project.boundary import Boundary
from jido_server.project.directory import READ
from jido_server.project.files import Files
from jido_server.project.glob import Matches, glob
from jido_server.project.ignore import Ignored
from jido_server.project.tree import DEEPEST, Tree
from tests.project.ways import grow


@pytest.fixture
def forest(root: Path) -> Path:
    grow(
        root,
        "a.py",
        "b.txt",
        "src/main.py",
        "src/c.lua",
        "src/deep/d.py",
        "src/deep/x",
        "hello.txt",
        "tests/test_e.py",
        "tests/data/[f].json",
        "tests/data/{g}.json",
        ".env",
        ".github/workflows/ci.yml",
        ".github/.hidden/ci.yml",
        ".git/config",
        "src/.cache/d.py",
    )
    return root


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("*.py", ["a.py"]),
        ("./*.py", ["a.py"]),
        ("{root}/*.py", ["a.py"]),
        ("**/*.py", ["tests/test_e.py", "src/deep/d.py", "src/main.py", "to_file", "a.py"]),
        ("src/**/*.py", ["src/deep/d.py", "src/main.py"]),
        ("src//**/./*.py", ["src/deep/d.py", "src/main.py"]),
        ("src/**", ["src/deep/x", "src/deep/d.py", "src/c.lua", "src/main.py"]),
        ("{root}/src/**", ["src/deep/x", "src/deep/d.py", "src/c.lua", "src/main.py"]),
        ("*/*.{py,lua}", ["tests/test_e.py", "src/c.lua", "src/main.py"]),
        ("{src,tests}/*.py", ["tests/test_e.py", "src/main.py"]),
        ("{src/deep,tests}/*.py", ["tests/test_e.py", "src/deep/d.py"]),
        ("?.py", ["a.py"]),
        ("[ab].*", ["b.txt", "a.py"]),
        ("[!a].*", ["b.txt"]),
        ("src/main.py", ["src/main.py"]),
        ("tests/data/[[]f].json", ["tests/data/[f].json"]),
        (r"tests/data/\{g\}.json", ["tests/data/{g}.json"]),
        ("src", []),
        ("src/", []),
        ("**/", []),
        ("missing/*", []),
        ("*.PY", []),
        ("**/ci.yml", []),
        (".*", [".env"]),
        (".env", [".env"]),
        ("{.env,a.py}", [".env", "a.py"]),
        (".github/**", [".github/workflows/ci.yml"]),
        ("**/.github/*/*", [".github/workflows/ci.yml"]),
        (".git/*", []),
    ],
)
def test_a_pattern_finds_files_newest_first(
    files: Files, forest: Path, pattern: str, paths: list[str]
) -> None:
    (forest / "to_file").unlink()
    (forest / "to_file").symlink_to("src/main.py")
    expected = [path for path in paths if path != "to_file"]
    found = files.glob(pattern.replace("{root}", str(forest))).paths
    assert [path for path in found if path != "to_file"] == expected


@pytest.mark.usefixtures("forest")
def test_hidden_files_are_found_when_they_are_included(files: Files) -> None:
    assert "src/.cache/d.py" in files.glob("**/*.py", include_ignored=True).paths
    assert ".github/.hidden/ci.yml" in files.glob("**", include_ignored=True).paths
    assert not [
        path for path in files.glob("**", include_ignored=True).paths if path.startswith(".git/")
    ]


def test_a_pattern_is_relative_to_its_start_and_paths_to_the_root(
    files: Files, forest: Path
) -> None:
    for start in ["src", "to_folder", "absolute/", f"{forest}/src", "src/deep/up/src"]:
        assert files.glob("*.py", start).paths == ["src/main.py"]
        assert files.glob("**/*.py", start).paths == ["src/deep/d.py", "src/main.py"]
    assert files.glob(f"{forest}/*.py", "src").paths == ["a.py"]


def test_links_to_files_inside_are_found_and_others_are_not(files: Files, root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "to_pipe").symlink_to("pipe")
    os.utime(root / "src" / "main.py", (0, 1_000_000))
    os.utime(root / "hello.txt", (0, 2_000_000))
    assert files.glob("*").paths == ["hello.txt", "to_file"]
    assert not [path for path in files.glob("**").paths if path.startswith(("to_folder/", "out"))]


def test_files_of_the_same_age_are_found_by_name(files: Files, root: Path) -> None:
    for name in ["c.x", "a.x", "b.x"]:
        (root / name).touch()
        os.utime(root / name, (0, 0))
    assert files.glob("*.x").paths == ["a.x", "b.x", "c.x"]


@pytest.mark.parametrize(
    ("pattern", "start", "error"),
    [
        ("../*", ".", e.PathEscapesBoundary),
        ("src/../../*", ".", e.PathEscapesBoundary),
        ("../../*", "src", e.PathEscapesBoundary),
        ("../*", "src", e.InvalidPath),
        ("src/../*", ".", e.InvalidPath),
        ("/etc/*", ".", e.PathOutsideBoundary),
        ("/*", ".", e.PathOutsideBoundary),
        ("", ".", e.InvalidPath),
        ("*\0", ".", e.InvalidPath),
        ("*\udce9", ".", e.InvalidPath),
        ("x" * 1025, ".", e.InvalidPath),
        ("{a,b}" * 20, ".", e.InvalidPath),
        ("{1..1000000000}", ".", e.InvalidPath),
        ("*", "missing", e.FileNotFound),
        ("*", "hello.txt", e.NotDirectory),
    ],
)
def test_a_pattern_that_leads_out_or_asks_too_much_is_refused(
    files: Files, pattern: str, start: str, error: type[e.PathError]
) -> None:
    with pytest.raises(e.PathError) as caught:
        files.glob(pattern, start)
    assert type(caught.value) is error
    orjson.dumps(caught.value.data)
    if error is not e.FileNotFound and error is not e.NotDirectory and "\udce9" not in pattern:
        assert caught.value.path == pattern


@pytest.mark.parametrize(
    "pattern", ["{../*,/etc/*}", "{..,.}/outside/*", "out_folder/*", "[.][.]/*"]
)
def test_no_pattern_finds_what_is_outside(files: Files, pattern: str) -> None:
    assert files.glob(pattern, include_ignored=True).paths == []


@pytest.mark.parametrize("pattern", ["{" * 500 + "}" * 500, "{a," * 90 + "}" * 90, "[" * 1000])
def test_odd_brackets_do_no_harm(files: Files, pattern: str) -> None:
    assert files.glob(pattern).paths == []


def test_a_pattern_that_is_hard_to_match_takes_no_long_time(files: Files, root: Path) -> None:
    folder = root / "/".join("a" * 90)
    folder.mkdir(parents=True)
    (folder / ("a" * 255)).touch()
    (folder / ".gitignore").write_text("a*" * 100 + "b\n" + "**/a*a/" * 100 + "b\n")
    (root / ".gitignore").write_text("/**/" + "a*a/**/" * 100 + "b\n" + ("**/a/" * 8 + "b\n") * 100)
    for pattern in ("**/" + "a*" * 400 + "b?", "**/a/**/a/**/*b?", "**/a/" * 150 + "*b?"):
        assert files.glob(pattern) == Matches([], truncated=False)


def test_a_search_ends_at_its_deadline_and_tells_that_there_may_be_more(boundary: Boundary) -> None:
    assert glob(boundary, "**", seconds=0) == Matches([], truncated=True)
    assert not glob(boundary, "*", seconds=60).truncated


@pytest.mark.usefixtures("forest")
def test_only_the_newest_are_given_if_there_are_too_many(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(globbing, "MOST_MATCHES", 2)
    assert files.glob("src/**/*") == Matches(["src/deep/x", "src/deep/d.py"], truncated=True)
    assert files.glob("src/*") == Matches(["src/c.lua", "src/main.py"], truncated=False)


def test_folders_that_are_too_deep_are_not_entered(files: Files, root: Path) -> None:
    folder = root / "/".join("d" * (DEEPEST + 1))
    folder.mkdir(parents=True)
    (folder / "deeper").touch()
    (folder.parent / "deep").touch()
    assert [path[-5:] for path in files.glob("**/d/dee*").paths] == ["/deep"]


def test_names_that_are_not_utf_8_are_found(files: Files, root: Path) -> None:
    (root / "caf\udce9.py").touch()
    assert files.glob("caf?.py").paths == ["caf\\xe9.py"]


def test_folders_that_can_not_be_read_are_passed_over(
    files: Files, forest: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    (forest / "src" / "deep").chmod(0o600)
    (forest / "tests").chmod(0o311)
    with as_nobody():
        assert files.glob("**/*.py").paths[0] == "src/main.py"


@pytest.mark.usefixtures("forest")
def test_what_is_found_can_be_opened_where_it_was_found(boundary: Boundary) -> None:
    for found in Tree(ending="d.py").files(boundary):
        for file in found.files:
            fd = found.folder.open(file.name, READ)
            os.close(fd)
            assert (found.path, file.name) == ("src/deep/", "d.py")


def test_a_folder_that_becomes_a_link_is_passed_over(
    boundary: Boundary, forest: Path, outside: Path
) -> None:
    found = Tree().files(boundary)
    first = next(found)  # of the root; its folders are entered later
    (forest / "src").rename(forest / "moved")
    (forest / "src").symlink_to(outside)
    paths = {here.path + file.name for here in [first, *found] for file in here.files}
    assert "hello.txt" in paths
    assert not [path for path in paths if path.startswith("src/")]


def test_a_start_that_goes_while_it_is_looked_at_is_told(
    boundary: Boundary, forest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Ignored.names

    def swap(ignored: Ignored, folder: str, name: str) -> bool:
        if name == "src/" and (forest / "src").is_dir():
            (forest / "src").rename(forest / "moved")
        return names(ignored, folder, name)

    monkeypatch.setattr(Ignored, "names", swap)
    with pytest.raises(e.FileNotFound):
        glob(boundary, "*", "src/deep")
