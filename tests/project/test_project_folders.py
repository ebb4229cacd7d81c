"""Making folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from jido_server import errors as e
from jido_server.project.files import Files
from jido_server.protocol.manager import MakeDirResult
from tests.project.ways import tree


def test_a_folder_is_made_with_those_above_it(files: Files, root: Path) -> None:
    assert files.make_dir("a/b/c/") == MakeDirResult(path=f"{root}/a/b/c", created=True)
    assert files.make_dir("a/b/c") == MakeDirResult(path=f"{root}/a/b/c", created=False)
    assert files.make_dir("a/./d/../b/e") == MakeDirResult(path=f"{root}/a/b/e", created=True)
    assert (root / "a" / "b" / "e").is_dir()


@pytest.mark.parametrize("path", [".", "src", "src/", "to_folder", "absolute/", "src/deep/.."])
def test_a_folder_that_is_there_is_not_made(files: Files, path: str) -> None:
    assert not files.make_dir(path).created


def test_a_link_to_nothing_is_made_a_folder_inside(files: Files, root: Path) -> None:
    assert files.make_dir("dangling") == MakeDirResult(path=f"{root}/src/missing", created=True)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("../new", e.PathEscapesBoundary),
        ("/new", e.PathOutsideBoundary),
        ("out_file", e.SymlinkEscapesBoundary),
        ("out_folder", e.SymlinkEscapesBoundary),
        ("out_folder/new/newer", e.SymlinkEscapesBoundary),
        ("out_new", e.SymlinkEscapesBoundary),
        ("pipe", e.NotDirectory),
        ("hello.txt", e.NotDirectory),
        ("to_file", e.NotDirectory),
        ("hello.txt/", e.NotDirectory),
        ("hello.txt/x", e.NotDirectory),
        ("loop", e.InvalidPath),
    ],
)
def test_what_can_not_be_a_folder_changes_nothing(
    files: Files, odd: Path, path: str, error: type[e.PathError]
) -> None:
    before = tree(odd.parent)
    with pytest.raises(e.PathError) as caught:
        files.make_dir(path)
    assert type(caught.value) is error
    assert tree(odd.parent) == before
