"""Chunks of streams: how many come in a second, and what they do to others.

python tests/bench/bench_streaming.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.bench_files import SMALL
from tests.bench.driver import Driven, jido, peer
from tests.bench.streamer import CHUNK
from tests.bench.table import ROUNDS, Row, by_turns, ratio, show, times

CHUNKS = 100_000
A_SECOND = 50_000
STREAMED_A_SECOND = 10_000
READS = 3000
SCRIPT = "local sum = 0 for i = 1, 3000000 do sum = sum + i % 7 end return sum"
"""Some 30 ms of work."""
LUA = "jido/manager/runLua"


def main() -> None:
    show(rows())


def rows() -> Iterator[Row]:
    """Yield what was measured."""
    with closing(jido()) as server, closing(peer("bare_loop")) as floor:
        server.initialize()
        floor.initialize()
        yield chunks_in(server, floor)
    with closing(jido()) as server:
        server.initialize()
        yield from latency(server)


def chunks_in(server: Driven, floor: Driven) -> Row:
    """Send chunks as fast as they are taken, by turns with a loop that does nothing with them."""
    session = open_in(server, Path(__file__).parent)
    rates = by_turns({"ours": lambda: stream(server, session), "floor": lambda: stream(floor, "s")})
    ours = statistics.median(rates["ours"])
    return Row(
        what="chunks of 30 characters stored and told a second",
        ours=f"{ours:,.0f}/s",
        beside=f"{statistics.median(rates['floor']):,.0f}/s read by the bare loop",
        figure=times(ratio(rates["ours"], rates["floor"])),
        target=f"≥ {A_SECOND:,}/s",
        reached=ours >= A_SECOND,
    )


def stream(server: Driven, session: str) -> float:
    """Return how many chunks a second went in; what was told and what is kept is checked."""
    of = {"sessionId": session}
    server.call("jido/state/startStreaming", of | {"messageId": "m"})
    texts = [f"{number:029} " for number in range(CHUNKS)]
    frames = [
        server.frame({"method": "jido/state/updateStreaming", "params": of | {"chunk": text}})
        for text in texts
    ]
    frames.append(server.request("jido/state/endStreaming", of))
    data = b"".join(frames)
    sender = threading.Thread(target=server.write, args=(data,))
    begin = time.perf_counter()
    sender.start()
    bodies: list[bytes] = []
    while not bodies or b'"id":' not in bodies[-1][:30]:
        bodies += server.bodies()
    seconds = time.perf_counter() - begin
    sender.join()
    *told, answer = [orjson.loads(body) for body in bodies]
    if said := answer["result"]:  # the bare loop says nothing
        assert said["message"]["content"] == "".join(texts)
        assert told_text(told) == "".join(texts)
    return CHUNKS / seconds


def told_text(messages: list[Any]) -> str:
    updates = [message["params"]["update"] for message in messages]
    return "".join(u["chunk"] for u in updates if u["kind"] == "streamChunk")


def latency(server: Driven) -> Iterator[Row]:
    """Read a file while nothing else happens, and while others stream and compute, by turns."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "small.txt").write_text(SMALL)
        reader, streaming, computing = (open_in(server, Path(folder)) for _ in range(3))
        server.call(LUA, {"sessionId": computing, "script": SCRIPT})
        alone: list[list[float]] = []
        beside: list[list[float]] = []
        for _ in range(ROUNDS + 2):
            alone.append(reads(server, reader))
            with streamed(server, streaming), computed(server, computing) as script:
                beside.append(reads(server, reader, script))
    for name, at, at_most in (("median", 50, None), ("p99", 99, 3)):
        ours = [percentile(taken, at) for taken in beside]
        floor = [percentile(taken, at) for taken in alone]
        yield Row.times(
            f"readFile beside {STREAMED_A_SECOND:,} chunks/s and Lua, {name}",
            ratio(ours, floor),
            ours=f"{statistics.median(ours):.2f} ms",
            beside=f"{statistics.median(floor):.2f} ms alone",
            at_most=at_most,
        )


def reads(server: Driven, session: str, script: bytes | None = None) -> list[float]:
    """Return the milliseconds of each of some reads.

    Args:
        server: The server.
        session: Who reads.
        script: A request that is running, and is sent again whenever it is answered.
    """
    taken = []
    for _ in range(READS):
        request = server.request(
            "jido/manager/readFile", {"sessionId": session, "path": "small.txt"}
        )
        mark = b'"id":%d,' % server.ids
        begin = time.perf_counter()
        server.write(request)
        while mark not in (body := server.body())[:40]:
            if script is not None and b'"values"' in body:
                server.write(script)
        taken.append((time.perf_counter() - begin) * 1000)
        assert orjson.loads(body)["result"]["content"] == SMALL
    return taken


@contextmanager
def computed(server: Driven, session: str) -> Iterator[bytes]:
    """Have a script run; give the request, to be sent again."""
    script = server.frame(
        {"id": "lua", "method": LUA, "params": {"sessionId": session, "script": SCRIPT}}
    )
    server.write(script)
    yield script
    while b'"values"' not in server.body():
        pass


@contextmanager
def streamed(server: Driven, session: str) -> Iterator[None]:
    """Have another process stream into a session."""
    of = {"sessionId": session}
    server.call("jido/state/startStreaming", of | {"messageId": "m"})
    program = Path(__file__).with_name("streamer.py")
    arguments = (str(server.stdin), session, str(STREAMED_A_SECOND))
    with subprocess.Popen(
        [sys.executable, str(program), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[server.stdin],
    ) as streamer:
        assert streamer.stdout is not None
        streamer.stdout.readline()
        yield
        said, _ = streamer.communicate()
    count, seconds = said.split()
    assert int(count) > 0.9 * STREAMED_A_SECOND * float(seconds), (
        f"streamed {int(count) / float(seconds):,.0f}/s"
    )
    message = server.call("jido/state/endStreaming", of)["message"]
    assert message["content"] == CHUNK * int(count)


def percentile(values: list[float], at: int) -> float:
    return statistics.quantiles(values, n=100)[at - 1]


def open_in(server: Driven, folder: Path) -> str:
    opened = server.call("jido/session/open", {"projectPath": str(folder.resolve())})
    session: str = opened["session"]["id"]
    return session


if __name__ == "__main__":
    main()
