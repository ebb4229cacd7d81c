"""The code passes every linter, and its imports keep to the design."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.repository import ROOT

pytestmark = pytest.mark.quality

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def passes(*arguments: str) -> None:
    """Run Python with ``arguments``, and fail with all that it said unless it succeeds."""
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if ended.returncode:
        pytest.fail(f"{' '.join(arguments)}\n{ended.stdout.decode()}", pytrace=False)


def test_ruff_has_nothing_to_say() -> None:
    passes("-m", "ruff", "check", "--quiet", ".")


def test_the_code_is_formatted() -> None:
    passes("-m", "ruff", "format", "--check", "--quiet", ".")


@pytest.mark.timeout(300)
def test_the_types_hold() -> None:
    passes("-m", "mypy", "--no-error-summary")


@pytest.mark.timeout(120)
def test_who_may_import_whom_is_kept() -> None:
    passes("-c", LINT_IMPORTS)
