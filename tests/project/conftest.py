"""A project with something outside of it, opened in every way there is."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from tests.project.ways import WAYS, Way


@pytest.fixture(autouse=True)
def _no_descriptor_stays_open() -> Iterator[None]:
    before = descriptors()
    yield
    for generation in range(3):  # a test that caught an error holds what the error saw
        if not descriptors() - before:
            return
        gc.collect(generation)
    assert not descriptors() - before


def descriptors() -> set[tuple[str, str]]:
    """Return all that is open in this process, but for what it takes to look."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add((path.name, str(path.readlink())))
    return found


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the project, with a secret."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text("secret")
    return folder


@pytest.fixture
def root(tmp_path: Path, outside: Path) -> Path:
    """A project with a few files, and links that lead inside and outside."""
    root = tmp_path / "root"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "hello.txt").write_text("hello")
    (root / "src" / "main.py").write_text("main")
    (root / "src" / "deep" / "x").write_text("x")
    (root / "to_file").symlink_to("src/main.py")
    (root / "to_folder").symlink_to("src")
    (root / "absolute").symlink_to(root / "src")
    (root / "src" / "deep" / "up").symlink_to("../..")
    (root / "src" / "deep" / "top").symlink_to(root)
    (root / "out_file").symlink_to(outside / "secret")
    (root / "out_folder").symlink_to("../outside")
    (root / "dangling").symlink_to("src/missing")
    (root / "loop").symlink_to("loop")
    return root


@pytest.fixture
def odd(root: Path, outside: Path) -> Path:
    """The project with more in it that can't be written."""
    (root / "out_new").symlink_to(outside / "new")
    os.mkfifo(root / "pipe")
    return root


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


@pytest.fixture
def boundary(way: Way, root: Path, _no_descriptor_stays_open: None) -> Iterator[Boundary]:
    with way.open(root) as opened:
        yield opened


@pytest.fixture
def files(boundary: Boundary) -> Files:
    return Files(boundary)


@pytest.fixture
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """A context in which this process has no more rights than its files' modes give others."""

    @contextmanager
    def nobody() -> Iterator[None]:
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(user)

    return nobody
