"""The wire against stock pygls and a bare asyncio + orjson loop, and the start.

python tests/bench/bench_wire.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.driver import ROOT, Driven, jido, peer

ROUNDS = 7
COUNT = 2000
STARTS = 7
GET = "jido/session/get"
SCROLL = "jido/state/setScrollOffset"


def main() -> None:
    with ExitStack() as stack:
        servers = {
            "jido": stack.enter_context(closing(jido())),
            "stock pygls": stack.enter_context(closing(peer("stock_pygls"))),
            "bare loop": stack.enter_context(closing(peer("bare_loop"))),
        }
        sessions = {}
        for name, server in servers.items():
            server.initialize()
            sessions[name] = "s"
        opened = servers["jido"].call("jido/session/open", {"projectPath": str(ROOT)})
        sessions["jido"] = opened["session"]["id"]
        compare("sequential, µs of CPU", servers, lambda n, s: one_by_one(s, sessions[n]))
        compare("1000 in flight, µs of CPU", servers, lambda n, s: many(s, sessions[n]))
        compare("told, µs of CPU a message", servers, lambda n, s: told(s, sessions[n]))
    start_up()


def one_by_one(server: Driven, session: str) -> float:
    cost = server.sequential(GET, {"sessionId": session}, COUNT)
    return cost.cpu / COUNT * 1e6


def many(server: Driven, session: str) -> float:
    cost = server.in_flight([(GET, {"sessionId": session})] * COUNT, 1000)
    return cost.cpu / COUNT * 1e6


def told(server: Driven, session: str) -> float:
    calls = [(SCROLL, {"sessionId": session, "offset": number}) for number in range(COUNT)]
    cost = server.in_flight(calls, 1000)
    return cost.cpu / cost.messages * 1e6


def compare(what: str, servers: dict[str, Driven], measure: Callable[[str, Driven], float]) -> None:
    """Print the median of each server and its ratio to the bare loop; rounds alternate."""
    figures: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            figures[name].append(measure(name, server))
    medians = {name: statistics.median(values) for name, values in figures.items()}
    said = ", ".join(
        f"{name} {value:.1f} (x{value / medians['bare loop']:.2f})"
        for name, value in medians.items()
    )
    print(f"{what}: {said}")


def start_up() -> None:
    """Print the time to the answer of `initialize` beside an import of pygls."""
    ours, floor = [], []
    for _ in range(STARTS):
        begin = time.perf_counter()
        with closing(jido()) as server:
            server.initialize()
            ours.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import pygls.lsp.server"], check=True)
        floor.append(time.perf_counter() - begin)
    ratio = statistics.median(a / b for a, b in zip(ours, floor, strict=True))
    print(
        f"start to the answer of initialize: {statistics.median(ours) * 1000:.0f} ms, "
        f"import of pygls' server {statistics.median(floor) * 1000:.0f} ms (x{ratio:.2f})"
    )


if __name__ == "__main__":
    main()
