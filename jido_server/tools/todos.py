"""``update_todos``: the session's list of things to do."""

from __future__ import annotations

import attrs

from jido_server.errors import InvalidParams, Problem
from jido_server.model import Todo
from jido_server.protocol.inputs import TodoInput
from jido_server.tools.place import Place


@attrs.frozen(kw_only=True)
class TodoList:
    """The whole list, as it is stored."""

    todos: list[Todo]


def update_todos(place: Place, *, todos: list[TodoInput]) -> TodoList:
    """Replace the session's list of things to do, which the user sees.

    Args:
        place: Where.
        todos: The whole list, in order.
    """
    if place.state is None:
        raise InvalidParams([Problem("params.sessionId", "missing; only a session has todos")])
    return TodoList(todos=place.state.update_todos(todos))
