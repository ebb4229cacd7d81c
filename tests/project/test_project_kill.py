"""A writer that is killed tears nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 10
SIZE = 1 << 20

WRITER = """
import itertools, sys
from pathlib import Path
from jido_server.project.files import Files
from tests.project.ways import WAYS

with WAYS[sys.argv[2]].open(Path(sys.argv[1])) as boundary:
    for letter in itertools.cycle([b"a", b"b"]):
        Files(boundary).write("torn?", letter * (1 << 20))
        sys.stdout.buffer.write(letter)
        sys.stdout.flush()
"""


@pytest.mark.parametrize("way", ["openat2", "walk as on macOS"])
def test_a_killed_write_leaves_the_old_file_or_the_new(root: Path, way: str) -> None:
    whole = {letter * SIZE for letter in (b"a", b"b")}
    chance = random.Random(0)  # noqa: S311 - where the writer is killed is no secret
    before = {path.name for path in root.iterdir()}
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, root, way], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.read(chance.randint(1, 20))
            writer.kill()
        assert (root / "torn?").read_bytes() in whole
    stray = {path.name for path in root.iterdir()} - before - {"torn?"}
    assert all(name.startswith(".jido-") and name.endswith(".tmp") for name in stray)
    assert way != "openat2" or len(stray) <= KILLS // 3, "files without a name leave no trace"
