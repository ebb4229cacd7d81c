"""An attacker swaps a folder for a link while ripgrep reads; nothing from outside is answered."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jido_server.session.session import Session
from jido_server.tools.ripgrep import Found, Ripgrep
from jido_server.tools.ripgrep_query import Query
from jido_server.tools.toolbox import Toolbox
from tests.support.repository import ROOT

pytestmark = pytest.mark.race

OURS = "our own text\n"
THEIRS = "the secret  \n"
PATIENCE_SECONDS = 30


@contextmanager
def attacked(first: Path, second: Path) -> Iterator[None]:
    """Swap these two as long as it lasts."""
    script = ROOT / "tests" / "project" / "attacker.py"
    command = [sys.executable, str(script), "swap", str(first), str(second)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as attack:
        try:
            assert attack.stdout is not None
            assert attack.stdout.readline() == b"begun\n"
            yield
            assert attack.poll() is None, "the attacker gave up"
        finally:
            attack.kill()


class Watched(Ripgrep):
    """Notices whether ripgrep itself was deceived."""

    deceived = 0

    async def search(self, root: str, query: Query) -> Found:
        found = await super().search(root, query)
        lines = (line for file in found.files for line in file.lines)
        self.deceived += any(line.content == THEIRS.encode() for line in lines)
        return found


async def test_what_ripgrep_is_deceived_to_read_is_not_told(
    session: Session, project: Path
) -> None:
    outside = project.parent / "outside"
    wicked = project / "wicked"
    wicked.symlink_to(outside)
    for folder, text in ((project / "folder", OURS), (outside, THEIRS)):
        folder.mkdir()
        for number in range(50):
            (folder / f"file{number}").write_text(text)
    watched = Watched()
    toolbox = Toolbox(ripgrep=watched)
    end = time.monotonic() + PATIENCE_SECONDS
    told = 0
    with attacked(project / "folder", wicked):
        while watched.deceived < 3:
            assert time.monotonic() < end, "the attack is too weak to prove anything"
            arguments = {"pattern": "secret|own", "limit": 1000}
            found = (await toolbox.call_in(session, "search_files", arguments)).result
            for file in found["files"]:
                for line in file["lines"]:
                    assert line["text"] == OURS.strip(), file["path"]
                    told += 1
    assert told, "nothing was found at all"
