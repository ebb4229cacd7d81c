"""Races with a known outcome: the swap comes exactly between two steps of the walk."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest

from jido_server import errors as e
from jido_server.project.directory import Directory
from jido_server.project.files import Files
from jido_server.project.walk import Walk
from tests.project.ways import Way


class MovingDirectory(Directory):
    """A directory out of which a folder is moved as soon as it was entered."""

    __slots__ = ()
    moves: tuple[Path, Path]

    def enter(self, name: str) -> Self:
        entered = super().enter(name)
        if name == "moving":
            self.moves[0].rename(self.moves[1])
        return entered


def test_the_way_back_is_never_looked_up(root: Path, outside: Path) -> None:
    (root / "src" / "moving").mkdir()
    (root / "src" / "secret").write_text("ours")
    MovingDirectory.moves = (root / "src" / "moving", outside / "moving")
    with Way(MovingDirectory, Walk).open(root) as boundary:
        assert Files(boundary).read("src/moving/../secret", limit=10) == b"ours"
    assert (outside / "moving").is_dir()


class SwappingDirectory(Directory):
    """A directory in which a link is swapped for something else before its text is read."""

    __slots__ = ()
    link: Path
    other: Path | None
    swaps = 0

    def readlink(self, name: str) -> str:
        if self.link.is_symlink():
            self.link.unlink()
            if self.other is not None:
                self.other.rename(self.link)
            type(self).swaps += 1
        return super().readlink(name)


@pytest.mark.parametrize(
    ("path", "link", "other"),
    [("out_file", "out_file", "hello.txt"), ("out_folder/deep/x", "out_folder", "src")],
)
def test_a_link_that_has_become_what_it_hid_is_looked_at_again(
    root: Path, path: str, link: str, other: str
) -> None:
    SwappingDirectory.link, SwappingDirectory.other = root / link, root / other
    expected = (root / path.replace(link, other)).read_bytes()
    with Way(SwappingDirectory, Walk).open(root) as boundary:
        assert Files(boundary).read(path, limit=10) == expected


def test_a_link_that_has_gone_is_not_found(root: Path) -> None:
    SwappingDirectory.link, SwappingDirectory.other = root / "to_file", None
    with Way(SwappingDirectory, Walk).open(root) as boundary, pytest.raises(e.FileNotFound):
        Files(boundary).read("to_file", limit=10)


class RestlessDirectory(Directory):
    """A directory in which a name is a link whenever it is opened, and none when it is read."""

    __slots__ = ()
    link: Path
    file: Path

    def open(self, name: str, flags: int, mode: int = 0o666) -> int:
        try:
            return super().open(name, flags, mode)
        finally:
            self._swap(name)

    def readlink(self, name: str) -> str:
        try:
            return super().readlink(name)
        finally:
            self._swap(name)

    def _swap(self, name: str) -> None:
        if name == self.link.name:
            self.link.rename(self.file.with_name("spare"))
            self.file.rename(self.link)
            self.file.with_name("spare").rename(self.file)


def test_a_name_that_never_rests_is_given_up(root: Path) -> None:
    RestlessDirectory.link, RestlessDirectory.file = root / "out_file", root / "hello.txt"
    with Way(RestlessDirectory, Walk).open(root) as boundary, pytest.raises(e.InvalidPath):
        Files(boundary).read("out_file", limit=10)


class LateDirectory(Directory):
    """A directory in which somebody is faster than us in making a folder."""

    __slots__ = ()

    def mkdir(self, name: str) -> None:
        super().mkdir(name)
        super().mkdir(name)


def test_a_folder_that_somebody_else_has_just_made_is_taken(root: Path) -> None:
    with Way(LateDirectory, Walk).open(root) as boundary:
        assert Files(boundary).write("new/newer/file", b"x").created
    assert (root / "new" / "newer" / "file").exists()
