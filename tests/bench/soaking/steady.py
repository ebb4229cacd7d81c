"""The client that stays: fifty sessions, every method, streams and scripts."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from tests.bench.driver import Driven
from tests.bench.soaking.load import Client, Load, Question
from tests.bench.soaking.talk import Figures, Talk, compare_with_stored

SESSIONS = 50
SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS = 30.0, 60.0
QUESTIONS_A_STEP = 10
CHUNKS_A_STEP = 2
"""Of every session that streams."""
SCRIPTS_A_SECOND = 2
MOST_IN_HAND = 300


class Steady:
    """The client that stays.

    Args:
        server: A server that is initialized.
        projects: The folders on which sessions are opened.
        load: What is asked.
        figures: Where it is counted.

    Attributes:
        talk: Its conversation.
        lives: How many sessions have lived and died.
    """

    def __init__(self, server: Driven, projects: list[Path], load: Load, figures: Figures) -> None:
        self.talk = Talk(server, figures)
        self.lives = 0
        self._projects = itertools.cycle(projects)
        self._load = load
        self._clients: list[Client] = []
        self._begin = time.monotonic()
        self._scripts = 0
        for _ in range(SESSIONS):
            self._open(load.random.uniform(0.0, LONGEST_LIFE_SECONDS))

    def step(self) -> None:
        """Ask a few questions, and take what has come."""
        now = time.monotonic()
        for client in [client for client in self._clients if client.ends_at < now]:
            self._end(client)
            self._open(self._load.random.uniform(SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS))
        if self.talk.open_questions < MOST_IN_HAND:
            for _ in range(QUESTIONS_A_STEP):
                self._ask(self._load.question(self._any()))
        for client in self._clients:
            if client.streams:
                for _ in range(CHUNKS_A_STEP):
                    chunk = {"sessionId": client.id, "chunk": "some thirty characters of text"}
                    self.talk.notify("jido/state/updateStreaming", chunk)
        if self._scripts < (now - self._begin) * SCRIPTS_A_SECOND:
            self._scripts += 1
            self._ask(self._load.script(self._any()))

    def finish(self) -> None:
        """Wait for the last answers, end all sessions, and say goodbye."""
        self.talk.finish()
        for client in list(self._clients):
            self._end(client)
        self.talk.call("shutdown", None)
        self.talk.notify("exit", None)

    def _ask(self, question: Question) -> None:
        self.talk.ask(question.method, question.params, question.may_fail, question.then)

    def _any(self) -> Client:
        return self._load.random.choice(self._clients)

    def _open(self, life_seconds: float) -> None:
        root = next(self._projects)
        opened = self.talk.call("jido/session/open", {"projectPath": str(root)})
        ends_at = time.monotonic() + life_seconds
        self._clients.append(Client(opened["session"]["id"], root, ends_at))

    def _end(self, client: Client) -> None:
        """Close a session, resume it, close and delete it; what was told is what is stored."""
        self._clients.remove(client)
        of = {"sessionId": client.id}
        compare_with_stored(self.talk, client.id)
        self.talk.call("jido/session/close", of)
        self.talk.call("jido/session/resume", of | {"messageLimit": 1})
        self.talk.call("jido/session/close", of)
        compare_with_stored(self.talk, client.id)
        self.talk.call("jido/session/delete", of)
        del self.talk.histories[client.id]
        self.lives += 1
