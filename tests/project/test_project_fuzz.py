"""Whatever the path and whatever the links: what is opened is beneath the root."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jido_server.errors import PathError
from jido_server.project.directory import READ
from jido_server.project.files import Files
from tests.project.ways import WAYS, Way

USUAL = st.sampled_from(
    ["a", "a", "b", "b", "file", "file", "link", "link", "in", "top", "out", "..", "..", ".", ""]
)
UNUSUAL = st.sampled_from(["secret", "outside", "root", "é", "%2e%2e", "...", "\\", "..\\.."])
ODD = st.text(
    st.one_of(
        st.sampled_from("/./.ab~$*\n\0\udcff"),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
)
PREFIXES = st.sampled_from(["", "", "", "{root}/", "{outside}/", "/"])
PATHS = st.builds(
    lambda prefix, parts: prefix + "/".join(parts),
    PREFIXES,
    st.lists(st.one_of(USUAL, USUAL, USUAL, UNUSUAL), min_size=1, max_size=6),
)
LINKS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["a/link", "b/link", "link", "a/b/link"], PATHS)
)
ANY_PATH = st.one_of(PATHS, PATHS, PATHS, ODD)
FUZZ = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class World:
    """A project to be filled with links, and what is outside of it."""

    def __init__(self, folder: Path, way: Way) -> None:
        self.outside = folder / "outside"
        self.root = folder / "root"
        (self.outside / "a").mkdir(parents=True)
        (self.outside / "secret").write_text("secret")
        (self.outside / "a" / "file").write_text("secret")
        self.root.mkdir()
        self.boundary = way.open(self.root)
        self.files = Files(self.boundary)
        self.before = self.seen_outside()

    def fill(self, links: dict[str, str]) -> None:
        """Make the project anew, with these links in it."""
        for entry in self.root.iterdir():
            self.files.delete(entry.name, recursive=True)
        (self.root / "a" / "b").mkdir(parents=True)
        (self.root / "b").mkdir()
        (self.root / "a" / "file").write_text("ours")
        (self.root / "file").write_text("ours")
        for folder in [self.root, self.root / "a", self.root / "b", self.root / "a" / "b"]:
            (folder / "in").symlink_to(self.root / "a")
            (folder / "top").symlink_to(os.path.relpath(self.root, folder))
            (folder / "out").symlink_to(os.path.relpath(self.outside, folder))
        for name, target in links.items():
            text = self.named(target)
            if text and "\0" not in text and text.isprintable():
                (self.root / name).symlink_to(text)

    def named(self, path: str) -> str:
        return path.replace("{root}", str(self.root)).replace("{outside}", str(self.outside))

    def seen_outside(self) -> dict[str, tuple[int, int, bytes]]:
        """Return all that can change outside."""
        found = {}
        for path in [self.outside, *self.outside.rglob("*"), self.root.parent]:
            status = path.stat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (status.st_mtime_ns, status.st_mode, content)
        return found

    def holds(self, fd: int) -> bool:
        """Tell whether a descriptor is of something beneath the root."""
        return (Path("/proc/self/fd") / str(fd)).readlink().is_relative_to(self.root)


@pytest.fixture(params=list(WAYS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, WAYS[request.param])
    yield world
    world.boundary.close()


@given(links=LINKS, path=ANY_PATH)
@FUZZ
def test_what_is_opened_is_beneath_the_root(world: World, links: dict[str, str], path: str) -> None:
    world.fill(links)
    path = world.named(path)
    try:
        fd, resolved = world.boundary.descriptor(path, READ)
    except PathError:
        return
    try:
        assert world.holds(fd)
        assert os.path.samestat(os.fstat(fd), Path(resolved).stat())
        assert Path(resolved).resolve() == Path(resolved)
        assert world.boundary.resolve(path) == resolved
        assert stat.S_IMODE(os.fstat(fd).st_mode) == world.files.stat(path).mode
    finally:
        os.close(fd)


@given(links=LINKS, path=ANY_PATH)
@FUZZ
def test_where_a_path_is_said_to_lead_is_where_it_leads(
    world: World, links: dict[str, str], path: str
) -> None:
    world.fill(links)
    path = world.named(path)
    try:
        resolved = world.boundary.resolve(path)
    except PathError:
        return
    assert Path(resolved).is_relative_to(world.root)
    assert Path(resolved).resolve().is_relative_to(world.root)


@given(
    links=LINKS,
    path=PATHS,
    operation=st.sampled_from(["write", "make_dir", "delete", "list", "glob"]),
)
@FUZZ
def test_nothing_outside_is_changed(
    world: World, links: dict[str, str], path: str, operation: str
) -> None:
    world.fill(links)
    path = world.named(path)
    files = world.files
    try:
        match operation:
            case "write":
                written = files.write(path, b"new")
                assert Path(written.path).read_bytes() == b"new"
            case "make_dir":
                assert Path(files.make_dir(path).path).is_dir()
            case "delete":
                files.delete(path, recursive=True)
            case "list":
                listing = files.list(path)
                there = {entry.name for entry in Path(listing.path).iterdir()}
                assert {entry.name for entry in listing.entries} == there
            case _:
                found = files.glob(path, include_ignored=True).paths
                assert all((world.root / name).exists() for name in found)
    except PathError:
        pass
    assert world.seen_outside() == world.before
