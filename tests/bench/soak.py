"""A soak: mixed load for ten minutes, and at the end nothing has grown, failed or got lost.

python tests/bench/soak.py [--minutes N]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.driver import Driven, jido
from tests.bench.soaking.gauge import Gauge
from tests.bench.soaking.load import FIXED, Load
from tests.bench.soaking.steady import Steady
from tests.bench.soaking.talk import Figures, Wrong
from tests.bench.soaking.victim import Victim

STEP_SECONDS = 0.05
PROJECTS = 10
SEED = 1
WIDTH = 20
END_SECONDS = 10.0
GROWTH = 0.05
MOST_GROWTH = {"memory_mb": 2.0, "children_mb": 10.0, "descriptors": 8.0, "children": 8.0}
"""What may be added to that share: how many scripts are in hand is left to chance."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes: float = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        try:
            soak(Path(folder).resolve(), minutes * 60)
        except Wrong as error:
            sys.exit(f"wrong: {error}")


def soak(folder: Path, seconds: float) -> None:
    """Load a server for some seconds, and judge it.

    Raises:
        Wrong: Something grew, failed, got lost or was left.
    """
    projects = _make_projects(folder)
    figures = Figures()
    with ExitStack() as stack:
        log = os.open(folder / "log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        stack.callback(os.close, log)

        def start() -> Driven:
            server = jido(keeps_in=folder, log=log, level="warning")
            server.initialize(projects[0].as_uri())
            return server

        server = stack.enter_context(closing(start()))
        gauge = Gauge(server.process.pid)
        steady = Steady(server, projects, Load(SEED), figures)
        victim = stack.enter_context(closing(Victim(start, projects[0], Load(SEED + 1), figures)))
        _run(steady, victim, gauge, seconds)
        print(f"{'time':<{WIDTH}} {seconds / 60:g} minutes")
        print(f"{'load':<{WIDTH}} {server.cpu() / seconds:.0%} of a processor by the server")
        for one in (steady, victim):
            one.finish()
            if code := one.talk.server.process.wait(END_SECONDS):
                raise Wrong(f"a server ended with {code}")
    _tell(figures)
    print(f"{'sessions':<{WIDTH}} {steady.lives} opened, closed, resumed, compared, deleted")
    print(f"{'kills':<{WIDTH}} {victim}")
    _judge(gauge, seconds)
    if "Traceback" in (said := (folder / "log").read_text("utf-8")):
        raise Wrong(f"the server's log tells a fault of its own:\n{said[:2000]}")
    print("nothing grew, failed, got lost or was left")


def _run(steady: Steady, victim: Victim, gauge: Gauge, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        gauge.look()
        steady.step()
        victim.step()
        while (left := now + STEP_SECONDS - time.monotonic()) > 0:
            steady.talk.listen(left)


def _tell(figures: Figures) -> None:
    for what, figure in {
        "requests": f"{figures.requests.total():,} of {len(figures.requests)} methods, "
        f"the rarest {min(figures.requests.values())} times",
        "notifications sent": f"{figures.notified.total():,}",
        "updates told": f"{figures.updates:,}",
        "expected errors": _counted(figures.errors),
        "warnings": _counted(figures.warnings),
    }.items():
        print(f"{what:<{WIDTH}} {figure}")


def _judge(gauge: Gauge, seconds: float) -> None:
    """Compare the second minute and the last one; shorter ones of a shorter soak."""
    window = min(60.0, seconds / 4)
    windows = int(seconds // window)
    for what, growth in MOST_GROWTH.items():
        course = [gauge.median(what, at * window, (at + 1) * window) for at in range(windows)]
        print(f"{what:<{WIDTH}} {', '.join(f'{value:.1f}' for value in course)}")
        before, after = course[1], course[-1]
        if after > before * (1 + GROWTH) + growth:
            raise Wrong(f"{what} grew from {before:.1f} to {after:.1f}")
    if left := [process for process in gauge.seen if process.is_running()]:
        raise Wrong(f"processes were left: {left}")


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.most_common()) or "none"


def _make_projects(folder: Path) -> list[Path]:
    (folder / "outside.txt").write_text("nobody reads this")
    projects = [folder / f"project {number}" for number in range(PROJECTS)]
    for project in projects:
        (project / "written").mkdir(parents=True)
        (project / "fixed.txt").write_text(FIXED)
        (project / "edited.txt").write_text("a b c\n")
    return projects


if __name__ == "__main__":
    main()
