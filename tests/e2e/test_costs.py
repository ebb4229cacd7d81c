"""What a request costs, counted and not timed: calls of Python functions, and of the system.

The numbers are a little above today's. A change that lifts one of them has to say why; one that
lowers it lowers the number here, too.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import orjson
import pytest

from jido_server.project import openat2
from jido_server.project.boundary import Boundary
from jido_server.project.directory import READ
from jido_server.project.files import Files
from jido_server.project.openat2 import Openat2
from jido_server.project.walk import Walk
from jido_server.protocol import codec
from jido_server.protocol.session import UPDATE
from jido_server.sandbox.sandbox import Sandbox
from jido_server.server import handlers, messages
from jido_server.server.framing import Framer, frame
from jido_server.server.initialization import Initialization, initialize_result
from jido_server.server.lsp import Intake
from jido_server.server.messages import Call, Response
from jido_server.session.sessions import Sessions
from jido_server.session.surroundings import Surroundings
from jido_server.session.workers import Workers
from jido_server.storage.journal import MemoryStorage
from jido_server.updates import Record

TIMES = 100
LISTED = 500


class Counts:
    """How often what was called.

    Attributes:
        python: Functions of Python.
        system: Calls of the operating system, by name.
    """

    def __init__(self) -> None:
        self.python = 0
        self.system: Counter[str] = Counter()

    def take(self, called: FrameType, event: str, function: Any) -> None:
        if event == "call":
            self.python += 1
            if called.f_code is openat2.open_beneath.__code__:
                self.system["openat2"] += 1
        elif event == "c_call" and asks_the_system(function):
            self.system[function.__name__] += 1


def asks_the_system(function: Any) -> bool:
    return function.__module__ == os.open.__module__ and function is not os.fspath


@contextmanager
def counting() -> Iterator[Counts]:
    counts = Counts()
    before = sys.getprofile()
    sys.setprofile(counts.take)
    try:
        yield counts
    finally:
        sys.setprofile(before)
        counts.python -= 1  # the end of this very context


def counted(function: Callable[[], object], times: int = TIMES) -> Counts:
    """Return what one of many calls costs, when all that is made once was made."""
    function()
    with counting() as counts:
        for _ in range(times):
            function()
    counts.python = round(counts.python / times)
    counts.system = Counter({name: round(n / times) for name, n in counts.system.items()})
    counts.system += Counter()  # drops what is rarer than every second call
    return counts


class Connection:
    """All of the server but its pipes; an environment of the intake."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        around = Surroundings(
            storage=MemoryStorage(), observer=self._tell, workers=Workers(), sandbox=Sandbox()
        )
        self.sessions = Sessions(around)
        self._framer = Framer()
        self._intake = Intake(handlers.HANDLED, self.sessions, self)
        self.ask("initialize", {})

    def ask(self, method: str, params: Any) -> Any:
        """Return the result of a request that is answered at once."""
        return self.result_of(self.request(method, params))

    def request(self, method: str, params: Any) -> bytes:
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return frame(orjson.dumps(message))

    def result_of(self, request: bytes) -> Any:
        self.sent.clear()
        self.take(request)
        return orjson.loads(self.sent[-1].partition(b"\r\n\r\n")[2])["result"]

    def take(self, data: bytes) -> None:
        self._framer.feed(data)
        while isinstance(taken := self._framer.next(), bytes):
            self._intake.take(taken)

    def send(self, body: bytes) -> None:
        self.sent.append(frame(body))

    def initialized(self, _: Initialization) -> dict[str, Any]:
        return initialize_result()

    def lsp(self, _: Call) -> bool:
        return False

    def lsp_response(self, _: Response) -> None:
        raise AssertionError("nothing was asked")

    def exit(self, _: int) -> None:
        raise AssertionError("nobody said so")

    def _tell(self, record: Record) -> None:
        self.send(messages.notification(UPDATE.name, codec.unstructure(record)))


@pytest.fixture
async def connection() -> Connection:
    return Connection()


@pytest.fixture
def session(connection: Connection, project: Path) -> str:
    opened = connection.ask("jido/session/open", {"projectPath": str(project)})
    return str(opened["session"]["id"])


def of_requests(connection: Connection, method: str, params: Any) -> Counts:
    request = connection.request(method, params)
    return counted(lambda: connection.take(request))


async def test_what_a_trivial_request_costs(connection: Connection, session: str) -> None:
    counts = of_requests(connection, "jido/session/get", {"sessionId": session})
    assert counts.python <= 44
    assert not counts.system


async def test_what_a_change_costs_that_is_told(connection: Connection, session: str) -> None:
    params = {"sessionId": session, "offset": 7}
    counts = of_requests(connection, "jido/state/setScrollOffset", params)
    assert counts.python <= 70
    assert not counts.system


async def test_what_a_chunk_costs(connection: Connection, session: str) -> None:
    of = {"sessionId": session}
    connection.ask("jido/state/startStreaming", of | {"messageId": "m"})
    message = {"jsonrpc": "2.0", "method": "jido/state/updateStreaming"}
    chunk = frame(
        orjson.dumps(message | {"params": of | {"chunk": "thirty characters of an answer"}})
    )
    counts = counted(lambda: connection.take(chunk))
    assert counts.python <= 31
    assert not counts.system


async def test_a_message_costs_the_same_in_a_long_conversation(
    connection: Connection, session: str
) -> None:
    message = {"role": "user", "content": "Hello"}
    params = {"sessionId": session, "message": message}
    short = of_requests(connection, "jido/state/appendMessage", params)
    for _ in range(2000):
        connection.ask("jido/state/appendMessage", params)
    long = of_requests(connection, "jido/state/appendMessage", params)
    assert short.python <= 85
    assert long.python == short.python


async def test_what_reading_a_small_file_costs(connection: Connection, session: str) -> None:
    params = {"sessionId": session, "path": "src/main.py"}
    counts = of_requests(connection, "jido/manager/readFile", params)
    assert counts.python <= 83
    assert counts.system == {"openat2": 1, "fstat": 2, "lseek": 1, "read": 1, "close": 1}


async def test_what_writing_a_small_file_costs(connection: Connection, session: str) -> None:
    params = {"sessionId": session, "path": "src/main.py", "content": "print('bye')\n"}
    counts = of_requests(connection, "jido/manager/writeFile", params)
    assert counts.python <= 105
    assert counts.system.total() <= 12


@pytest.mark.parametrize("depth", [1, 6])
def test_opening_through_the_kernel_costs_the_same_at_any_depth(tmp_path: Path, depth: int) -> None:
    path = deep_file(tmp_path, depth)
    with Boundary.open(str(tmp_path), new_resolver=Openat2) as boundary:
        counts = counted(lambda: os.close(boundary.descriptor(path, READ)[0]))
    assert counts.python <= 18
    assert counts.system == {"fstat": 1, "openat2": 1, "close": 1}


@pytest.mark.parametrize("depth", [1, 6])
def test_opening_by_the_walk_costs_one_open_a_component(tmp_path: Path, depth: int) -> None:
    path = deep_file(tmp_path, depth)
    with Boundary.open(str(tmp_path), new_resolver=Walk) as boundary:
        counts = counted(lambda: os.close(boundary.descriptor(path, READ)[0]))
    assert counts.python <= 22 + 6 * depth
    assert counts.system == {"fstat": 1, "dup": 1, "open": depth, "close": depth + 1}


def test_what_listing_a_folder_costs_an_entry(tmp_path: Path) -> None:
    for number in range(LISTED):
        (tmp_path / str(number)).touch()
    with Boundary.open(str(tmp_path)) as boundary:
        files = Files(boundary)
        counts = counted(lambda: codec.unstructure(files.list()), times=10)
    assert counts.python <= 5 * LISTED + 100
    assert counts.system.total() <= 8, "nothing is asked of each entry"


def deep_file(root: Path, depth: int) -> str:
    path = "/".join(["folder"] * (depth - 1) + ["file"])
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).touch()
    return path
