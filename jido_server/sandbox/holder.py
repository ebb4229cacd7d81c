"""The holder of a Lua state: the only file that knows lupa.

Python is a pump of bytes here. Everything that looks at Lua's values is written in Lua
(``prelude.lua``, ``values.lua``), within the script's own heap and protected calls: lupa pushes
what comes from Python unprotected, and a push that doesn't fit into the heap aborts the process.
"""

from __future__ import annotations

import os

import lupa.lua54 as lua54  # noqa: PLR0402  (`from lupa` would search it, with re)

from jido_server.sandbox.frames import MEMORY

TYPE_CHECKING = False  # a second name for typing's, without the import of typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_HEADROOM = 1 << 20
"""Bytes of heap beyond the limit during a script, so that one can start when the state is full."""

_PUSH = 1 << 18
"""Bytes of heap that must be free, beyond twice its length, before a string is pushed."""

_ENDED = 71
"""The exit status of a script's process that can't reach its server."""


class Holder:
    """A Lua state, in which one script after another runs.

    Args:
        limits: ``heap_bytes``, ``output_bytes``, ``bridge_bytes``, ``result_bytes``, ``nodes`` and
            ``depth``.
    """

    def __init__(self, limits: dict[str, int]) -> None:
        self._heap = limits["heap_bytes"]
        self._most_output = limits["output_bytes"] + 1  # the one more tells that there was more
        self._ask: Callable[[bytes], bytes]
        self._write: Callable[[bytes], object]
        self._printable = 0
        self._lua = lua54.LuaRuntime(
            encoding=None,
            source_encoding="latin-1",
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_handlers=(_deny, _deny),
            max_memory=self._heap + _HEADROOM,
        )
        encoder, decode = self._lua.execute(_source("values.lua"))
        names = {name.encode(): value for name, value in limits.items()}
        self._run, self._reseed = self._lua.execute(
            _source("prelude.lua"),
            self._call,
            self._print,
            encoder,
            decode,
            self._lua.table_from(names),
        )

    def reseed(self) -> None:
        """Give this state a random sequence of its own; copies of a process share the one."""
        high, low = os.urandom(8), os.urandom(8)
        self._reseed(int.from_bytes(high, "little") >> 1, int.from_bytes(low, "little") >> 1)

    def run(
        self,
        script: bytes,
        ask: Callable[[bytes], bytes],
        write: Callable[[bytes], object],
    ) -> tuple[bytes, bytes]:
        """Run a script.

        Args:
            script: Lua source.
            ask: Gives the server's answer to a call; if it raises, the process ends.
            write: Has what the script prints; if it raises, the process ends.

        Returns:
            The kind of frame and the payload that say what came of it.
        """
        self._ask, self._write = ask, write
        self._printable = self._most_output
        self._lua.set_max_memory(self._heap + _HEADROOM + 2 * len(script))
        kind, payload = self._run(script)
        if self._used() > self._heap:
            self._lua.gccollect()
            if self._used() > self._heap:
                return MEMORY, b""
        return kind, payload

    def _used(self) -> int:
        used: int = self._lua.get_memory_used()
        return used

    def _call(self, call: bytes) -> bytes | None:
        """Ask the server; None if the answer doesn't fit. Never raises: it is called from Lua."""
        try:
            answer = self._ask(call)
            return answer if self._fits(answer) else None
        except BaseException:  # noqa: BLE001  (as an object it would lead Lua into Python)
            os._exit(_ENDED)

    def _fits(self, data: bytes) -> bool:
        need = 2 * len(data) + _PUSH
        if self._used() + need <= self._heap:
            return True
        self._lua.gccollect()
        return self._used() + need <= self._heap

    def _print(self, text: bytes) -> None:
        """Write what may still be printed. Never raises: it is called from Lua."""
        rest = text[: self._printable]
        self._printable -= len(rest)
        try:
            if rest:
                self._write(rest)
        except BaseException:  # noqa: BLE001  (as an object it would lead Lua into Python)
            os._exit(_ENDED)


def _deny(*_: Any) -> NoReturn:  # noqa: ANN401  (whatever it is, it is denied)
    """Refuse Lua every attribute of a Python object."""
    raise AttributeError


def _source(name: str) -> bytes:
    here = os.path.dirname(__file__)  # noqa: PTH120  (pathlib takes longer to import than Lua)
    with open(os.path.join(here, name), "rb") as file:  # noqa: PTH118, PTH123  (the same)
        return file.read()
