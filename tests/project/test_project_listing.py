"""Listing, asking what is there, deleting."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import orjson
import pytest

from jido_server import errors as e
from jido_server.project.files import Files, timestamp
from jido_server.protocol.manager import DirEntry, StatResult


def names(files: Files, path: str) -> list[str]:
    return [entry.name for entry in files.list(path).entries]


def test_directories_come_first_then_names(files: Files, root: Path) -> None:
    (root / "Zoo").mkdir()
    os.mkfifo(root / "pipe")
    listing = files.list()
    assert listing.path == str(root)
    assert listing.entries == [
        DirEntry("Zoo", "directory"),
        DirEntry("src", "directory"),
        DirEntry("absolute", "symlink"),
        DirEntry("dangling", "symlink"),
        DirEntry("hello.txt", "file"),
        DirEntry("loop", "symlink"),
        DirEntry("out_file", "symlink"),
        DirEntry("out_folder", "symlink"),
        DirEntry("pipe", "other"),
        DirEntry("to_file", "symlink"),
        DirEntry("to_folder", "symlink"),
    ]


def test_a_link_to_a_folder_inside_is_listed_under_its_own_path(files: Files, root: Path) -> None:
    assert files.list("absolute/").path == f"{root}/src"
    assert names(files, "absolute/") == ["deep", "main.py"]


def test_names_that_are_not_utf_8_are_shown(files: Files, root: Path) -> None:
    (root / "src" / "caf\udce9").touch()
    (root / "src" / "café").touch()
    (root / "src" / "new\nline").touch()
    listed = names(files, "src")
    assert listed == ["deep", "caf\\xe9", "café", "main.py", "new\nline"]
    orjson.dumps(listed)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("..", e.PathEscapesBoundary),
        ("/", e.PathOutsideBoundary),
        ("out_folder", e.SymlinkEscapesBoundary),
        ("src/deep/up/..", e.SymlinkEscapesBoundary),
        ("out_folder/..", e.SymlinkEscapesBoundary),
        ("missing", e.FileNotFound),
        ("hello.txt", e.NotDirectory),
        ("to_file", e.NotDirectory),
        ("loop", e.InvalidPath),
        ("", e.InvalidPath),
    ],
)
@pytest.mark.parametrize("operation", ["list", "glob"])
def test_what_is_no_folder_inside_is_not_listed(
    files: Files, path: str, error: type[e.PathError], operation: str
) -> None:
    with pytest.raises(e.PathError) as caught:
        files.list(path) if operation == "list" else files.glob("*", path)
    assert type(caught.value) is error


def test_a_folder_without_permission_is_not_listed(
    files: Files, root: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    (root / "src").chmod(0o311)
    with as_nobody(), pytest.raises(e.PermissionDenied):
        files.list("src")


def test_what_is_known_of_a_file(files: Files, root: Path) -> None:
    (root / "hello.txt").chmod(0o640)
    os.utime(root / "hello.txt", ns=(0, 1_700_000_000_123_000_000))
    known = StatResult(
        path=f"{root}/hello.txt",
        type="file",
        size=5,
        modified_at="2023-11-14T22:13:20.123Z",
        mode=0o640,
    )
    assert files.stat("hello.txt") == known
    (root / "link").symlink_to("hello.txt")
    assert files.stat("link") == known


def test_what_is_known_of_a_folder(files: Files, root: Path) -> None:
    assert (files.stat("to_folder").type, files.stat("to_folder").path) == (
        "directory",
        f"{root}/src",
    )
    assert files.stat(".").path == str(root)
    assert files.stat("src/..").path == str(root)


@pytest.mark.parametrize("seconds", [-1, -(10**10), 10**10])
def test_any_time_of_a_file_can_be_told(files: Files, root: Path, seconds: int) -> None:
    os.utime(root / "hello.txt", (0, seconds))
    assert files.stat("hello.txt").modified_at.endswith("Z")


def test_a_time_beyond_all_calendars_is_told_as_the_last() -> None:
    assert timestamp(1e15) == "9999-12-31T23:59:59.000Z"
    assert timestamp(-1e15) == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("out_file", e.SymlinkEscapesBoundary),
        ("out_folder/missing", e.SymlinkEscapesBoundary),
        ("../outside", e.PathEscapesBoundary),
        ("/etc", e.PathOutsideBoundary),
        ("loop", e.InvalidPath),
    ],
)
def test_nothing_is_told_of_what_is_outside(
    files: Files, path: str, error: type[e.PathError]
) -> None:
    for ask in [files.stat, files.exists, files.is_file, files.is_dir]:
        with pytest.raises(e.PathError) as caught:
            ask(path)
        assert type(caught.value) is error


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("hello.txt", (True, True, False)),
        ("to_file", (True, True, False)),
        ("to_folder", (True, False, True)),
        (".", (True, False, True)),
        ("missing", (False, False, False)),
        ("missing/x", (False, False, False)),
        ("hello.txt/x", (False, False, False)),
        ("dangling", (False, False, False)),
        ("pipe", (True, False, False)),
    ],
)
def test_what_is_there(files: Files, root: Path, path: str, there: tuple[bool, bool, bool]) -> None:
    os.mkfifo(root / "pipe")
    assert (files.exists(path), files.is_file(path), files.is_dir(path)) == there


@pytest.mark.parametrize(
    "path", ["hello.txt", "to_file", "out_file", "out_folder", "loop", "dangling", "absolute"]
)
@pytest.mark.parametrize("recursive", [False, True])
def test_a_file_or_a_link_itself_is_deleted(
    files: Files, root: Path, outside: Path, path: str, *, recursive: bool
) -> None:
    files.delete(path, recursive=recursive)
    assert not os.path.lexists(root / path)
    assert (root / "src" / "main.py").exists()
    assert (outside / "secret").exists()


def test_a_folder_is_deleted_with_everything_in_it(files: Files, root: Path, outside: Path) -> None:
    (root / "src" / "out").symlink_to(outside)
    (root / "src" / "hidden").mkdir()
    (root / "src" / "hidden" / ".file").touch()
    (root / "src" / "hidden" / ".file").chmod(0o400)
    os.mkfifo(root / "src" / "hidden" / "pipe")
    files.delete("src/", recursive=True)
    assert not (root / "src").exists()
    assert (outside / "secret").exists()
    assert (root / "hello.txt").exists()


def test_a_tree_deeper_than_descriptors_last_is_deleted(files: Files, root: Path) -> None:
    here = root
    for _ in range(3):
        top = here / "d"
        here = here / "/".join("d" * 70)
        here.mkdir(parents=True)
        (top / "file").touch()
    files.delete("d", recursive=True)
    assert not (root / "d").exists()


@pytest.mark.parametrize(
    ("path", "recursive", "error"),
    [
        ("src", False, e.IsDirectory),
        ("src/deep/", False, e.IsDirectory),
        (".", True, e.InvalidPath),
        ("./", True, e.InvalidPath),
        ("{root}", True, e.InvalidPath),
        ("src/..", True, e.InvalidPath),
        ("src/deep/..", True, e.InvalidPath),
        ("hello.txt/", True, e.NotDirectory),
        ("hello.txt/x", True, e.NotDirectory),
        ("to_folder/", True, e.NotDirectory),
        ("out_folder/", True, e.NotDirectory),
        ("out_folder/secret", True, e.SymlinkEscapesBoundary),
        ("out_folder/.", True, e.NotDirectory),
        ("../outside", True, e.PathEscapesBoundary),
        ("/etc", True, e.PathOutsideBoundary),
        ("missing", True, e.FileNotFound),
    ],
)
def test_what_is_not_to_be_deleted_stays(
    files: Files, root: Path, path: str, *, recursive: bool, error: type[e.PathError]
) -> None:
    before = sorted(root.parent.rglob("*"))
    with pytest.raises(e.PathError) as caught:
        files.delete(path.replace("{root}", str(root)), recursive=recursive)
    assert type(caught.value) is error
    assert sorted(root.parent.rglob("*")) == before


def test_what_may_not_be_deleted_is_refused(
    files: Files, root: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    (root / "src").chmod(0o555)
    with as_nobody():
        for path in ["src/main.py", "src/deep"]:
            with pytest.raises(e.PermissionDenied):
                files.delete(path, recursive=True)
