"""The client that is killed again and again, and catches up."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from tests.bench.driver import Driven
from tests.bench.soaking.load import Client, Load
from tests.bench.soaking.talk import Figures, Talk, Wrong, compare_with_stored, stored

EVERY_SECONDS = 10.0
LAST_WORDS = 20
"""Messages that are on their way when it happens."""
END_SECONDS = 2.0


class Victim:
    """The client that is killed.

    Args:
        start: Starts a server on the same stored sessions.
        project: The folder of its session.
        load: What is asked.
        figures: Where it is counted.

    Attributes:
        deaths: How often it was killed.
        missed: How many updates were stored but not told, over all deaths.
        catch_up_seconds: What it took each time, from the start of the server.
        session: Its session.
    """

    def __init__(
        self, start: Callable[[], Driven], project: Path, load: Load, figures: Figures
    ) -> None:
        self.deaths = 0
        self.missed = 0
        self.catch_up_seconds: list[float] = []
        self._start = start
        self._load = load
        self._figures = figures
        self._talk = Talk(start(), figures)
        opened = self._talk.call("jido/session/open", {"projectPath": str(project)})
        self.session = Client(opened["session"]["id"], project, ends_at=float("inf"))
        self._dies_at = time.monotonic() + EVERY_SECONDS

    @property
    def talk(self) -> Talk:
        """Its conversation, with one server after another."""
        return self._talk

    def step(self) -> None:
        """Say something; die when it is time."""
        question = self._load.append(self.session)
        self._talk.ask(question.method, question.params)
        self._stream()
        self._talk.listen(0.0)
        if time.monotonic() > self._dies_at:
            self._die()
            self._come_back()
            self._dies_at = time.monotonic() + EVERY_SECONDS

    def finish(self) -> None:
        """Wait for the last answers, compare everything, and say goodbye."""
        self._talk.finish()
        of = {"sessionId": self.session.id}
        compare_with_stored(self._talk, self.session.id)
        self._talk.call("jido/session/close", of)
        self._talk.call("shutdown", None)
        self._talk.notify("exit", None)

    def close(self) -> None:
        """End its server."""
        self._talk.server.close()

    def __str__(self) -> str:
        if not self.catch_up_seconds:
            return "none"
        seconds = statistics.median(self.catch_up_seconds)
        return (
            f"{self.deaths}; {self.missed} updates were stored but not told; caught up in "
            f"{seconds:.2f} s (median, with the start of a server)"
        )

    def _stream(self) -> None:
        of = {"sessionId": self.session.id}
        if not self.session.streams:
            self._talk.ask("jido/state/startStreaming", of | {"messageId": "streamed"})
            self.session.streams = True
        for number in range(5):
            self._talk.notify("jido/state/updateStreaming", of | {"chunk": f"chunk {number} "})

    def _die(self) -> None:
        """Kill the server, or let it see that its client has gone; by turns."""
        for _ in range(LAST_WORDS):
            question = self._load.append(self.session)
            self._talk.ask(question.method, question.params)
        server = self._talk.server
        of_it = [*psutil.Process(server.process.pid).children(recursive=True)]
        by_force = self.deaths % 2 == 0
        if by_force:
            server.process.kill()
        else:
            assert server.process.stdin is not None
            server.process.stdin.close()
        self._talk.hear_out()
        server.process.wait(END_SECONDS)
        _, left = psutil.wait_procs(of_it, timeout=END_SECONDS)
        if left:
            raise Wrong(
                f"left behind by a server that {'was killed' if by_force else 'ended'}: {left}"
            )
        with suppress(BrokenPipeError):
            server.close()
        self.deaths += 1

    def _come_back(self) -> None:
        """Catch up by number, and go on in the same session."""
        begin = time.monotonic()
        history = self._talk.histories[self.session.id]
        known = history.last
        self._talk = Talk(self._start(), self._figures)
        self._talk.histories[self.session.id] = history
        after = max(0, known - 1000)
        history.catch_up(stored(self._talk, self.session.id, after), after)
        self.missed += history.last - known
        resumed = self._talk.call(
            "jido/session/resume", {"sessionId": self.session.id, "messageLimit": 10}
        )
        if resumed["state"]["seq"] != history.last:
            raise Wrong(f"resumed at {resumed['state']['seq']}, told up to {history.last}")
        self.catch_up_seconds.append(time.monotonic() - begin)
        self.session.streams = False
