"""The scripts of the soak: good ones, failing ones, and bombs."""

from __future__ import annotations

import attrs

PATIENT_MS = 20_000
SHORT_MS = 150


@attrs.frozen
class Script:
    """A script.

    Attributes:
        source: What it says.
        may_fail: The kind of error that is expected of it; none if it succeeds.
    """

    source: str
    may_fail: frozenset[str] = frozenset()

    @property
    def timeout_ms(self) -> int:
        """After how long it is ended."""
        return SHORT_MS if "luaTimeout" in self.may_fail else PATIENT_MS


def _failing(kind: str, source: str) -> Script:
    return Script(source, frozenset({kind}))


SCRIPTS = (
    Script("n = (n or 0) + 1 return n"),
    Script("return #jido.read_file('fixed.txt'), jido.glob('**/*.txt')"),
    Script("local s = 0 for i = 1, 200000 do s = s + i end return s"),
    _failing("luaError", "lost = true error('a script that fails')"),
    Script("for i = 1, 100 do print('line', i) end"),
    Script("jido.write_file('lua.txt', 'from lua') return jido.list_dir('.')"),
    _failing("luaTimeout", "while true do end"),
    Script("return jido.read_file('../outside.txt')"),
    _failing("luaError", "return nil +"),
    _failing("luaMemoryExceeded", "local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20) end"),
    Script("if lost then error('a failed script left something behind') end return n"),
    _failing("luaResultUnsupported", "return print"),
)
