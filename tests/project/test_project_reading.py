"""Reading whole files and windows of lines."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jido_server import errors as e
from jido_server.project import content
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.project.reading import Window


def test_the_size_is_known_before_anything_is_read(files: Files, root: Path) -> None:
    with files.open_read("to_file") as file:
        assert (file.path, file.size) == (f"{root}/src/main.py", 4)
        assert file.bytes(10) == b"main"
        assert file.text(10) == "main"
        file.close()


def test_a_file_of_exactly_the_limit_is_read_and_a_larger_one_is_refused(
    files: Files, root: Path
) -> None:
    (root / "big").write_bytes(b"x" * 1000)
    assert files.read("big", limit=1000) == b"x" * 1000
    with pytest.raises(e.FileTooLarge) as caught:
        files.read("big", limit=999)
    assert (caught.value.path, caught.value.size, caught.value.limit) == ("big", 1000, 999)


def test_parts_of_a_file_are_read_in_any_order(files: Files) -> None:
    with files.open_read("hello.txt") as file:
        assert file.part(3, 10) == b"lo"
        assert file.part(0, 2) == b"he"
        assert file.part(5, 2) == b""
        assert file.bytes(5) == b"hello"


def test_an_empty_file_is_read(files: Files, root: Path) -> None:
    (root / "empty").touch()
    with files.open_read("empty") as file:
        assert file.text(0) == ""
        assert file.lines(max_bytes=0) == Window("", truncated=False)


def test_text_is_given_as_it_is(files: Files, root: Path) -> None:
    text = "\ufeffone\r\ntwo\rthree\n\0four — fünf"
    (root / "text").write_bytes(text.encode())
    with files.open_read("text") as file:
        assert file.text(100) == text
        assert file.lines(1, 100, max_bytes=100).text == text


@pytest.mark.parametrize("data", [b"\xff", b"caf\xe9", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_what_is_not_utf_8_is_not_text(files: Files, root: Path, data: bytes) -> None:
    (root / "data").write_bytes(data)
    with files.open_read("data") as file:
        assert file.bytes(10) == data
        with pytest.raises(e.NotText):
            file.text(10)
        with pytest.raises(e.NotText):
            file.lines(max_bytes=10)


def test_only_the_lines_that_are_asked_for_must_be_text(files: Files, root: Path) -> None:
    (root / "mixed").write_bytes(b"good\n\xff\ngood\n")
    with files.open_read("mixed") as file:
        assert file.lines(3, 1, max_bytes=10).text == "good\n"


@pytest.mark.parametrize(
    ("lines", "window"),
    [
        ((1, None), ("a\nb\nc", False)),
        ((1, 3), ("a\nb\nc", False)),
        ((1, 2), ("a\nb\n", True)),
        ((2, None), ("b\nc", True)),
        ((2, 1), ("b\n", True)),
        ((3, 9), ("c", True)),
        ((4, 1), ("", True)),
        ((1, 0), ("", True)),
    ],
)
def test_a_window_tells_whether_anything_was_left_out(
    files: Files, root: Path, lines: tuple[int, int | None], window: tuple[str, bool]
) -> None:
    (root / "abc").write_text("a\nb\nc")
    with files.open_read("abc") as file:
        assert file.lines(*lines, max_bytes=100) == Window(*window)


def test_the_last_line_end_begins_no_further_line(files: Files, root: Path) -> None:
    (root / "ab").write_text("a\nb\n")
    with files.open_read("ab") as file:
        assert file.lines(1, 2, max_bytes=100) == Window("a\nb\n", truncated=False)
        assert file.lines(3, 1, max_bytes=100) == Window("", truncated=True)


LINES = st.lists(st.sampled_from(["", "a", "bb", "é", "x\r", "y" * 9]), max_size=12)


@given(lines=LINES, ended=st.booleans(), window=st.tuples(st.integers(1, 14), st.integers(0, 14)))
@example(lines=["yyyyyyyyy", ""], ended=True, window=(2, 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.usefixtures("small_blocks")
def test_windows_are_the_lines_of_the_whole(
    tmp_path: Path, lines: list[str], *, ended: bool, window: tuple[int, int]
) -> None:
    text = "\n".join(lines) + ("\n" if ended and lines else "")
    (tmp_path / "lines").write_bytes(text.encode())
    offset, count = window
    expected = "".join(io.StringIO(text, newline="").readlines()[offset - 1 : offset - 1 + count])
    with Boundary.open(str(tmp_path)) as boundary, Files(boundary).open_read("lines") as file:
        found = file.lines(offset, count, max_bytes=1000)
    assert found == Window(expected, truncated=expected != text)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in blocks so small that every boundary between them is met."""
    monkeypatch.setattr(content, "_BLOCK", 4)


def test_lines_of_a_large_file_come_without_reading_all_of_it(files: Files, root: Path) -> None:
    with (root / "large").open("wb") as large:
        large.write(b"one\ntwo\nthree\n")
        large.truncate(1 << 40)  # a hole of a terabyte
    with files.open_read("large") as file:
        assert file.lines(2, 2, max_bytes=100) == Window("two\nthree\n", truncated=True)
        with pytest.raises(e.FileTooLarge) as caught:
            file.lines(3, 2, max_bytes=1 << 20)
        assert (caught.value.size, caught.value.limit) == (1 << 40, 1 << 20)


def test_a_window_too_far_away_is_refused(
    files: Files, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "FURTHEST", 1 << 20)
    with (root / "hole").open("wb") as hole:
        hole.truncate(1 << 40)
    with files.open_read("hole") as file, pytest.raises(e.FileTooLarge):
        file.lines(2, 1, max_bytes=100)


def test_a_file_that_grows_keeps_to_the_limit(files: Files, root: Path) -> None:
    growing = root / "growing"
    growing.write_bytes(b"x" * 10)
    with files.open_read("growing") as file:
        with growing.open("ab") as more:
            more.write(b"y" * 10)
        assert file.bytes(20) == b"x" * 10 + b"y" * 10
        with pytest.raises(e.FileTooLarge) as caught:
            file.bytes(15)
        assert caught.value.limit == 15


def test_a_file_that_shrinks_is_read_as_it_is(files: Files, root: Path) -> None:
    shrinking = root / "shrinking"
    shrinking.write_bytes(b"x" * 10)
    with files.open_read("shrinking") as file:
        os.truncate(shrinking, 4)
        assert file.bytes(20) == b"xxxx"


def test_a_file_that_tells_no_size_keeps_to_the_limit() -> None:
    with Boundary.open("/proc/self") as boundary:
        files = Files(boundary)
        with files.open_read("status") as file:
            assert file.size == 0
            status = file.bytes(1 << 16)
            assert status.startswith(b"Name:")
            assert (
                file.lines(1, 1, max_bytes=100).text == status[: status.index(b"\n") + 1].decode()
            )
        with pytest.raises(e.FileTooLarge):
            files.read("status", limit=10)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_only_regular_files_are_read_and_nothing_hangs(files: Files, root: Path, kind: str) -> None:
    target = root / kind
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(target))
    else:
        files = Files(Boundary.open("/dev"))
        kind = "null"
    with pytest.raises(e.NotRegularFile):
        files.read(kind, limit=10)
    assert files.stat(kind).type == "other"


def test_a_file_without_permission_is_refused(
    files: Files, root: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    (root / "private").write_text("private")
    (root / "private").chmod(0)
    with as_nobody(), pytest.raises(e.PermissionDenied):
        files.read("private", limit=10)


def test_a_folder_without_permission_is_not_gone_through(
    files: Files, root: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    (root / "src").chmod(0o600)
    with as_nobody():
        for path in ["src/main.py", "to_file", "src/deep/x"]:
            with pytest.raises(e.PermissionDenied):
                files.read(path, limit=10)
