"""Files against npm's server-filesystem: the same work, by turns, every answer checked.

python tests/bench/bench_files.py
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.driver import Driven, jido
from tests.bench.peers.filesystem import FilesystemPeer, Unavailable, text
from tests.bench.table import ROUNDS, Row, by_turns, ratio, show

SMALL = "".join(f"{number:06}: a line of a small file.\n" for number in range(128))
LARGE = "".join(f"{number:06}: a line of a large file.\n" for number in range(1 << 15))
"""4 KiB and 1 MiB, as lines of 32 bytes."""

LISTED = 1000
FILES = 2000
"""Of them every fourth is Python, and a folder holds about twenty."""

Check = Callable[[Any], bool]


@attrs.frozen
class Work:
    """The same work for both.

    Attributes:
        what: Its name.
        count: How often it is done in a round.
        at_least: How much faster we should be.
        ours: The method, its params and whether an answer is right.
        theirs: The tool, its arguments and whether an answer is right.
    """

    what: str
    count: int
    at_least: float
    ours: tuple[str, dict[str, str], Check]
    theirs: tuple[str, dict[str, str], Check]


def main() -> None:
    try:
        show(rows())
    except Unavailable as error:
        sys.exit(str(error))


def rows() -> Iterator[Row]:
    """Yield what was measured.

    Raises:
        Unavailable: The peer can't be had here.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        _fill(root)
        with closing(FilesystemPeer(root)) as peer, closing(jido()) as server:
            peer.initialize()
            server.initialize()
            opened = server.call("jido/session/open", {"projectPath": str(root)})
            for work in _works(root):
                yield _measure(work, server, peer, opened["session"]["id"])
                _check_written(root)


def _measure(work: Work, server: Driven, peer: FilesystemPeer, session: str) -> Row:
    method, params, is_right = work.ours
    tool, arguments, is_theirs_right = work.theirs

    def ours() -> float:
        return _rate(server, method, {"sessionId": session, **params}, work.count, is_right)

    def theirs() -> float:
        return _rate(peer, "tools/call", peer.tool(tool, **arguments), work.count, is_theirs_right)

    rates = by_turns({"ours": ours, "theirs": theirs}, ROUNDS + 2)
    return Row.times(
        work.what,
        ratio(rates["ours"], rates["theirs"]),
        ours=f"{statistics.median(rates['ours']):,.0f}/s",
        beside=f"{statistics.median(rates['theirs']):,.0f}/s",
        at_least=work.at_least,
    )


def _rate(server: Driven, method: str, params: Any, count: int, is_right: Check) -> float:
    def check(result: Any) -> None:
        assert is_right(result), "an answer is wrong"

    return count / server.exchange(method, params, count, check)


def _works(root: Path) -> list[Work]:
    names = {f"entry {number:04}.txt" for number in range(LISTED)}
    python = {f"{_folder(n)}/module{n}.py" for n in range(0, FILES, 4)}
    return [
        Work(
            "readFile 4 KB, sequential",
            400,
            4,
            ("jido/manager/readFile", {"path": "small.txt"}, lambda r: r["content"] == SMALL),
            ("read_text_file", {"path": f"{root}/small.txt"}, lambda r: text(r) == SMALL),
        ),
        Work(
            "readFile 1 MB",
            20,
            8,
            ("jido/manager/readFile", {"path": "large.txt"}, lambda r: r["content"] == LARGE),
            ("read_text_file", {"path": f"{root}/large.txt"}, lambda r: text(r) == LARGE),
        ),
        Work(
            f"listDir of {LISTED} entries",
            100,
            2,
            (
                "jido/manager/listDir",
                {"path": "list"},
                lambda r: {entry["name"] for entry in r["entries"]} == names,
            ),
            (
                "list_directory",
                {"path": f"{root}/list"},
                lambda r: {line.removeprefix("[FILE] ") for line in text(r).split("\n")} == names,
            ),
        ),
        Work(
            "writeFile 4 KB",
            300,
            2,
            (
                "jido/manager/writeFile",
                {"path": "ours.txt", "content": SMALL},
                lambda r: r["size"] == len(SMALL),
            ),
            (
                "write_file",
                {"path": f"{root}/theirs.txt", "content": SMALL},
                lambda r: text(r).startswith("Successfully wrote"),
            ),
        ),
        Work(
            f"glob `**/*.py` in {FILES} files",
            8,
            40,
            (
                "jido/manager/glob",
                {"path": "tree", "pattern": "**/*.py"},
                lambda r: set(r["paths"]) == python,
            ),
            (
                "search_files",
                {"path": f"{root}/tree", "pattern": "**/*.py"},
                lambda r: {p.removeprefix(f"{root}/") for p in text(r).split("\n")} == python,
            ),
        ),
    ]


def _fill(root: Path) -> None:
    (root / "small.txt").write_text(SMALL)
    (root / "large.txt").write_text(LARGE)
    (root / "list").mkdir()
    for number in range(LISTED):
        (root / "list" / f"entry {number:04}.txt").touch()
    for number in range(FILES):
        folder = root / _folder(number)
        folder.mkdir(parents=True, exist_ok=True)
        suffix = "txt" if number % 4 else "py"
        (folder / f"module{number}.{suffix}").touch()


def _folder(number: int) -> str:
    package = number * 7 % 100
    return f"tree/{package // 10}/{package}"


def _check_written(root: Path) -> None:
    for name in ("ours.txt", "theirs.txt"):
        path = root / name
        assert not path.exists() or path.read_text() == SMALL, "what was written is not there"


if __name__ == "__main__":
    main()
