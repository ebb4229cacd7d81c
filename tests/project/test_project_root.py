"""Opening a project, holding it, and letting go of it."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from jido_server import errors as e
from jido_server.project import openat2
from jido_server.project.boundary import Boundary, native_resolver
from jido_server.project.directory import READ, Directory
from jido_server.project.files import Files
from jido_server.project.names import RootNames
from jido_server.project.openat2 import Openat2, open_beneath
from jido_server.project.tree import Tree
from tests.project.ways import Way


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "it is empty"),
        ("root", "it is not absolute"),
        ("./root", "it is not absolute"),
        ("~", "it is not absolute"),
        ("{tmp}/missing", "it does not exist"),
        ("{tmp}/root/hello.txt", "it is not a directory"),
        ("{tmp}/root/hello.txt/x", "it is not a directory"),
        ("{tmp}/root/loop", "its links go in a circle"),
        ("{tmp}/\0", "it holds a NUL"),
        ("{tmp}/\ud800", "it is not valid Unicode"),
        ("{tmp}/" + "x" * 300, "it is too long"),
        ("/" + "x/" * 3000, "it is too long"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_is_no_directory_is_no_project(tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(e.InvalidProjectPath) as caught:
        Boundary.open(path.replace("{tmp}", str(tmp_path)))
    assert caught.value.reason == reason


def test_a_project_whose_path_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "caf\udce9").mkdir()
    (tmp_path / "alias").symlink_to("caf\udce9")
    with pytest.raises(e.InvalidProjectPath, match="not UTF-8"):
        Boundary.open(str(tmp_path / "alias"))


@pytest.mark.parametrize("mode", [0o000, 0o300, 0o600])
def test_a_directory_that_can_not_be_read_is_no_project(
    way: Way, mode: int, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        closed = Path(folder).resolve() / "closed"
        closed.mkdir(mode)
        with as_nobody(), pytest.raises(e.InvalidProjectPath) as caught:
            way.open(closed)
        closed.chmod(0o700)
    assert caught.value.reason == "permission is denied"


def test_a_deleted_root_is_noticed(way: Way, tmp_path: Path) -> None:
    root = tmp_path / "short-lived"
    root.mkdir()
    with way.open(root) as boundary:
        files = Files(boundary)
        root.rmdir()
        root.mkdir()
        operations: list[Callable[[str], object]] = [
            files.list,
            files.stat,
            files.make_dir,
            files.boundary.resolve,
            lambda path: files.write(path + "/x", b""),
            lambda path: files.glob("*", path),
        ]
        for operation in operations:
            with pytest.raises(e.FileNotFound):
                operation(".")


def test_a_root_that_was_moved_is_still_the_project(way: Way, root: Path, tmp_path: Path) -> None:
    with way.open(root) as boundary:
        root.rename(tmp_path / "elsewhere")
        assert Files(boundary).read("hello.txt", limit=10) == b"hello"


def test_closing_twice_does_no_harm_and_using_it_then_is_an_error(way: Way, root: Path) -> None:
    boundary = way.open(root)
    boundary.close()
    boundary.close()
    with pytest.raises(ValueError, match="closed"):
        boundary.resolve("hello.txt")


def test_what_runs_while_the_boundary_is_closed_still_has_its_directory(
    way: Way, root: Path
) -> None:
    entered, closed = threading.Event(), threading.Event()
    boundary = way.open(root)

    def act(directory: Directory, name: str) -> bytes:
        entered.set()
        assert closed.wait(10)
        fd = directory.open(name, READ)
        try:
            return os.read(fd, 100)
        finally:
            os.close(fd)

    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(boundary.reach("hello.txt", act)[0]))
    thread.start()
    assert entered.wait(10)
    boundary.close()
    closed.set()
    thread.join(10)
    assert found == [b"hello"]


def test_a_search_outlives_the_boundary(way: Way, root: Path) -> None:
    boundary = way.open(root)
    found = Tree().files(boundary)
    first = next(found)
    boundary.close()
    paths = {here.path + file.name for here in [first, *found] for file in here.files}
    assert {"src/main.py", "src/deep/x"} <= paths


def test_openat2_works_here_and_is_taken(root: Path) -> None:
    assert openat2.works()
    with Directory.at(str(root)) as directory:
        assert isinstance(native_resolver(directory, RootNames.of(str(root))), Openat2)


@pytest.mark.parametrize(("path", "error"), [("..", errno.EXDEV), ("out_file", errno.ELOOP)])
def test_the_kernel_itself_refuses_to_leave(root: Path, path: str, error: int) -> None:
    said = re.escape(os.strerror(error))
    with Directory.at(str(root)) as directory, pytest.raises(OSError, match=said):
        open_beneath(directory.fd, path, os.O_RDONLY)


def test_where_openat2_is_filtered_the_walk_does_it(root: Path) -> None:
    script = Path(__file__).with_name("without_openat2.py")
    done = subprocess.run(
        [sys.executable, script, root], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.stderr) == ("False Walk hello\n", "")
