"""Writing files whole, making folders."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from jido_server import errors as e
from jido_server.project.directory import Directory
from jido_server.project.failures import path_error
from jido_server.project.files import Files
from jido_server.protocol.manager import WriteFileResult
from tests.project.ways import WAYS, Way, tree


@pytest.mark.parametrize("durable", [False, True])
def test_a_new_file_is_written(files: Files, root: Path, *, durable: bool) -> None:
    written = files.write("new.txt", b"new", durable=durable)
    assert written == WriteFileResult(path=f"{root}/new.txt", size=3, created=True)
    assert (root / "new.txt").read_bytes() == b"new"


@pytest.mark.parametrize("durable", [False, True])
def test_an_existing_file_is_replaced(files: Files, root: Path, *, durable: bool) -> None:
    before = set(tree(root))
    written = files.write("hello.txt", b"", durable=durable)
    assert written == WriteFileResult(path=f"{root}/hello.txt", size=0, created=False)
    assert (root / "hello.txt").read_bytes() == b""
    assert set(tree(root)) == before


def test_missing_folders_are_made(files: Files, root: Path) -> None:
    assert files.write("to_folder/a/b/c.txt", b"c").path == f"{root}/src/a/b/c.txt"
    assert (root / "src/a/b/c.txt").read_bytes() == b"c"


def test_a_new_file_has_the_mode_that_others_get(files: Files, root: Path) -> None:
    old = os.umask(0o027)
    try:
        files.write("new/file", b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((root / "new/file").stat().st_mode) == 0o640
    assert stat.S_IMODE((root / "new").stat().st_mode) == 0o750


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o200, 0o666])
def test_an_existing_file_keeps_its_mode(files: Files, root: Path, mode: int) -> None:
    (root / "hello.txt").chmod(mode)
    files.write("hello.txt", b"new")
    assert stat.S_IMODE((root / "hello.txt").stat().st_mode) == mode


def test_new_content_does_not_get_the_rights_of_an_owner(files: Files, root: Path) -> None:
    (root / "hello.txt").chmod(0o4755)
    files.write("hello.txt", b"new")
    assert stat.S_IMODE((root / "hello.txt").stat().st_mode) == 0o755


def test_an_existing_file_keeps_its_owner_where_that_can_be(
    files: Files, root: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    if os.geteuid() == 0:
        os.chown(root / "hello.txt", 1234, 4321)
    files.write("hello.txt", b"new")
    status = (root / "hello.txt").stat()
    assert (status.st_uid, status.st_gid) in {(1234, 4321), (os.getuid(), os.getgid())}
    (root / "hello.txt").chmod(0o666)
    root.chmod(0o777)
    with as_nobody():
        files.write("hello.txt", b"newer")
        writer = os.geteuid()
    assert (root / "hello.txt").stat().st_uid == writer
    assert (root / "hello.txt").read_bytes() == b"newer"


def test_a_link_inside_stays_and_its_target_is_written(files: Files, root: Path) -> None:
    assert files.write("to_file", b"new").path == f"{root}/src/main.py"
    assert (root / "to_file").is_symlink()
    assert (root / "src/main.py").read_bytes() == b"new"


def test_a_link_to_nothing_makes_what_it_names(files: Files, root: Path) -> None:
    assert files.write("dangling", b"new") == WriteFileResult(
        path=f"{root}/src/missing", size=3, created=True
    )
    assert (root / "dangling").is_symlink()


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("../new", e.PathEscapesBoundary),
        ("/new", e.PathOutsideBoundary),
        ("out_file", e.SymlinkEscapesBoundary),
        ("out_folder/secret", e.SymlinkEscapesBoundary),
        ("out_folder/new", e.SymlinkEscapesBoundary),
        ("out_folder/new/newer", e.SymlinkEscapesBoundary),
        ("out_new", e.SymlinkEscapesBoundary),
        ("src", e.IsDirectory),
        ("src/", e.IsDirectory),
        ("to_folder", e.IsDirectory),
        (".", e.IsDirectory),
        ("src/..", e.IsDirectory),
        ("new/", e.FileNotFound),
        ("hello.txt/x", e.NotDirectory),
        ("hello.txt/", e.NotDirectory),
        ("hello.txt/x/y", e.NotDirectory),
        ("loop", e.InvalidPath),
        ("x" * 256, e.InvalidPath),
        ("pipe", e.NotRegularFile),
    ],
)
def test_what_can_not_be_written_changes_nothing(
    files: Files, odd: Path, path: str, error: type[e.PathError]
) -> None:
    before = tree(odd.parent)
    with pytest.raises(e.PathError) as caught:
        files.write(path, b"new")
    assert type(caught.value) is error
    assert caught.value.path == path
    assert tree(odd.parent) == before


def test_a_file_that_nobody_may_write_to_is_refused_even_to_root(files: Files, root: Path) -> None:
    (root / "hello.txt").chmod(0o444)
    with pytest.raises(e.PermissionDenied):
        files.write("hello.txt", b"new")
    assert (root / "hello.txt").read_text() == "hello"


def test_a_file_of_another_user_is_refused_though_its_folder_is_ours(
    files: Files, root: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    root.chmod(0o777)
    (root / "hello.txt").chmod(0o644 if os.geteuid() == 0 else 0o444)
    with as_nobody(), pytest.raises(e.PermissionDenied):
        files.write("hello.txt", b"new")
    assert (root / "hello.txt").read_text() == "hello"


@pytest.mark.parametrize("durable", [False, True])
def test_a_folder_that_may_not_be_written_to_is_refused(
    files: Files,
    root: Path,
    as_nobody: Callable[[], AbstractContextManager[None]],
    *,
    durable: bool,
) -> None:
    (root / "src").chmod(0o555)
    with as_nobody():
        for path in ["src/new", "src/new/newer"]:
            with pytest.raises(e.PermissionDenied):
                files.write(path, b"new", durable=durable)
        with pytest.raises(e.PermissionDenied):
            files.make_dir("src/new")


def test_a_name_of_the_greatest_length_is_written(files: Files, root: Path) -> None:
    files.write("x" * 255, b"long")
    files.write("x" * 255, b"longer")
    assert (root / ("x" * 255)).read_bytes() == b"longer"


def test_a_file_linked_from_outside_is_replaced_not_changed(
    files: Files, root: Path, outside: Path
) -> None:
    (root / "hard").hardlink_to(outside / "secret")
    files.write("hard", b"new")
    assert (outside / "secret").read_text() == "secret"


def test_who_reads_meanwhile_keeps_the_old_file(files: Files) -> None:
    with files.open_read("hello.txt") as old:
        files.write("hello.txt", b"new content")
        assert old.bytes(100) == b"hello"


class Crowded(Directory):
    """A directory in which somebody else is always faster."""

    __slots__ = ()

    def give_name(self, fd: int, name: str) -> None:
        if not name.startswith(".jido-"):
            os.close(self.open(name, os.O_WRONLY | os.O_CREAT))
        super().give_name(fd, name)


def test_who_was_faster_is_replaced(root: Path) -> None:
    with Way(Crowded, WAYS["walk"].new_resolver).open(root) as boundary:
        before = set(tree(root))
        assert Files(boundary).write("new", b"ours").created
        assert (root / "new").read_bytes() == b"ours"
        assert set(tree(root)) == before | {"new"}


class Settling(Directory):
    """A directory in which somebody makes a folder where a file is about to be."""

    __slots__ = ()

    def rename(self, name: str, into: Directory, new_name: str) -> None:
        into.unlink(new_name)
        into.mkdir(new_name)
        super().rename(name, into, new_name)


@pytest.mark.parametrize("durable", [False, True])
def test_a_write_that_fails_at_its_very_end_leaves_no_draft(root: Path, *, durable: bool) -> None:
    before = set(tree(root))
    way = Way(Settling, WAYS["walk"].new_resolver)
    with way.open(root) as boundary, pytest.raises(e.IsDirectory):
        Files(boundary).write("hello.txt", b"new", durable=durable)
    assert set(tree(root)) == before


SMALL_DISK = """
import resource, sys
from pathlib import Path
from jido_server.errors import PathError
from jido_server.project.files import Files
from tests.project.ways import WAYS

unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, unlimited[1]))
with WAYS[sys.argv[2]].open(Path(sys.argv[1])) as boundary:
    for path in ["hello.txt", "new"]:
        try:
            Files(boundary).write(path, b"x" * 2000)
        except PathError as error:
            print(error.kind, error.data["errno"])
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
"""


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(root: Path) -> None:
    before = tree(root)
    for way in WAYS:
        done = subprocess.run(
            [sys.executable, "-c", SMALL_DISK, root, way],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.stdout, done.stderr) == (f"fileError {errno.EFBIG}\n" * 2, "")
        assert tree(root) == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_and_a_full_quota_are_told_as_such(number: int) -> None:
    assert isinstance(path_error("x", OSError(number, "")), e.StorageFull)


def test_what_has_no_kind_of_its_own_is_told_in_the_words_of_the_system() -> None:
    error = path_error("x", OSError(errno.EIO, "ignored"))
    assert error.data == {
        "kind": "fileError",
        "path": "x",
        "errno": errno.EIO,
        "reason": os.strerror(errno.EIO),
    }
