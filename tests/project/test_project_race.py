"""An attacker swaps names while we work, and gets nothing; one who trusts names leaks."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from jido_server.errors import PathError
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files

pytestmark = pytest.mark.race

SECONDS = 0.3


@contextmanager
def attacked(kind: str, *paths: Path) -> Iterator[None]:
    """Swap or move these paths as long as it lasts."""
    script = Path(__file__).with_name("attacker.py")
    with subprocess.Popen([sys.executable, script, kind, *paths], stdout=subprocess.PIPE) as attack:
        try:
            assert attack.stdout is not None
            assert attack.stdout.readline() == b"begun\n"
            yield
            assert attack.poll() is None, "the attacker gave up"
        finally:
            attack.kill()


def hold(work: Callable[[], object]) -> tuple[int, int]:
    """Do it again and again; return how often it was done, and how often refused."""
    done = refused = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            work()
            done += 1
        except PathError:
            refused += 1
    return done, refused


@pytest.fixture
def field(root: Path, outside: Path) -> Path:
    """A project in which a folder and a file have a wicked twin each, of the same content."""
    (root / "folder").mkdir()
    (outside / "twin").mkdir()
    (root / "wicked_folder").symlink_to(outside / "twin")
    (root / "wicked_file").symlink_to(outside / "twin" / "file")
    (root / "file").write_text("ours")
    for folder, text in [(root / "folder", "ours"), (outside / "twin", "secret")]:
        (folder / "file").write_text(text)
        (folder / f"{text}.txt").write_text(text)
    return root


def swapped(field: Path) -> tuple[Path, ...]:
    return field / "folder", field / "wicked_folder", field / "file", field / "wicked_file"


def realpath_and_prefix(root: Path, path: str) -> str:
    """Read as most servers do: ask where the name leads, compare, then open the name."""
    real = (root / path).resolve()
    if not real.is_relative_to(root):
        raise PermissionError(path)
    return real.read_text()


@pytest.mark.parametrize("path", ["folder/file", "file"])
def test_who_compares_real_paths_leaks(field: Path, path: str) -> None:
    end = time.monotonic() + 30
    with attacked("swap", *swapped(field)):
        while time.monotonic() < end:
            with suppress(OSError, RuntimeError):
                if realpath_and_prefix(field, path) == "secret":
                    return
    pytest.fail("the attack is too weak to show anything")


def test_nothing_outside_is_read(files: Files, field: Path) -> None:
    read: set[bytes] = set()

    def work() -> None:
        for path in ["folder/file", "file"]:
            read.add(files.read(path, limit=100))

    with attacked("swap", *swapped(field)):
        done, refused = hold(work)
    assert read == {b"ours"}
    assert done
    assert refused


def test_nothing_outside_is_listed_or_told(files: Files, boundary: Boundary, field: Path) -> None:
    secret = (field.parent / "outside" / "twin" / "file").stat().st_size
    seen: set[str] = set()

    def work() -> None:
        seen.update(entry.name for entry in files.list("folder").entries)
        seen.add(files.stat("folder/file").path)
        seen.add(boundary.resolve("folder/file"))
        assert files.stat("file").size != secret

    with attacked("swap", *swapped(field)):
        done, refused = hold(work)
    assert done
    assert refused
    assert "ours.txt" in seen
    assert seen <= {"ours.txt", "file", f"{field}/folder/file", f"{field}/wicked_folder/file"}


def test_nothing_outside_is_found(files: Files, field: Path) -> None:
    found: set[str] = set()

    def work() -> None:
        found.update(files.glob("**/*.txt").paths)

    with attacked("swap", *swapped(field)):
        hold(work)
    assert found & {"folder/ours.txt", "wicked_folder/ours.txt"}
    assert not [path for path in found if "secret" in path]


def test_nothing_outside_is_written_or_made(files: Files, field: Path) -> None:
    outside = field.parent / "outside"
    before = {path: path.is_file() and path.read_text() for path in outside.rglob("*")}

    def work() -> None:
        files.write("folder/file", b"ours")
        files.write("file", b"ours")
        files.write("folder/new/file", b"ours")
        files.make_dir("folder/made/deep")

    with attacked("swap", *swapped(field)):
        done, refused = hold(work)
    assert done
    assert refused
    assert {path: path.is_file() and path.read_text() for path in outside.rglob("*")} == before
    left = [path.name for path in field.rglob("*") if path.name.startswith(".jido-")]
    assert left == []


def test_nothing_outside_is_deleted(files: Files, field: Path) -> None:
    outside = field.parent / "outside"
    before = sorted(outside.rglob("*"))
    inner, wicked = field / "tree" / "inner", field / "tree" / "wicked"

    def work() -> None:
        with suppress(FileExistsError):
            inner.mkdir(parents=True)
        with suppress(FileExistsError):
            wicked.symlink_to(outside)
        files.delete("tree", recursive=True)

    inner.mkdir(parents=True)
    wicked.symlink_to(outside)
    with attacked("swap", inner, wicked):
        done, _ = hold(work)
    assert done
    assert sorted(outside.rglob("*")) == before


def test_a_folder_that_is_moved_out_does_not_lead_out(files: Files, field: Path) -> None:
    inside, elsewhere = field / "folder" / "moving", field.parent / "outside" / "moving"
    inside.mkdir()
    read: set[bytes] = set()

    def work() -> None:
        read.add(files.read("folder/moving/../file", limit=100))

    (field.parent / "outside" / "file").write_text("secret")
    with attacked("move", inside, elsewhere):
        done, _ = hold(work)
    assert done
    assert read == {b"ours"}
