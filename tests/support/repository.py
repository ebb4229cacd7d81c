"""Where the checkout is, and what it holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[str]:
    """Return the paths that git knows and that are there, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],  # noqa: S607 - git is where it is
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [path for path in listed.stdout.decode().split("\0") if (ROOT / path).is_file()]
