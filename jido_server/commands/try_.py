"""``jido-server try``: start a real server, use it on a folder, and show it work."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from jido_server.commands.client import Client, Refused

STREAMED = "Every session keeps what was said in it, and can be replayed by number. "
SHOWN_ENTRIES = 8
SHOWN_CHARACTERS = 60
PATIENCE_SECONDS = 60
ENDLESS_MS = 200


class NotAsItShouldBeError(Exception):
    """Something that the server promises did not happen."""


def try_server(path: str) -> int:
    """Use a server on the folder ``path`` and return the exit code: 0 if all went as promised."""
    console = Console()
    try:
        with tempfile.TemporaryDirectory() as state:
            trial = Trial(console, state).run(Path(path).absolute())
            asyncio.run(asyncio.wait_for(trial, PATIENCE_SECONDS))
    except (NotAsItShouldBeError, Refused, ConnectionError, TimeoutError) as error:
        console.print(
            f"[bold red]✗[/] {str(error) or 'The server took too long.'}", highlight=False
        )
        return 1
    return 0


class Trial:
    """One tour through a server.

    Args:
        console: Where it is shown.
        state: A folder for what the server keeps, so that nothing is left with the user's own.
    """

    def __init__(self, console: Console, state: str) -> None:
        self._console = console
        self._state = state

    async def run(self, path: Path) -> None:
        """Start a server, show what it does, and end it.

        Raises:
            NotAsItShouldBeError: The server breaks a promise.
            Refused: It refuses what it should do.
        """
        started = time.perf_counter()
        client = await Client.start(
            "--log-level", "error", environment=os.environ | {"JIDO_STATE_DIR": self._state}
        )
        try:
            self._say("The server started", _milliseconds(started))
            await self._use(client, str(path))
            code = await client.stop()
            _expect(code == 0, f"the server ended with the exit code {code}")
        finally:
            if client.process.returncode is None:
                client.process.kill()
                await client.process.wait()
        took = _milliseconds(started)
        self._say("The server ended", f"{len(client.updates)} updates in {took} altogether")

    async def _use(self, client: Client, path: str) -> None:
        opened = await client.request("jido/session/open", {"projectPath": path})
        session = {"sessionId": opened["session"]["id"]}
        self._say("A session is open on", opened["session"]["projectPath"])
        self._say("Settings that hold", str(opened["settings"] or "none"))
        await self._list_and_read(client, session)
        await self._refuse_an_escape(client, session)
        await self._stream(client, session)
        await self._run_lua(client, session)
        await client.request("jido/session/close", session)
        numbers = [update["seq"] for update in client.updates]
        _expect(numbers == list(range(1, len(numbers) + 1)), f"the updates have gaps: {numbers}")

    async def _list_and_read(self, client: Client, session: dict[str, str]) -> None:
        listing = await client.request("jido/manager/listDir", session)
        entries = listing["entries"]
        table = Table(box=None, show_header=False, padding=(0, 2))
        for entry in entries[:SHOWN_ENTRIES]:
            table.add_row("", entry["type"], entry["name"])
        self._say("In the folder", f"{len(entries)} entries")
        self._console.print(table)
        files = [entry["name"] for entry in entries if entry["type"] == "file"]
        if not files:
            self._say("No file to read", "in the folder itself")
            return
        name = "README.md" if "README.md" in files else files[0]
        try:
            read = await client.request(
                "jido/manager/readFile", session | {"path": name, "limit": 1}
            )
            self._say(f"The first line of {name}", read["content"].strip()[:SHOWN_CHARACTERS])
        except Refused as refused:  # a large or binary file is a fact of the folder, not a fault
            self._say(f"{name} is not read", str(refused))

    async def _refuse_an_escape(self, client: Client, session: dict[str, str]) -> None:
        outside = session | {"path": "../" * 40 + "etc/passwd"}
        kind, sentence = await _refusal(client.ask("jido/manager/readFile", outside))
        _expect(kind == "pathEscapesBoundary", f"a path that leads outside gave {kind}")
        self._say("A way out of the project is refused", sentence[-SHOWN_CHARACTERS:])

    async def _stream(self, client: Client, session: dict[str, str]) -> None:
        begin = time.perf_counter()
        await client.request("jido/state/startStreaming", session | {"messageId": "tried"})
        words = STREAMED.split(" ")
        for word in words:
            client.notify("jido/state/updateStreaming", session | {"chunk": word + " "})
        ended = await client.request("jido/state/endStreaming", session)
        told = "".join(
            update["update"]["chunk"]
            for update in client.updates
            if update["update"]["kind"] == "streamChunk"
        )
        said = " ".join(words) + " "
        _expect(ended["message"]["content"] == said == told, "a streamed message was changed")
        self._say(f"{len(words)} chunks were streamed", _milliseconds(begin))

    async def _run_lua(self, client: Client, session: dict[str, str]) -> None:
        async def run(script: str, **more: int) -> Any:  # noqa: ANN401 - any JSON value
            params = session | {"script": script, **more}
            return (await client.request("jido/manager/runLua", params))["values"]

        begin = time.perf_counter()
        counted = await run("count = 41 return count + 1")
        _expect(counted == [42], f"a script gave {counted}")
        self._say("A script ran, and gave 42", _milliseconds(begin))
        begin = time.perf_counter()
        kind, sentence = await _refusal(run("count = 0 error('this never happened')"))
        kept = await run("return count")
        _expect((kind, kept) == ("luaError", [41]), f"a failed script left {kept} behind")
        self._say("A failing script was rolled back", f"{sentence} ({_milliseconds(begin)})")
        begin = time.perf_counter()
        kind, sentence = await _refusal(run("while true do end", timeoutMs=ENDLESS_MS))
        _expect(kind == "luaTimeout", f"an endless script gave {kind}")
        self._say("An endless script was killed", f"{sentence} ({_milliseconds(begin)})")

    def _say(self, what: str, more: str) -> None:
        self._console.print(f"[bold green]✓[/] {what}:", end=" ", highlight=False)
        self._console.print(more, style="dim", markup=False, highlight=False)


async def _refusal(answer: Awaitable[Any]) -> tuple[str, str]:
    """Return kind and sentence of the error that ``answer`` is."""
    try:
        await answer
    except Refused as refused:
        return refused.kind, str(refused)
    return "no error", ""


def _expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - like assert
    if not holds:
        raise NotAsItShouldBeError(f"Not as it should be: {otherwise}.")


def _milliseconds(since: float) -> str:
    return f"{(time.perf_counter() - since) * 1000:.0f} ms"
