"""What .gitignore files leave out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jido_server.project import ignore
from jido_server.project.files import Files
from jido_server.project.ignore import Ignored
from tests.project.ways import grow

IGNORED = {
    "a line is a name anywhere": ("x", "x y/x y/z z/x/a", "y/z"),
    "a star is not a slash": ("*.log", "a.log b/a.log a.logs", "a.logs"),
    "a slash before makes it a path": ("/x", "x y/x", "y/x"),
    "a slash within makes it a path": ("y/x", "y/x z/y/x", "z/y/x"),
    "a slash behind means folders": ("x/", "x/a y/x z/x/a", "y/x"),
    "stars for folders": ("**/x/*.o", "x/a.o y/x/a.o y/x/z/a.o", "y/x/z/a.o"),
    "stars within": ("a/**/z", "a/z a/b/z a/b/c/z a/y", "a/y"),
    "stars behind": ("a/**\n!a/keep", "a/b a/keep b", "a/keep b"),
    "the last line decides": ("*.x\n!b.x", "a.x b.x", "b.x"),
    "and again": ("!b.x\n*.x", "a.x b.x", ""),
    "nothing comes back into a folder": ("a\n!a/b", "a/b c", "c"),
    "only some": ("/*\n!/a\n/a/*\n!/a/b", "a/b a/c d", "a/b"),
    "all but some kind": ("*\n!*/\n!*.py", "a.py b/c.py b/d.txt e.txt", "a.py b/c.py"),
    "comments and blanks": ("# x\n\n  \n\\#y", "x #y", "x"),
    "windows line ends": ("x\r\ny\r\n", "x y z", "z"),
    "a byte order mark": ("\ufeffx", "x y", "y"),
    "what makes no sense": ("!\n\\\n[z-a]\n/\nx", "x y", "y"),
    "a set": ("[ab].x\n[!c]", "a.x d cc c", "c cc"),
    "too long a line": ("x" * 5000 + "\ny", "x y", "x"),
}


@pytest.mark.parametrize("case", IGNORED)
def test_what_gitignore_names_is_left_out(files: Files, root: Path, case: str) -> None:
    lines, there, left = IGNORED[case]
    project = root / "project"
    grow(project, *there.split())
    (project / ".gitignore").write_bytes(lines.encode())
    found = {path.removeprefix("project/") for path in files.glob("**", "project").paths}
    assert found == set(left.split())
    everything = files.glob("**", "project", include_ignored=True).paths
    assert {*there.split(), ".gitignore"} == {p.removeprefix("project/") for p in everything}


def test_the_deepest_gitignore_that_says_something_decides(files: Files, root: Path) -> None:
    grow(root, "p/a.x", "p/b.x", "p/q/a.x", "p/q/b.x", "p/q/r/a.x", "p/q/r/b.x")
    (root / "p" / ".gitignore").write_text("*.x\n")
    (root / "p" / "q" / ".gitignore").write_text("!a.x\n")
    (root / "p" / "q" / "r" / ".gitignore").write_text("/a.x\n!/b.x\n")
    assert sorted(files.glob("p/**").paths) == ["p/q/a.x", "p/q/r/b.x"]
    assert sorted(files.glob("**", "p/q/r").paths) == ["p/q/r/b.x"]


def test_a_start_that_is_left_out_was_meant(files: Files, root: Path) -> None:
    grow(root, "build/out.o", "build/out.js", "build/.hidden/out.js")
    (root / ".gitignore").write_text("build\n*.js\n")
    (root / "build" / ".gitignore").write_text("*.o\n")
    assert files.glob("build/*").paths == []
    assert files.glob("*", "build").paths == ["build/out.js"]
    assert files.glob("*", "build/.hidden").paths == ["build/.hidden/out.js"]


def test_a_gitignore_that_is_no_list_of_names_says_nothing(
    files: Files, root: Path, outside: Path
) -> None:
    (outside / "names").write_text("*\n")
    grow(root, "a/x", "b/x", "c/x", "d/x")
    (root / "a" / ".gitignore").mkdir()
    os.mkfifo(root / "b" / ".gitignore")
    (root / "c" / ".gitignore").symlink_to(outside / "names")
    (root / "d" / ".gitignore").write_bytes(b"*\n" + b"#" * ignore.MAX_FILE_BYTES)
    assert sorted(files.glob("?/x").paths) == ["a/x", "b/x", "c/x", "d/x"]


def test_so_many_lines_are_read_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignore, "MAX_LINES", 2)
    ignored = Ignored().within(0, "a\nb\nc # of a list of its own")
    assert [ignored.names("", name) for name in "abc"] == [True, True, False]
