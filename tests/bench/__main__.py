"""Runs the benchmarks one after another and prints one table: python -m tests.bench."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.bench import bench_files, bench_memory, bench_session, bench_streaming, bench_wire
from tests.bench.peers.filesystem import Unavailable
from tests.bench.table import Row, show

BENCHES = (bench_wire, bench_files, bench_memory, bench_session, bench_streaming)


def main() -> None:
    unavailable: list[str] = []
    show(_rows(unavailable))
    if unavailable:
        sys.exit("\n".join(unavailable))


def _rows(unavailable: list[str]) -> Iterator[Row]:
    for bench in BENCHES:
        try:
            yield from bench.rows()
        except Unavailable as error:
            unavailable.append(str(error))


if __name__ == "__main__":
    main()
