"""``run_lua``: a script in the sandbox."""

from __future__ import annotations

from asyncio import Future
from typing import Any

import attrs
import orjson

from jido_server.protocol.constraints import TimeoutMs
from jido_server.protocol.manager import RunLuaResult
from jido_server.tools.limits import MOST_BYTES, cut
from jido_server.tools.place import Place
from jido_server.tools.then import then


@attrs.frozen(kw_only=True)
class ScriptResult:
    """What a script gave.

    Attributes:
        values: What it returned.
        output: What it printed.
        duration_ms: How long it ran.
        truncated: Whether the output or the values are cut. Of the first value that is too large,
            the beginning of its JSON is given as a text; those behind it are left out.
    """

    values: list[Any]
    output: str
    duration_ms: float
    truncated: bool


def run_lua(
    place: Place, *, script: str, timeout_ms: TimeoutMs | None = None
) -> Future[ScriptResult]:
    """Run a script of Lua 5.4 in a sandbox, and return what it returns and prints.

    Globals last from one successful script to the next; a failed script changes nothing. The table
    `jido` has read_file(path), write_file(path, content), list_dir(path), glob(pattern),
    file_exists, is_file, is_dir, file_stat, mkdir_p, delete_file and project_root().

    Args:
        place: Where.
        script: The source; what it returns is the result.
        timeout_ms: How long it may run, in milliseconds; 30,000 by default, unless the settings
            say otherwise.
    """
    return then(place.manager.run_lua(script, timeout_ms=timeout_ms), _bounded)


def _bounded(ran: RunLuaResult) -> ScriptResult:
    output = ran.output.encode()
    shown = cut(output)
    values = _fitting(ran.values)
    return ScriptResult(
        values=values,
        output=shown.decode(errors="ignore"),
        duration_ms=ran.duration_ms,
        truncated=len(shown) < len(output) or values != ran.values,
    )


def _fitting(values: list[Any]) -> list[Any]:
    """Return the values that fit into an answer, and the beginning of the first that doesn't."""
    room = MOST_BYTES
    for index, value in enumerate(values):
        text = orjson.dumps(value, default=str)
        if len(text) > room:
            return [*values[:index], text[:room].decode(errors="ignore")]
        room -= len(text)
    return values
