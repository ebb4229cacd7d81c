"""Where the scripts of one session run: what its two forms have in common.

``forked`` keeps the state through everything; ``plain`` is for systems without fork.
"""

from __future__ import annotations

from typing import Protocol

from jido_server.sandbox.output import Output


class ScriptRun(Protocol):
    """One script at work: frames to and from it, and its end."""

    async def start(self, source: bytes, timeout_ms: int) -> None:
        """Let the script begin.

        Raises:
            ChannelBroken: Nobody is left to run it.
        """

    async def send(self, kind: bytes, *pieces: bytes) -> None:
        """Send one frame, whose payload is the pieces.

        Raises:
            ChannelBroken: Nobody is left to read it.
        """

    async def receive(self, most_bytes: int) -> tuple[bytes, bytearray]:
        """Wait for a frame; return its kind and its payload.

        Raises:
            ChannelBroken: There will be none, or it is longer than ``most_bytes``.
        """

    async def commit(self) -> None:
        """Accept the script's result: what it changed is the state from now on.

        Raises:
            ChannelBroken: The process has ended instead; the state is as before.
        """

    async def release(self) -> None:
        """Be done with a script that has ended by itself, without a commit."""

    async def stop(self) -> bool:
        """End the script, whatever it does; return whether the state was lost with it."""


class ScriptProcess(Protocol):
    """The process of one session, which runs one script at a time."""

    async def begin(self, output: Output) -> ScriptRun:
        """Make ready for a script, which prints to ``output``.

        Raises:
            LuaCrashed: The process has ended since the last script, and the state with it.
            SandboxUnavailable: There is no process to be had.
        """

    async def close(self) -> None:
        """End the process."""
