"""What the soak asks: params for every method of the registry, right ones and wrong ones."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from jido_server.protocol.registry import NOTIFICATIONS, REQUESTS
from tests.bench.soaking.scripts import SCRIPTS
from tests.bench.soaking.talk import Wrong

FIXED = "".join(f"{number:04} this file is never changed\n" for number in range(150))
ROLES = ("user", "assistant", "system", "tool")
STATUSES = ("pending", "running", "completed", "error")

BY_LIFE = frozenset(
    f"jido/session/{name}" for name in ("open", "close", "resume", "delete", "updates")
)
"""What is asked when a session begins or ends."""
BY_SCRIPTS = frozenset({"jido/manager/runLua", "jido/tools/runLua"})
"""What is asked in the rhythm of the scripts."""

NONE: frozenset[str] = frozenset()
TOOL_FAILED = frozenset({"toolFailed"})
CANCELLED = frozenset({"requestCancelled"})
"""What becomes of a script whose session is closed or restarted."""

Params = dict[str, Any]


@attrs.define(eq=False)
class Client:
    """A session as its client sees it.

    Attributes:
        id: The session.
        root: Its project.
        ends_at: When it is closed.
        streams: Whether it streams, as far as the client knows.
        tool_calls: The ids of its tool calls.
    """

    id: str
    root: Path
    ends_at: float
    streams: bool = False
    tool_calls: list[str] = attrs.field(factory=list)


@attrs.frozen
class Question:
    """What is asked.

    Attributes:
        method: The method.
        params: Its params.
        may_fail: The kinds of error that would be no surprise.
        then: Takes the result.
    """

    method: str
    params: Params
    may_fail: frozenset[str] = NONE
    then: Callable[[Any], object] | None = None


class Load:
    """Makes questions; the same ones for the same seed.

    Args:
        seed: Of all that is left to chance.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same load each time, nothing secret
        self._scripts = 0
        self._makes: dict[str, Callable[[Client], Question | Params]] = {
            "jido/session/list": lambda _: {},
            "jido/session/get": _of,
            "jido/session/rename": lambda c: _of(c) | {"name": self._text(40)},
            "jido/session/restart": self._restart,
            "jido/session/saved": lambda c: {"projectPath": str(c.root)},
            "jido/session/export": lambda c: _of(c) | {"format": self._one("markdown", "json")},
            "jido/manager/projectRoot": _of,
            "jido/manager/validatePath": lambda c: _of(c) | {"path": self._path()},
            "jido/manager/readFile": self._read_file,
            "jido/manager/writeFile": lambda c: _of(c) | self._file(),
            "jido/manager/listDir": _of,
            "jido/manager/stat": lambda c: _of(c) | {"path": "fixed.txt"},
            "jido/manager/makeDir": lambda c: _of(c) | {"path": f"made/{self._number(5)}"},
            "jido/manager/delete": self._delete,
            "jido/manager/glob": lambda c: _of(c) | {"pattern": "**/*.txt"},
            "jido/state/get": lambda c: _of(c) | {"messageLimit": 10},
            "jido/state/getMessages": lambda c: _of(c) | {"offset": self._number(50), "limit": 20},
            "jido/state/getReasoningSteps": _of,
            "jido/state/getToolCalls": _of,
            "jido/state/getTodos": _of,
            "jido/state/appendMessage": lambda c: _of(c) | {"message": self._message()},
            "jido/state/clearMessages": _of,
            "jido/state/startStreaming": self._start_streaming,
            "jido/state/updateStreaming": lambda c: _of(c) | {"chunk": self._text(30)},
            "jido/state/endStreaming": self._end_streaming,
            "jido/state/setScrollOffset": lambda c: _of(c) | {"offset": self._number(1000)},
            "jido/state/updateTodos": lambda c: _of(c) | {"todos": self._todos()},
            "jido/state/addReasoningStep": lambda c: (
                _of(c) | {"step": {"content": self._text(200)}}
            ),
            "jido/state/clearReasoningSteps": _of,
            "jido/state/addToolCall": self._add_tool_call,
            "jido/state/updateToolCall": self._update_tool_call,
            "jido/settings/load": _of,
            "jido/settings/localPath": lambda c: {"projectPath": str(c.root)},
            "jido/settings/save": lambda c: (
                _of(c) | {"settings": {"maxSteps": 1 + self._number(9)}}
            ),
            "jido/settings/set": lambda c: _of(c) | {"key": "model", "value": self._text(9)},
            "jido/tools/list": lambda _: {},
            "jido/tools/call": self._call_tool,
            "jido/tools/projectRoot": lambda _: {},
            "jido/tools/validatePath": lambda _: {"path": self._path()},
            "jido/tools/readFile": lambda _: {"path": "fixed.txt"},
            "jido/tools/writeFile": lambda _: self._file(),
            "jido/tools/listDir": _of,
        }
        self._methods = [m for m in self._makes if m not in NOTIFICATIONS]
        loaded = {*self._makes, *BY_LIFE, *BY_SCRIPTS}
        assert loaded == {*REQUESTS, *NOTIFICATIONS}, "the load has every method there is"

    def question(self, client: Client) -> Question:
        """Return a request of any method."""
        return self._question(self._one(*self._methods), client)

    def append(self, client: Client) -> Question:
        """Return one more message."""
        return self._question("jido/state/appendMessage", client)

    def script(self, client: Client) -> Question:
        """Return the next script, by the next of the ways in which one is run."""
        script = SCRIPTS[self._scripts % len(SCRIPTS)]
        ways = ("jido/manager/runLua", "jido/tools/runLua", "jido/tools/call")
        method = ways[self._scripts // len(SCRIPTS) % len(ways)]
        self._scripts += 1
        if method == "jido/tools/call":
            given = {"script": script.source, "timeout_ms": script.timeout_ms}
            params = _of(client) | {"name": "run_lua", "arguments": given}
            return Question(method, params, TOOL_FAILED | CANCELLED)
        params = _of(client) | {"script": script.source, "timeoutMs": script.timeout_ms}
        return Question(method, params, script.may_fail | CANCELLED)

    def _question(self, method: str, client: Client) -> Question:
        made = self._makes[method](client)
        return made if isinstance(made, Question) else Question(method, made)

    def _restart(self, client: Client) -> Question:
        params = _of(client) | {"messageLimit": 5}
        return Question("jido/session/restart", params)

    def _read_file(self, client: Client) -> Question:
        method = "jido/manager/readFile"
        if self._number(10) == 0:
            outside = _of(client) | {"path": "../outside.txt"}
            return Question(method, outside, frozenset({"pathEscapesBoundary"}), _refuse)
        return Question(method, _of(client) | {"path": "fixed.txt"}, then=_check_fixed)

    def _delete(self, client: Client) -> Question:
        path = f"written/{self._number(20)}.txt"
        params = _of(client) | {"path": path}
        return Question("jido/manager/delete", params, frozenset({"fileNotFound"}))

    def _start_streaming(self, client: Client) -> Question:
        client.streams = True
        params = _of(client) | {"messageId": self._id()}
        return Question("jido/state/startStreaming", params, frozenset({"alreadyStreaming"}))

    def _end_streaming(self, client: Client) -> Question:
        client.streams = False
        may_fail = frozenset({"notStreaming"})
        return Question("jido/state/endStreaming", _of(client), may_fail)

    def _add_tool_call(self, client: Client) -> Question:
        id_ = self._id()
        client.tool_calls.append(id_)
        arguments = {"text": self._text(100), "jsonrpc": "2.0"}
        call = {"id": id_, "name": "think", "arguments": arguments}
        return Question("jido/state/addToolCall", _of(client) | {"toolCall": call})

    def _update_tool_call(self, client: Client) -> Question:
        id_ = self._one(*client.tool_calls, "there is none")
        params = _of(client) | {"toolCallId": id_, "status": self._one(*STATUSES), "result": [1]}
        return Question("jido/state/updateToolCall", params, frozenset({"toolCallNotFound"}))

    def _call_tool(self, client: Client) -> Question:
        name, arguments = self._one(
            ("read_file", {"path": "fixed.txt", "limit": 10}),
            ("write_file", {**self._file(), "overwrite": True}),
            ("edit_file", {"path": "edited.txt", "old_string": "a", "new_string": "b"}),
            ("list_directory", {}),
            ("find_files", {"pattern": "*.txt"}),
            ("search_files", {"pattern": "never changed", "limit": 5}),
            ("update_todos", {"todos": self._todos()}),
        )
        params = _of(client) | {"name": name, "arguments": arguments}
        return Question("jido/tools/call", params, TOOL_FAILED)

    def _file(self) -> Params:
        return {"path": f"written/{self._number(20)}.txt", "content": self._text(5000)}

    def _message(self) -> Params:
        return {"role": self._one(*ROLES), "content": self._text(2000)}

    def _todos(self) -> list[Params]:
        return [{"content": self._text(50), "status": "pending"} for _ in range(self._number(6))]

    def _path(self) -> str:
        path: str = self._one("fixed.txt", ".", "not/there", "written/../fixed.txt")
        return path

    def _text(self, most: int) -> str:
        word: str = self._one("plain ", "ümlaut ", "日本語 ", '"quoted"\n', "\N{GRINNING FACE}")
        return (word * most)[: 1 + self._number(most)]

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _number(self, below: int) -> int:
        return self.random.randrange(below)

    def _one(self, *choices: Any) -> Any:
        return self.random.choice(choices)


def _of(client: Client) -> Params:
    return {"sessionId": client.id}


def _check_fixed(result: Any) -> None:
    if result["content"] != FIXED:
        raise Wrong("a file that nobody changes was read differently")


def _refuse(result: Any) -> None:
    raise Wrong(f"a way out of the project was let through: {result}")
