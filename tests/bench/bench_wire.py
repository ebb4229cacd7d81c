"""The wire against stock pygls and a bare asyncio + orjson loop, and the start.

python tests/bench/bench_wire.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.driver import ROOT, Driven, framed, jido, peer
from tests.bench.table import Row, by_turns, ratio, show

COUNT = 2000
CHUNKS = 10_000
CHUNK = "thirty characters of a stream "
GET = "jido/session/get"
SCROLL = "jido/state/setScrollOffset"


def main() -> None:
    show(rows())


def rows() -> Iterator[Row]:
    """Yield what was measured."""
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
        yield compare("trivial request, sequential", servers, sessions, one_by_one, at_most=1.6)
        yield compare("trivial request, 1000 in flight", servers, sessions, many, at_most=3)
        yield compare("a chunk taken and told", servers, sessions, streamed, at_most=1 / 0.7)
        del servers["stock pygls"]
        servers["bare loop"] = stack.enter_context(closing(peer("bare_loop", "--keep")))
        servers["bare loop"].initialize()
        yield compare("an update kept and told", servers, sessions, told, at_most=1 / 0.7)
    yield start_up()


def one_by_one(server: Driven, session: str) -> float:
    cost = server.sequential(GET, {"sessionId": session}, COUNT)
    return cost.cpu / COUNT * 1e6


def many(server: Driven, session: str) -> float:
    cost = server.in_flight([(GET, {"sessionId": session})] * COUNT, 1000)
    return cost.cpu / COUNT * 1e6


def streamed(server: Driven, session: str) -> float:
    of = {"sessionId": session}
    server.call("jido/state/startStreaming", of | {"messageId": "m"})
    chunk = framed({"method": "jido/state/updateStreaming", "params": of | {"chunk": CHUNK}})
    sender = threading.Thread(target=server.write, args=(chunk * CHUNKS,))
    begin = server.cpu()
    sender.start()
    heard = 0
    while heard < len(CHUNK) * CHUNKS:
        for body in server.bodies():
            heard += len(orjson.loads(body)["params"]["update"]["chunk"])
    cost = server.cpu() - begin
    sender.join()
    server.call("jido/state/endStreaming", of)
    return cost / CHUNKS * 1e6


def told(server: Driven, session: str) -> float:
    calls = [(SCROLL, {"sessionId": session, "offset": number}) for number in range(COUNT)]
    cost = server.in_flight(calls, 1000)
    return cost.cpu / cost.messages * 1e6


def compare(
    what: str,
    servers: dict[str, Driven],
    sessions: dict[str, str],
    measure: Callable[[Driven, str], float],
    *,
    at_most: float,
) -> Row:
    """Return what we need beside the bare loop, and what stock pygls does."""
    figures = by_turns(
        {name: partial(measure, server, sessions[name]) for name, server in servers.items()}
    )
    needs = {name: f"{statistics.median(values):.1f}" for name, values in figures.items()}
    return Row.times(
        what,
        ratio(figures["jido"], figures["bare loop"]),
        ours=f"{needs['jido']} µs of CPU",
        beside=", ".join(f"{need} {name}" for name, need in needs.items() if name != "jido"),
        at_most=at_most,
    )


def start_up() -> Row:
    """Measure the time to the answer of `initialize` beside an import of pygls."""
    times = by_turns({"ours": start, "floor": import_pygls})
    return Row.times(
        "start to the answer of `initialize`",
        ratio(times["ours"], times["floor"]),
        ours=f"{statistics.median(times['ours']) * 1000:.0f} ms",
        beside=f"{statistics.median(times['floor']) * 1000:.0f} ms to import pygls' server",
        at_most=1.15,
    )


def start() -> float:
    begin = time.perf_counter()
    with closing(jido()) as server:
        server.initialize()
        return time.perf_counter() - begin


def import_pygls() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import pygls.lsp.server"], check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
