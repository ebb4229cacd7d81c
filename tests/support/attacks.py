"""The attack scripts of ``tests/sandbox/attacks``: what each does, and what must come of it.

The first line of a script is ``-- expect:`` and one outcome, or several with ``or`` between them:

    values [1, null]            the script's return values, as JSON
    luaError some pattern       an error of this kind; its message fits the regular expression
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs

_FOLDER = Path(__file__).parent.parent / "sandbox" / "attacks"
_MARK = "-- expect: "
_ENDLESS_MS = 250
_PATIENT_MS = 20_000

SETUP = """
counter = 0
local hidden = 41
function bump() hidden = hidden + 1; return hidden end
thread = coroutine.wrap(function() local n = 0; while true do n = n + 1; coroutine.yield(n) end end)
thread()
meta = setmetatable({}, { __index = function(_, key) return key .. "!" end })
getmetatable("").__mul = function(text, times) return text:rep(times) end
function string.shout(text) return text:upper() end
math.randomseed(7)
math.random()
"""
"""Brings a session into a state with globals, upvalues, coroutines, metatables and a sequence."""

FINGERPRINT = """
local meta_of_meta = getmetatable(meta)
error(table.concat({
  counter, bump(), thread(), thread(), meta.x, tostring(meta_of_meta.__tag), ("ab") * 2,
  ("x"):shout(), math.random(1 << 40), select("#", next, _G), tostring(neighbours_secret),
}, " "), 0)
"""
"""Fails with a message that tells all of that state, and so leaves it as it was."""


@attrs.frozen
class Attack:
    """One script.

    Attributes:
        name: The file's, without its suffix.
        script: Lua source.
        expectation: What the first line says.
        timeout_ms: The time limit to run it with.
    """

    name: str
    script: str
    expectation: str

    @property
    def timeout_ms(self) -> int:
        return _ENDLESS_MS if self.expectation == "luaTimeout" else _PATIENT_MS

    def problem(self, answer: dict[str, Any]) -> str | None:
        """Say what is wrong with an answer.

        Args:
            answer: The result of ``runLua``, or the ``data`` of its error.

        Returns:
            None if it is as expected.
        """
        if any(_fits(outcome, answer) for outcome in self.expectation.split(" or ")):
            return None
        return f"expected {self.expectation}, got {answer!r:.500}"


def attacks() -> list[Attack]:
    """Return all of them, by name."""
    return [_read(path) for path in sorted(_FOLDER.glob("*.lua"))]


def _read(path: Path) -> Attack:
    script = path.read_text()
    first = script.partition("\n")[0]
    assert first.startswith(_MARK), f"{path.name} says nothing of its outcome"
    return Attack(path.stem, script, first.removeprefix(_MARK))


def _fits(outcome: str, answer: dict[str, Any]) -> bool:
    kind, _, detail = outcome.partition(" ")
    if kind == "values":
        return "values" in answer and bool(answer["values"] == json.loads(detail))
    said = answer.get("luaMessage") or answer.get("reason") or ""
    return answer.get("kind") == kind and re.search(detail, said, re.DOTALL) is not None
