"""What tests add to the children: imported there before anything of the sandbox's own runs.

A child has no site packages, opens no files once it is locked down, and may be killed at any
moment. So coverage is measured by a trace function that writes every new arc at once, to a pipe
that was opened before.
"""

from __future__ import annotations

import opcode
import os
import sys
import threading
from types import FrameType
from typing import Any

_RETURN_VALUE = opcode.opmap["RETURN_VALUE"]
_KEPT_OPEN = 200  # above all that a session's process closes


def report_arcs(fifo: str, folder: str) -> None:
    """Write each arc of a file below ``folder``, once, as a line: the file, from, to."""
    descriptor = os.open(fifo, os.O_WRONLY)
    os.dup2(descriptor, _KEPT_OPEN)
    os.close(descriptor)
    seen: set[tuple[str, int, int]] = set()

    def arc(file: str, start: int, end: int) -> None:
        if (file, start, end) not in seen:
            seen.add((file, start, end))
            os.write(_KEPT_OPEN, f"{file}\t{start}\t{end}\n".encode())

    def enter(frame: FrameType, _: str, __: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(folder):
            return None
        first = code.co_firstlineno
        last = -first

        def step(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                arc(code.co_filename, last, frame.f_lineno)
                last = frame.f_lineno
            elif event == "return" and code.co_code[frame.f_lasti] == _RETURN_VALUE:
                arc(code.co_filename, last, -first)
            return step

        return step

    sys.settrace(enter)
    threading.settrace(enter)


def run_native_scripts() -> None:
    """Let a script that begins with ``#python`` run as Python code in its locked down process.

    It finds the modules below imported, its socket as ``channel``, ``ask`` for a call of the
    bridge and ``printed`` for output, and leaves its last frame as ``frame``.
    """
    import ctypes  # noqa: PLC0415
    import errno  # noqa: PLC0415
    import mmap  # noqa: PLC0415
    import resource  # noqa: PLC0415
    import signal  # noqa: PLC0415
    import socket  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import time  # noqa: PLC0415

    from jido_server.sandbox import checkpoint, frames, lockdown, probe  # noqa: PLC0415
    from jido_server.sandbox.holder import Holder  # noqa: PLC0415

    run_lua = Holder.run
    standard = (ctypes, errno, mmap, os, resource, signal, socket, struct, time)
    ours = (checkpoint, frames, lockdown, probe)
    names = {module.__name__.rpartition(".")[2]: module for module in (*standard, *ours)}

    def run(self: Holder, script: bytes, ask: Any, write: Any) -> tuple[bytes, bytes]:
        if not script.startswith(b"#python"):
            return run_lua(self, script, ask, write)
        channel = ask.__closure__[0].cell_contents
        scope: dict[str, Any] = {**names, "channel": channel, "ask": ask, "printed": write}
        exec(script, scope)  # noqa: S102
        frame: tuple[bytes, bytes] = scope["frame"]
        return frame

    Holder.run = run  # type: ignore[method-assign]
