"""Intake: every message gets exactly one right answer.

A connection goes through the phases of LSP; the methods of jido are structured by the codec and
done by their handlers, in the order sent; whatever else LSP knows goes to pygls.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import uuid
from asyncio import Future
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol, assert_never

import attrs

from jido_server.errors import (
    InternalError,
    InvalidRequest,
    JidoError,
    MethodNotFound,
    RequestCancelled,
    ServerNotInitialized,
)
from jido_server.protocol import codec
from jido_server.protocol.method import Request
from jido_server.server import messages
from jido_server.server.handling import Handled
from jido_server.server.initialization import Initialization, read_initialization
from jido_server.server.large import is_large
from jido_server.server.messages import Call, MessageId, Response, Wrong
from jido_server.session.sessions import Sessions

log = logging.getLogger(__name__)

MAX_BYTES_IN_HAND = 128 << 20
OVERHEAD_BYTES = 1024
"""What a request that waits costs beside its body, about."""
REQUESTS_OF_LSP = frozenset({"initialize", "shutdown"})


class Phase(enum.Enum):
    """How far the conversation of LSP is."""

    NEW = enum.auto()
    RUNNING = enum.auto()
    SHUT_DOWN = enum.auto()
    ENDED = enum.auto()


class Environment(Protocol):
    """What the intake needs from around it."""

    def send(self, body: bytes) -> None:
        """Send the body of a message to the client."""
        ...

    def initialized(self, initialization: Initialization) -> dict[str, Any]:
        """Take what the client says of itself, and give the result of ``initialize``."""
        ...

    def lsp(self, call: Call) -> bool:
        """Hand a message of plain LSP on, if it is one that is understood."""
        ...

    def lsp_response(self, response: Response) -> None:
        """Hand on the client's answer to a request of the server's."""
        ...

    def exit(self, code: int) -> None:
        """End the server."""
        ...


@attrs.frozen
class InHand:
    """A request whose answer is still to come."""

    future: Future[Any]
    size: int


class Intake:
    """Takes the messages of one connection.

    Args:
        handled: What is done for each method of jido.
        sessions: What it is done with.
        environment: What is around.

    Attributes:
        phase: How far the conversation is.
    """

    def __init__(
        self, handled: Mapping[str, Handled], sessions: Sessions, environment: Environment
    ) -> None:
        self.phase = Phase.NEW
        self._handled = handled
        self._sessions = sessions
        self._environment = environment
        self._in_hand: dict[MessageId, InHand] = {}
        self._bytes_in_hand = 0

    @property
    def is_full(self) -> bool:
        """Whether so much waits to be done that no more should be taken."""
        return self._bytes_in_hand > MAX_BYTES_IN_HAND

    @property
    def in_hand(self) -> list[Future[Any]]:
        """The requests whose answers are still to come."""
        return [request.future for request in self._in_hand.values()]

    def take(self, body: bytes) -> None:
        """Take one message, and answer it now or when its work is done."""
        match messages.parse(body):
            case Call() as call:
                self._take_call(call, len(body))
            case Response() as response:
                self._environment.lsp_response(response)
            case Wrong(id_, error):
                self.refuse(id_, error)
            case message:
                assert_never(message)

    def refuse(self, id_: MessageId | None, error: JidoError) -> None:
        """Answer with an error."""
        self._environment.send(messages.failure(id_, error))

    def _take_call(self, call: Call, size: int) -> None:
        try:
            self._dispatch(call, size)
        except Exception as error:  # noqa: BLE001 - every request gets its answer
            self._fail(call, error)

    def _dispatch(self, call: Call, size: int) -> None:
        if call.method == "exit":
            self._exit()
            return
        self._check_phase(call)
        if call.id is not None and call.id in self._in_hand:
            raise InvalidRequest(f"the id {call.id!r} is in use")
        if (handled := self._handled.get(call.method)) is not None:
            self._handle(handled, call, size)
        elif call.method in REQUESTS_OF_LSP:
            self._do_of_lsp(call)
        elif call.method == "$/cancelRequest" and call.id is None:
            self._cancel(call.params)
        elif not self._environment.lsp(call):
            raise MethodNotFound(call.method)

    def _do_of_lsp(self, call: Call) -> None:
        if call.id is None:
            raise InvalidRequest(f"{call.method} is a request")
        if call.method == "initialize":
            self._initialize(call)
        else:
            self.phase = Phase.SHUT_DOWN
            self._give(call, None)

    def _check_phase(self, call: Call) -> None:
        if self.phase is Phase.RUNNING:
            if call.method == "initialize":
                raise InvalidRequest("the server was initialized already")
        elif self.phase is not Phase.NEW:
            raise InvalidRequest("the server is shut down")
        elif call.method != "initialize":
            raise ServerNotInitialized

    def _initialize(self, call: Call) -> None:
        result = self._environment.initialized(read_initialization(call.params))
        self.phase = Phase.RUNNING
        self._give(call, result)

    def _exit(self) -> None:
        code = 0 if self.phase is Phase.SHUT_DOWN else 1
        self.phase = Phase.ENDED
        self._environment.exit(code)

    def _handle(self, handled: Handled, call: Call, size: int) -> None:
        if isinstance(handled.method, Request) == (call.id is None):
            kind = "a request" if call.id is None else "a notification"
            raise InvalidRequest(f"{call.method} is {kind}")
        given = {} if call.params is None else call.params
        params = codec.structure(given, handled.method.params)
        outcome = handled.handle(self._sessions, params)
        if isinstance(outcome, Future):
            self._await(outcome, call, size + OVERHEAD_BYTES)
        elif call.id is not None:
            self._give(call, outcome)

    def _await(self, future: Future[Any], call: Call, size: int) -> None:
        if future.done():
            self._finish(call, future)
            return
        assert call.id is not None, "only requests go on behind the event loop"
        self._in_hand[call.id] = InHand(future, size)
        self._bytes_in_hand += size
        future.add_done_callback(partial(self._finish_later, call))

    def _finish_later(self, call: Call, future: Future[Any]) -> None:
        assert call.id is not None, "only requests go on behind the event loop"
        self._bytes_in_hand -= self._in_hand.pop(call.id).size
        self._finish(call, future)

    def _finish(self, call: Call, future: Future[Any]) -> None:
        if future.cancelled():
            self._fail(call, RequestCancelled())
            return
        try:
            self._give(call, future.result())
        except Exception as error:  # noqa: BLE001 - every request gets its answer
            self._fail(call, error)

    def _give(self, call: Call, result: object) -> None:
        """Answer with a result, which a worker encodes first if it is large."""
        if isinstance(result, bytes):
            self._environment.send(result)
        elif is_large(result):
            encoding = self._sessions.around.workers.run(partial(_encoded, call.id, result))
            self._await(asyncio.ensure_future(encoding), call, OVERHEAD_BYTES)
        else:
            self._environment.send(_encoded(call.id, result))

    def _cancel(self, params: object) -> None:
        """Cancel a request; one that is answered already, or was never sent, needs nothing."""
        id_ = params.get("id") if isinstance(params, dict) else None
        if isinstance(id_, int | str) and id_ in self._in_hand:
            self._in_hand[id_].future.cancel()

    def _fail(self, call: Call, error: Exception) -> None:
        if not isinstance(error, JidoError):
            incident = uuid.uuid4().hex[:12]
            log.error("%s failed, incident %s", call.method, incident, exc_info=error)
            error = InternalError(incident)
        if call.id is not None:
            self.refuse(call.id, error)
        elif not isinstance(error, InternalError):
            log.warning("The notification %s is dropped: %s", call.method, error)


def _encoded(id_: MessageId | None, result: object) -> bytes:
    return messages.answer(id_, codec.unstructure(result))
