"""git is asked what its ignore files leave out; nothing of ours may differ."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jido_server.project.boundary import Boundary
from jido_server.project.tree import Tree

NAMES = ["a", "b", "ab", "aab", "a b", "a ", "]", "-", "!a", "#a", "\\", "a*", ".a", "A", "a\nb"]
FOLDERS = ["", "a/", "b/", "a/a/", "a/b/", "a/b/a/", "ab/aab/b/", "]/"]

PIECES = [
    *("a", "b", "ab", "A", "*", "*", "**", "?", "/", "/", "/**/", "!", "#", " ", "\\", "-", "^"),
    *("[", "]", "[a]", "[!a]", "[^b]", "[a-b]", "[b-a]", "[]a]", "[]-a]", "[a/b]", "[\\]]", "[-a]"),
    *(
        "[[:alpha:]]",
        "[![:upper:]b]",
        "[[:nope:]]",
        "[[:a]",
        "[a-\\b]",
        "[a-]",
        "[[a]",
        "[:a:]",
        ".",
    ),
]
LINES = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
TEXTS = st.lists(LINES, max_size=6).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
)

# git strips what is literal from the beginning of a pattern, and then takes the `**` of `a**/b`,
# which its manual calls a regular star, for a whole component. So do not we.
GITS_OWN = re.compile(r"[^/\n!\r]\*\*|\*\*\\/|^!?\*\*[^/\n\r]", re.MULTILINE)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with files of odd names in all folders."""
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(root)], check=True)  # noqa: S607 - whichever is there
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        for name in NAMES:
            if not (root / folder / name).is_dir():
                (root / folder / name).touch()
    return root


@pytest.fixture(scope="module")
def boundary(root: Path) -> Iterator[Boundary]:
    with Boundary.open(str(root)) as opened:
        yield opened


def files_of(boundary: Boundary, *, include_ignored: bool) -> set[str]:
    tree = Tree(include_hidden=True, include_ignored=include_ignored)
    return {here.path + file.name for here in tree.files(boundary) for file in here.files}


def kept_by_git(root: Path, paths: set[str]) -> set[str]:
    command = ["git", "check-ignore", "--no-index", "-z", "--stdin"]
    asked = os.fsencode("\0".join(sorted(paths)))
    environment = {"HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    said = subprocess.run(
        command, cwd=root, input=asked, capture_output=True, env=environment, check=False
    )
    assert said.returncode in {0, 1}, said.stderr
    return paths - set(os.fsdecode(said.stdout).split("\0"))


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(outer=TEXTS, inner=TEXTS)
@example(outer="\ufeffa\nb\0c\n", inner="")
@example(outer="*\n!*/\n!a", inner="/b")
@example(outer="/**/a/**/b\n**/\na/**", inner="**")
@example(outer="a\\ \na\\\\ \na  \n\\!a\n\\#a", inner="a//b\n//a\n/\n!/")
def test_what_is_left_out_is_what_git_leaves_out(
    root: Path, boundary: Boundary, outer: str, inner: str
) -> None:
    if GITS_OWN.search(outer) or GITS_OWN.search(inner):
        return
    (root / ".gitignore").write_bytes(outer.encode())
    (root / "a" / ".gitignore").write_bytes(inner.encode())
    everything = files_of(boundary, include_ignored=True)
    assert files_of(boundary, include_ignored=False) == kept_by_git(root, everything)
