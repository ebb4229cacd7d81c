"""What leads out of the project, what stays in it, and how it is said."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from jido_server import errors as e
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.project.walk import DEEPEST, MOST_LINKS, MOST_PARTS
from tests.project.ways import Way


def read(boundary: Boundary, path: str) -> str:
    return Files(boundary).read(path, limit=1000).decode()


def refused(boundary: Boundary, path: str) -> e.PathError:
    """Return the error that reading gives; it can be sent to a client."""
    with pytest.raises(e.PathError) as caught:
        read(boundary, path)
    orjson.dumps(caught.value.data)
    return caught.value


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("hello.txt", "hello"),
        ("./src//./main.py", "main"),
        ("src/../hello.txt", "hello"),
        ("src/deep/../../hello.txt", "hello"),
        ("to_file", "main"),
        ("to_folder/main.py", "main"),
        ("to_folder/deep/x", "x"),
        ("to_folder/../hello.txt", "hello"),
        ("absolute/main.py", "main"),
        ("src/deep/up/hello.txt", "hello"),
        ("src/deep/top/hello.txt", "hello"),
        ("absolute/deep/up/to_folder/../to_file", "main"),
    ],
)
def test_what_is_inside_can_be_read(boundary: Boundary, path: str, content: str) -> None:
    assert read(boundary, path) == content


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("..", e.PathEscapesBoundary),
        ("../outside/secret", e.PathEscapesBoundary),
        ("src/../../outside/secret", e.PathEscapesBoundary),
        ("../root/hello.txt", e.PathEscapesBoundary),
        ("to_folder/../../root/hello.txt", e.PathEscapesBoundary),
        ("missing/../../x", e.PathEscapesBoundary),
        ("/", e.PathOutsideBoundary),
        ("/etc/passwd", e.PathOutsideBoundary),
        ("{root}/../outside/secret", e.PathOutsideBoundary),
        ("{root}/../root/hello.txt", e.PathOutsideBoundary),
        ("{root}extra", e.PathOutsideBoundary),
        ("{outside}/secret", e.PathOutsideBoundary),
        ("out_file", e.SymlinkEscapesBoundary),
        ("out_folder", e.SymlinkEscapesBoundary),
        ("out_folder/secret", e.SymlinkEscapesBoundary),
        ("out_folder/missing", e.SymlinkEscapesBoundary),
        ("src/deep/up/..", e.SymlinkEscapesBoundary),
        ("src/deep/up/../outside/secret", e.SymlinkEscapesBoundary),
        ("missing", e.FileNotFound),
        ("missing/x", e.FileNotFound),
        ("missing/../hello.txt", e.FileNotFound),
        ("dangling", e.FileNotFound),
        ("src", e.IsDirectory),
        (".", e.IsDirectory),
        ("{root}", e.IsDirectory),
        ("hello.txt/", e.NotDirectory),
        ("hello.txt/.", e.NotDirectory),
        ("hello.txt/x", e.NotDirectory),
        ("hello.txt/..", e.NotDirectory),
        ("to_file/", e.NotDirectory),
        ("loop", e.InvalidPath),
        ("loop/x", e.InvalidPath),
        ("", e.InvalidPath),
        ("hello.txt\0", e.InvalidPath),
        ("\0", e.InvalidPath),
        ("caf\udce9", e.InvalidPath),
        ("\ud800", e.InvalidPath),
        ("x" * 256, e.InvalidPath),
        ("x/" * 2048, e.InvalidPath),
        ("%2e%2e/outside/secret", e.FileNotFound),
        ("~", e.FileNotFound),
        ("$HOME", e.FileNotFound),
        ("file:///etc/passwd", e.FileNotFound),
        ("..\\outside\\secret", e.FileNotFound),
    ],
)
def test_what_is_not_inside_is_refused_by_its_kind(
    boundary: Boundary, root: Path, outside: Path, path: str, error: type[e.PathError]
) -> None:
    path = path.replace("{root}", str(root)).replace("{outside}", str(outside))
    assert type(refused(boundary, path)) is error


def test_an_error_names_the_path_as_it_was_given(boundary: Boundary) -> None:
    for path in ["src/../../x", "/etc", "out_folder/./secret", "missing//x", "hello.txt/"]:
        assert refused(boundary, path).path == path


def test_an_error_can_be_sent_whatever_the_path_was(boundary: Boundary) -> None:
    assert refused(boundary, "caf\udce9").path == "caf\\xe9"
    assert refused(boundary, "\ud800").path == "\\ud800"


def test_an_absolute_path_inside_is_taken_in_both_spellings(
    way: Way, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "alias").symlink_to(root)
    (root / "by_alias").symlink_to(tmp_path / "alias" / "src")
    with way.open(tmp_path / "alias") as boundary:
        assert boundary.root == str(root)
        assert read(boundary, f"{tmp_path}/alias/hello.txt") == "hello"
        assert read(boundary, f"{root}//./hello.txt") == "hello"
        assert read(boundary, "by_alias/main.py") == "main"
        assert boundary.resolve("by_alias/main.py") == f"{root}/src/main.py"


def test_the_root_is_resolved_once(way: Way, root: Path, outside: Path, tmp_path: Path) -> None:
    alias = tmp_path / "alias"
    alias.symlink_to(root)
    with way.open(alias) as boundary:
        alias.unlink()
        alias.symlink_to(outside)
        assert read(boundary, f"{alias}/hello.txt") == "hello"


def test_the_whole_file_system_can_be_a_project(way: Way, root: Path) -> None:
    with way.open(Path("/")) as boundary:
        assert read(boundary, f"{root}/hello.txt") == "hello"
        assert boundary.resolve("/dev") == "/dev"
        assert boundary.resolve("/") == "/"
        assert type(refused(boundary, "..")) is e.PathEscapesBoundary


@pytest.mark.parametrize(
    ("path", "resolved"),
    [
        (".", ""),
        ("src/", "/src"),
        ("to_folder/../hello.txt", "/hello.txt"),
        ("to_file", "/src/main.py"),
        ("absolute/deep/up/to_file", "/src/main.py"),
        ("dangling", "/src/missing"),
        ("new", "/new"),
        ("new/", "/new"),
        ("to_folder/new/newer/newest", "/src/new/newer/newest"),
    ],
)
def test_a_path_is_resolved_though_its_end_is_missing(
    boundary: Boundary, root: Path, path: str, resolved: str
) -> None:
    assert boundary.resolve(path) == f"{root}{resolved}"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("../x", e.PathEscapesBoundary),
        ("/etc", e.PathOutsideBoundary),
        ("out_folder/new", e.SymlinkEscapesBoundary),
        ("out_folder/../new", e.SymlinkEscapesBoundary),
        ("missing/../out_file", e.FileNotFound),
        ("hello.txt/new", e.NotDirectory),
        ("loop/new", e.InvalidPath),
    ],
)
def test_a_path_that_leads_nowhere_is_not_resolved(
    boundary: Boundary, path: str, error: type[e.PathError]
) -> None:
    with pytest.raises(e.PathError) as caught:
        boundary.resolve(path)
    assert type(caught.value) is error


def test_forty_links_can_be_followed_and_no_more(boundary: Boundary, root: Path) -> None:
    (root / "link0").symlink_to("hello.txt")
    for number in range(1, MOST_LINKS + 1):
        (root / f"link{number}").symlink_to(f"link{number - 1}")
    assert read(boundary, f"link{MOST_LINKS - 1}") == "hello"
    assert isinstance(refused(boundary, f"link{MOST_LINKS}"), e.InvalidPath)


def test_links_can_not_make_a_path_endless(boundary: Boundary, root: Path) -> None:
    around = "src/../" * 500
    (root / "around0").symlink_to(around + "hello.txt")
    for number in range(1, 9):
        (root / f"around{number}").symlink_to(f"{around}around{number - 1}")
    assert MOST_PARTS < 9 * 1000
    assert read(boundary, "around1") == "hello"
    assert isinstance(refused(boundary, "around8"), e.InvalidPath)


def test_a_walk_is_not_so_deep_that_descriptors_run_out(boundary: Boundary) -> None:
    files = Files(boundary)
    deepest = "d/" * DEEPEST
    files.write(deepest + "file", b"deep")
    assert files.read(deepest + "file", limit=10) == b"deep"
    with pytest.raises(e.InvalidPath):
        files.write(deepest + "d/file", b"deeper")


def test_names_may_be_as_long_as_the_system_lets_them(boundary: Boundary, root: Path) -> None:
    (root / ("é" * 127)).write_text("long")
    assert read(boundary, "é" * 127) == "long"


def test_a_hard_link_counts_as_inside(boundary: Boundary, root: Path, outside: Path) -> None:
    (root / "hard").hardlink_to(outside / "secret")
    assert read(boundary, "hard") == "secret"


def test_a_link_to_a_name_that_is_not_utf_8_can_be_told(boundary: Boundary, root: Path) -> None:
    (root / "caf\udce9").write_text("coffee")
    (root / "coffee").symlink_to("caf\udce9")
    assert read(boundary, "coffee") == "coffee"
    assert boundary.resolve("coffee") == f"{root}/caf\\xe9"


def test_a_magic_link_of_proc_is_only_its_text(way: Way, outside: Path) -> None:
    fd = os.open(outside / "secret", os.O_RDONLY)
    try:
        with way.open(Path("/proc/self/fd")) as boundary:
            assert isinstance(refused(boundary, str(fd)), e.SymlinkEscapesBoundary)
    finally:
        os.close(fd)
