"""Runs a function of a test in a process of its own.

What is said of a full disk or of a folder's mode must be seen by root as well: so it is a child
that has a limit, or no privileges.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NOBODY = 65534


def run_alone(function: Callable[..., object], *arguments: object, as_nobody: bool = False) -> str:
    """Run a function of a test module in a new process, and return its answer as text."""
    command = [
        sys.executable,
        "-m",
        "tests.storage.child",
        function.__module__,
        function.__name__,
        str(int(as_nobody and not os.geteuid())),
        *map(str, arguments),
    ]
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        check=False,
        text=True,
        capture_output=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def main(module: str, function: str, drops: str, *arguments: str) -> None:
    run = getattr(importlib.import_module(module), function)
    if int(drops):
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    sys.stdout.write(str(run(*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
