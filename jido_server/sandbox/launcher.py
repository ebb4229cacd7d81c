"""How a child is started: a bare Python with nothing on its path but us and lupa."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import attrs

import jido_server
from jido_server.errors import SandboxUnavailable
from jido_server.sandbox.limits import Limits

BOOT = """
import sys
sys.path[:0] = sys.argv[2:4]
from importlib import import_module
limits = dict(item.split("=") for item in sys.argv[5:])
main = import_module("jido_server.sandbox." + sys.argv[1]).main
main(int(sys.argv[4]), {name: int(value) for name, value in limits.items()})
"""
"""What a child runs: the module, two folders for its path, a descriptor, the limits."""

_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What Python itself may need of the environment to start."""


def start(module: str, control: socket.socket, limits: Limits) -> subprocess.Popen[bytes]:
    """Start a child that has ``control`` and nothing else; what it complains of can be read.

    Raises:
        SandboxUnavailable: The system doesn't start it.
    """
    try:
        return subprocess.Popen(  # noqa: S603  (our own command)
            command(module, control.fileno(), limits),
            pass_fds=[control.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,  # a Ctrl-C at the server's terminal is not for it
        )
    except OSError as error:
        raise SandboxUnavailable(f"{error.filename or 'Python'}: {error.strerror}") from None


async def last_words(process: subprocess.Popen[bytes]) -> str:
    """End a child; return the last line of what it complained of."""
    process.kill()
    _, complaint = await asyncio.to_thread(process.communicate)
    return complaint.decode(errors="replace").strip().rpartition("\n")[2]


def command(module: str, descriptor: int, limits: Limits) -> list[str]:
    """Return the command that runs ``main(descriptor, limits)`` of a module of this package.

    Raises:
        SandboxUnavailable: There is no Python or no lupa to run it with.
    """
    if not sys.executable:
        raise SandboxUnavailable("the path of Python is not known")
    lupa = importlib.util.find_spec("lupa")  # finds it without importing it
    if lupa is None or lupa.origin is None:
        raise SandboxUnavailable("lupa is not installed")
    ours = Path(jido_server.__file__).parent.parent
    folders = [str(ours), str(Path(lupa.origin).parent.parent)]
    given = [f"{name}={value}" for name, value in attrs.asdict(limits).items()]
    isolated = [sys.executable, "-I", "-S", "-c", BOOT]
    return [*isolated, module, *folders, str(descriptor), *given]


def environment() -> dict[str, str]:
    """Return the child's environment: nothing of the server's that it can do without.

    The time zone is named, for then the C library reads its file once, before the lock-down.
    """
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"TZ": os.environ.get("TZ") or ":/etc/localtime"}
