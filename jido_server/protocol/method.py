"""What a method is: its name, its params and its result, as data."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

P = TypeVar("P")
R = TypeVar("R")


@attrs.frozen
class Request(Generic[P, R]):
    """A message that gets exactly one answer.

    Attributes:
        name: The method on the wire.
        params: The class of its params.
        result: The class of its result; ``NoneType`` where the answer is null.
        doc: One line of documentation.
    """

    name: str
    params: type[P]
    result: type[R]
    doc: str


@attrs.frozen
class Notification(Generic[P]):
    """A message without an answer.

    Attributes:
        name: The method on the wire.
        params: The class of its params.
        doc: One line of documentation.
    """

    name: str
    params: type[P]
    doc: str


@attrs.frozen(kw_only=True)
class NoParams:
    """Params of a method that takes none."""


@attrs.frozen(kw_only=True)
class SessionParams:
    """Params of a method that needs nothing but a session.

    Attributes:
        session_id: An open session.
    """

    session_id: str
