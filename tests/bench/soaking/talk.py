"""A client that asks without waiting, and remembers exactly what it was told."""

from __future__ import annotations

import hashlib
import select
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs
import orjson

from tests.bench.driver import Driven

PATIENCE_SECONDS = 60.0
WARNING = 2


class Wrong(Exception):
    """The server did something that it should not have."""


@attrs.frozen
class Asked:
    """A request that was sent.

    Attributes:
        method: Its method.
        at: When it was sent.
        may_fail: The kinds of error that would be no surprise.
        then: Takes the result.
    """

    method: str
    at: float
    may_fail: frozenset[str]
    then: Callable[[Any], object] | None


class Figures:
    """What came of all of it, across servers."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.notified: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.updates = 0


class Talk:
    """A conversation with one server.

    Attributes:
        server: The server.
        histories: What was told of each session.
    """

    def __init__(self, server: Driven, figures: Figures) -> None:
        self.server = server
        self.histories: dict[str, History] = {}
        self._figures = figures
        self._asked: dict[int, Asked] = {}

    @property
    def open_questions(self) -> int:
        """How many requests are not answered yet."""
        return len(self._asked)

    def ask(
        self,
        method: str,
        params: Any,
        may_fail: frozenset[str] = frozenset(),
        then: Callable[[Any], object] | None = None,
    ) -> int:
        """Send a request, whose answer is taken whenever it comes."""
        frame = self.server.request(method, params)
        self._figures.requests[method] += 1
        self._asked[self.server.ids] = Asked(method, time.monotonic(), may_fail, then)
        self.server.write(frame)
        return self.server.ids

    def call(self, method: str, params: Any) -> Any:
        """Return the result of a request."""
        results: list[Any] = []
        id_ = self.ask(method, params, then=results.append)
        while id_ in self._asked:
            self.listen(PATIENCE_SECONDS)
        return results[0]

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._figures.notified[method] += 1
        self.server.notify(method, params)

    def listen(self, seconds: float) -> None:
        """Take what comes within a time, and no more than is there once something has come."""
        while (body := self.server.cut()) is None:
            if not select.select([self.server.stdout], [], [], seconds)[0]:
                self._check_patience()
                return
            self.server.more()
        while body is not None:
            self._take(orjson.loads(body))
            body = self.server.cut()

    def finish(self) -> None:
        """Wait until everything is answered."""
        while self._asked:
            self.listen(1.0)

    def hear_out(self) -> None:
        """Take all that comes until the server has closed its output, and no part of a message."""
        while self.server.receive():
            while body := self.server.cut():
                self._take(orjson.loads(body))

    def _check_patience(self) -> None:
        before = time.monotonic() - PATIENCE_SECONDS
        if late := [asked.method for asked in self._asked.values() if asked.at < before]:
            raise Wrong(f"not answered: {late}")

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._take_answer(message)
        elif message["method"] == "jido/session/update":
            self._figures.updates += 1
            params = message["params"]
            self.histories.setdefault(params.pop("sessionId"), History()).told(params)
        elif message["method"] == "window/logMessage" and message["params"]["type"] <= WARNING:
            self._figures.warnings[message["params"]["message"].split(" ")[0]] += 1

    def _take_answer(self, message: dict[str, Any]) -> None:
        asked = self._asked.pop(message["id"])
        if "result" in message:
            if asked.then is not None:
                asked.then(message["result"])
            return
        error = message["error"]
        kind = error["data"]["kind"]
        if kind not in asked.may_fail:
            raise Wrong(f"{asked.method}: {error}")
        self._figures.errors[kind] += 1


class History:
    """What was told of one session: a fingerprint of every update.

    Attributes:
        last: The number of the last update.
    """

    def __init__(self) -> None:
        self.last = 0
        self._fingerprints: list[bytes] = []

    def told(self, update: dict[str, Any]) -> None:
        """Remember an update; it must be the next one."""
        if update["seq"] != self.last + 1:
            raise Wrong(f"update {update['seq']} was told after {self.last}")
        self.last += 1
        self._fingerprints.append(fingerprint(update))

    def compare(self, stored: list[dict[str, Any]], told: int, after: int = 0) -> None:
        """See to it that what was told is stored, in the same words.

        Args:
            stored: All that was stored behind a number.
            told: The number up to which was told when it was asked for.
            after: That other number.
        """
        for number, update in enumerate(stored, after + 1):
            if update["seq"] != number:
                raise Wrong(f"update {number} is missing, {update['seq']} comes in its place")
            if number <= told and fingerprint(update) != self._fingerprints[number - 1]:
                raise Wrong(f"update {number} was told differently: {update}")
        if after + len(stored) < told:
            raise Wrong(f"{told} updates were told, {after + len(stored)} are stored")

    def catch_up(self, stored: list[dict[str, Any]], after: int) -> None:
        """Take what is stored behind a number and was not told, after a comparison of the rest."""
        self.compare(stored, self.last, after)
        for update in stored[self.last - after :]:
            self.told(update)


def fingerprint(update: dict[str, Any]) -> bytes:
    return hashlib.blake2b(
        orjson.dumps(update, option=orjson.OPT_SORT_KEYS), digest_size=8
    ).digest()


def compare_with_stored(talk: Talk, session: str) -> None:
    """See to it that all that was told of a session is stored, in the same words."""
    history = talk.histories[session]
    told = history.last
    history.compare(stored(talk, session), told)


def stored(talk: Talk, session: str, after: int = 0) -> list[dict[str, Any]]:
    """Return the stored updates of a session, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        params = {"sessionId": session, "afterSeq": after, "limit": 500}
        page = talk.call("jido/session/updates", params)
        found += page["updates"]
        if not page["hasMore"]:
            return found
        after = page["updates"][-1]["seq"]
