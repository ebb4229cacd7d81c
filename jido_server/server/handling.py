"""How a method gets its handler."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable
from typing import Any, TypeVar, overload

import attrs
import orjson

from jido_server.protocol import codec
from jido_server.protocol.method import Notification, Request
from jido_server.session.sessions import Sessions

P = TypeVar("P")
R = TypeVar("R")

Encoded = orjson.Fragment
"""A result that is JSON already."""

Handler = Callable[[Sessions, P], "R | Encoded | Future[R] | Future[Encoded]"]


@attrs.frozen
class Handled:
    """A method and what the server does for it.

    Attributes:
        method: The method.
        handle: Takes the sessions and the params; gives the result, or a future of it where the
            work goes on behind the event loop. It never awaits, so what one connection sends
            takes effect in the order sent.
    """

    method: Request[Any, Any] | Notification[Any]
    handle: Handler[Any, Any]


HANDLED: dict[str, Handled] = {}
"""Every handler, by the name of its method."""


@overload
def handles(method: Request[P, R]) -> Callable[[Handler[P, R]], Handler[P, R]]: ...
@overload
def handles(method: Notification[P]) -> Callable[[Handler[P, None]], Handler[P, None]]: ...
def handles(
    method: Request[Any, Any] | Notification[Any],
) -> Callable[[Handler[Any, Any]], Handler[Any, Any]]:
    """Make a function the handler of a method."""

    def register(handle: Handler[Any, Any]) -> Handler[Any, Any]:
        HANDLED[method.name] = Handled(method, handle)
        return handle

    return register


def encoded(result: object) -> Encoded:
    """Return a result as JSON; for a handler that has to undo what can't be told."""
    return Encoded(orjson.dumps(codec.unstructure(result)))
