from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import coverage
import pytest

import jido_server
from jido_server.sandbox import launcher
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost

REPOSITORY = Path(jido_server.__file__).parent.parent
SANDBOX = REPOSITORY / "jido_server" / "sandbox"


def boot_after(code: str) -> str:
    """Return what a child runs, with ``code`` before the child's own, once it finds its modules."""
    paths, limits, rest = launcher.BOOT.partition("limits =")
    return f"{paths}{code}\n{limits}{rest}"


def boot_with(call: str) -> str:
    """Return what a child runs, with a call of ``child_side`` before the child's own."""
    find = f"sys.path.append({str(REPOSITORY)!r})\n"
    return boot_after(f"{find}from tests.sandbox import child_side\nchild_side.{call}")


@pytest.fixture(scope="session", autouse=True)
def coverage_of_children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """While coverage is measured here, measure it in every child too."""
    measured = coverage.Coverage.current()
    if measured is None:
        yield
        return
    fifo = tmp_path_factory.mktemp("coverage") / "arcs"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDWR)  # so that it doesn't end when one child does
    reported = bytearray()
    reader = threading.Thread(target=_read_until_full_stop, args=(reading, reported))
    reader.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launcher, "BOOT", boot_with(f"report_arcs({str(fifo)!r}, {str(SANDBOX)!r})"))
        yield
    os.write(reading, b".")
    reader.join()
    os.close(reading)
    arcs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in reported.decode().splitlines():
        file, start, end = line.split("\t")
        arcs[file].append((int(start), int(end)))
    measured.get_data().add_arcs(arcs)


def _read_until_full_stop(descriptor: int, into: bytearray) -> None:
    while not into.endswith(b"\n."):
        into += os.read(descriptor, 1 << 16)
    into[-1:] = b""


@pytest.fixture
def native_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scripts that begin with ``#python`` run as Python code in the locked down process."""
    monkeypatch.setattr(launcher, "BOOT", boot_with("run_native_scripts()"))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    await sandbox.close()


@pytest.fixture
def host(tmp_path: Path) -> FolderHost:
    return FolderHost(tmp_path)


@pytest.fixture
def session(sandbox: Sandbox, host: FolderHost) -> LuaSession:
    return sandbox.session(host)
