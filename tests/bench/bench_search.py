"""Searching 20,000 files against ripgrep itself: the same files, by turns, every answer checked.

python tests/bench/bench_search.py

The floor is the very ripgrep that is our engine, run as a shell would and its output read. Beside
what ripgrep takes, an answer of ours may take 20 ms: the process is started from a busy server,
each line is looked at again through the boundary, and the call is recorded.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).parents[2]))

from jido_server.tools.ripgrep import executable
from tests.bench.driver import Driven, jido
from tests.bench.table import ROUNDS, Row, by_turns, ratio, show

FOLDERS = 400
FILES_IN_A_FOLDER = 50
LINES = 40
FIXED_SECONDS = 0.020
MOST = 1.5
RARE = "a needle that is nowhere else"


@attrs.frozen
class Work:
    """A search that both do.

    Attributes:
        what: Its name.
        pattern: What is sought.
        matches: How many lines match.
        at_most: How many times ripgrep's time ours may be; None if nothing is promised.
    """

    what: str
    pattern: str
    matches: int
    at_most: float | None


WORKS = (
    Work("a rare pattern", "needle that is [a-z]+ else", 1, MOST),
    Work("a pattern that is nowhere", "no such thing at all", 0, MOST),
    Work("100 matches in 50 files", "needle of the hundred", 100, None),
)


def main() -> None:
    show(rows())


def rows() -> Iterator[Row]:
    """Yield what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        fill(root)
        with closing(jido()) as server:
            server.initialize()
            opened = server.call("jido/session/open", {"projectPath": str(root)})
            session = opened["session"]["id"]
            for work in WORKS:
                yield compared(work, root, server, session)
            yield held_up(server, session)


def fill(root: Path) -> None:
    """Write 20,000 files of 40 lines."""
    for folder in range(FOLDERS):
        here = root / f"part{folder // 20:02}" / f"folder{folder:03}"
        here.mkdir(parents=True)
        for file in range(FILES_IN_A_FOLDER):
            lines = [f"    value_{folder}_{file}_{line} = compute({line})" for line in range(LINES)]
            if file == folder and folder < FILES_IN_A_FOLDER:
                lines[LINES // 2] = "# a needle of the hundred\n# a needle of the hundred"
            (here / f"module{file:02}.py").write_text("\n".join(lines) + "\n")
    with (root / "part07" / "folder150" / "module33.py").open("a") as one:
        one.write(f"# {RARE}\n")


def compared(work: Work, root: Path, server: Driven, session: str) -> Row:
    arguments = {"pattern": work.pattern, "limit": 1000}
    params = {"sessionId": session, "name": "search_files", "arguments": arguments}

    def ours() -> float:
        begin = time.perf_counter()
        result = server.call("jido/tools/call", params)["result"]
        taken = time.perf_counter() - begin
        assert (result["matches"], result["truncated"]) == (work.matches, False), result
        return taken

    def theirs() -> float:
        command = [executable(), "--json", "--no-require-git", "-e", work.pattern, "."]
        begin = time.perf_counter()
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        taken = time.perf_counter() - begin
        assert done.stdout.count(b'"type":"match"') == work.matches
        return taken

    figures = by_turns({"ripgrep": theirs, "ours": ours}, rounds=2 * ROUNDS)
    above = [max(0.0, taken - FIXED_SECONDS) for taken in figures["ours"]]
    return Row.times(
        f"search 20,000 files: {work.what}",
        ratio(above, figures["ripgrep"]),
        ours=milliseconds(figures["ours"]),
        beside=milliseconds(figures["ripgrep"]),
        at_most=work.at_most,
    )


def held_up(server: Driven, session: str) -> Row:
    """Ask something small again and again while a search runs, and without one."""
    arguments = {"pattern": WORKS[0].pattern}
    params = {"sessionId": session, "name": "search_files", "arguments": arguments}
    small = {"sessionId": session}

    def alone() -> float:
        return max(asked() for _ in range(50))

    def asked() -> float:
        begin = time.perf_counter()
        server.call("jido/manager/projectRoot", small)
        return time.perf_counter() - begin

    def beside() -> float:
        server.write(server.request("jido/tools/call", params))
        search = server.ids
        waits = []
        while True:
            begin = time.perf_counter()
            server.write(server.request("jido/manager/projectRoot", small))
            answered: set[int] = set()
            while server.ids not in answered:
                answered.add(server.read().get("id"))
            waits.append(time.perf_counter() - begin)
            if search in answered:
                return max(waits)

    figures = by_turns({"alone": alone, "beside": beside})
    return Row.times(
        "longest wait of a small request while a search runs",
        ratio(figures["beside"], figures["alone"]),
        ours=milliseconds(figures["beside"]),
        beside=f"{milliseconds(figures['alone'])} without one",
    )


def milliseconds(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f} ms"


if __name__ == "__main__":
    main()
