"""JSON-RPC messages as they come, told apart and checked, without any effect."""

from __future__ import annotations

import json
from typing import Any

import attrs
import orjson

from jido_server.errors import InvalidRequest, JidoError, ParseError

MessageId = int | str


@attrs.define  # one for every message, and frozen takes thrice as long
class Call:
    """A request, or a notification where ``id`` is None."""

    id: MessageId | None
    method: str
    params: Any


@attrs.frozen
class Response:
    """The client's answer to a request of the server's."""

    message: dict[str, Any]


@attrs.frozen
class Wrong:
    """What is no valid message, and whom to tell."""

    id: MessageId | None
    error: JidoError


def parse(body: bytes) -> Call | Response | Wrong:
    """Return what the body of a message says."""
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _unreadable(body, error)
    if type(message) is not dict:
        what = "batches are not supported" if type(message) is list else "it is not an object"
        return Wrong(None, InvalidRequest(what))
    id_ = _id(message)
    if reason := _objection(message, id_):
        return Wrong(id_, InvalidRequest(reason))
    if "method" in message:
        return Call(id_, message["method"], message.get("params"))
    return Response(message)


def answer(id_: MessageId | None, result: object) -> bytes:
    """Return the body of a successful answer."""
    return orjson.dumps({"jsonrpc": "2.0", "id": id_, "result": result})


def failure(id_: MessageId | None, error: JidoError) -> bytes:
    """Return the body of an answer that says what went wrong."""
    said = {"code": error.code, "message": str(error), "data": error.data}
    return orjson.dumps({"jsonrpc": "2.0", "id": id_, "error": said})


def notification(method: str, params: object) -> bytes:
    """Return the body of a notification."""
    return orjson.dumps({"jsonrpc": "2.0", "method": method, "params": params})


def _id(message: dict[str, Any]) -> MessageId | None:
    given = message.get("id")
    return given if type(given) in (int, str) else None


def _objection(message: dict[str, Any], id_: MessageId | None) -> str | None:
    if message.get("jsonrpc") != "2.0":
        return '"jsonrpc" is not "2.0"'
    if "method" not in message and ("result" in message or "error" in message):
        return None
    if type(message.get("method")) is not str:
        return '"method" is not a string'
    if "id" in message and id_ is None:
        return '"id" is neither a string nor an integer'
    return None


def _unreadable(body: bytes, error: orjson.JSONDecodeError) -> Wrong:
    """Say why a body can't be read, to the request it is of if that can be found out.

    A text with half of a surrogate pair is JSON by its grammar, and editors do send it; it is no
    Unicode, so it can't be taken, but whoever asked waits for an answer.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return Wrong(None, ParseError(str(error)))
    return Wrong(_id(message) if type(message) is dict else None, ParseError(str(error)))
