"""One server on one connection: what is read goes to the intake, what happens is told."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import threading
from contextlib import suppress
from typing import Any

from jido_server.errors import InvalidRequest, JidoError
from jido_server.protocol import codec
from jido_server.protocol.session import UPDATE
from jido_server.sandbox.sandbox import Sandbox
from jido_server.server import handlers, messages
from jido_server.server.client_log import ClientLog
from jido_server.server.client_watch import ClientWatch
from jido_server.server.editor import Editor
from jido_server.server.framing import Framer, Malformed, frame, header
from jido_server.server.initialization import Initialization, initialize_result
from jido_server.server.lsp import Intake
from jido_server.server.messages import Call, Response
from jido_server.server.reader import start_reading
from jido_server.server.writer import Writer
from jido_server.session.sessions import Sessions
from jido_server.session.settings import sandbox_limits
from jido_server.session.settings_watch import SettingsWatch
from jido_server.session.surroundings import Surroundings
from jido_server.session.workers import Workers
from jido_server.storage.journal import Storage
from jido_server.tools.toolbox import Toolbox
from jido_server.updates import Record, SessionClosed, SessionOpened

log = logging.getLogger(__name__)

PUMP_SECONDS = 0.005
"""How long messages are taken in one go before the event loop gets its turn."""
LOOK_AGAIN_SECONDS = 0.01
GRACE_SECONDS = 0.5
"""How long requests that are in hand may take when the input has ended."""
CLOSE_SECONDS = 0.5
CLIENT_DIED = 1


class Server:
    """A server on a pair of descriptors.

    Args:
        read_fd: Where the client's messages come from.
        write_fd: Where the answers go; nothing else is ever written there.
        storage: Where the sessions' histories are kept.
    """

    def __init__(self, read_fd: int, write_fd: int, storage: Storage) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._workers = Workers()
        self._sandbox = Sandbox(sandbox_limits())
        self._storage = storage
        self._sessions = Sessions(
            Surroundings(
                storage=storage,
                observer=self._tell,
                workers=self._workers,
                sandbox=self._sandbox,
            )
        )
        self._settings_watch = SettingsWatch(self._sessions)
        self._framer = Framer()
        self._initialization: Initialization | None = None
        tools = handlers.tools.handled(
            Toolbox(), self._sessions.around, lambda: self._initialization
        )
        self._intake = Intake(handlers.HANDLED | tools, self._sessions, self)
        self._writer = Writer(
            write_fd, self._loop, on_drained=self._drained, on_broken=self._client_gone
        )
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._input_ended = False
        self._client_log = ClientLog(self._send_log)
        self._client: ClientWatch | None = None
        self._editor: Editor | None = None
        self._reader = start_reading(read_fd, self._loop, self._received)

    async def serve(self) -> int:
        """Serve until the end, and return the exit code of the process."""
        gc.freeze()  # what is here now lives as long as the server; no collection need look at it
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # on Windows a signal ends the process at once
                self._loop.add_signal_handler(number, self.exit, 128 + number)
        code = await self._ended
        await self._close()
        return code

    # The environment of the intake

    def send(self, body: bytes) -> None:
        """Queue the body of a message for the client; while too much waits, nothing is begun."""
        self._writer.write(header(body))
        self._writer.write(body)  # apart: a large one is not copied
        if self._writer.congested:
            self._workers.pause()

    def _send_log(self, body: bytes) -> None:
        if threading.get_ident() == self._thread:
            self.send(body)
        else:
            self._writer.write_from_thread(frame(body))

    def initialized(self, initialization: Initialization) -> dict[str, Any]:
        """Take what the client says of itself, and give the result of ``initialize``."""
        self._initialization = initialization
        self._sessions.limit = initialization.options.max_sessions
        self._editor = Editor(initialization, self._writer.write)
        if initialization.process_id is not None:
            self._client = ClientWatch(initialization.process_id, self._client_gone)
        logging.getLogger("jido_server").addHandler(self._client_log)
        return initialize_result()

    def lsp(self, call: Call) -> bool:
        """Hand a message of plain LSP on, if it is one that is understood."""
        return self._editor is not None and self._editor.take(call)

    def lsp_response(self, response: Response) -> None:
        """Drop an answer: the server has asked nothing."""
        log.debug("An answer to no question: %s", response.message)

    def exit(self, code: int) -> None:
        """End the server."""
        if not self._ended.done():
            self._ended.set_result(code)

    # What comes in

    def _received(self, data: bytes) -> None:
        if data:
            self._framer.feed(data)
        else:
            self._input_ended = True
        self._writer.gather()
        self._pump()
        self._writer.flush()

    def _pump(self) -> None:
        """Take messages until there are none, the client must read first, or time is up."""
        until = self._loop.time() + PUMP_SECONDS
        while not self._ended.done():
            if self._writer.congested:
                self._wait_for_client()
                return
            if self._intake.is_full or self._loop.time() > until:
                self._reader.pause()
                self._loop.call_later(LOOK_AGAIN_SECONDS * self._intake.is_full, self._pump)
                return
            if not self._take_next():
                return

    def _take_next(self) -> bool:
        match self._framer.next():
            case bytes(body):
                self._intake.take(body)
                return True
            case Malformed(reason, fatal):
                self._intake.refuse(None, InvalidRequest(reason))
                if fatal:
                    self.exit(CLIENT_DIED)
                return True
            case None:
                self._reader.resume()
                if self._input_ended:
                    self._end_of_input()
                return False

    def _wait_for_client(self) -> None:
        """Take nothing until the client has read what waits for it."""
        self._reader.pause()
        if self._input_ended:
            self.exit(0)

    def _drained(self) -> None:
        self._workers.resume()
        self._pump()

    def _end_of_input(self) -> None:
        """End when what is in hand is answered, or soon."""
        if in_hand := self._intake.in_hand:
            waiting = asyncio.gather(*in_hand, return_exceptions=True)
            waiting.add_done_callback(lambda _: self.exit(0))
            self._loop.call_later(GRACE_SECONDS, self.exit, 0)
        else:
            self.exit(0)

    def _client_gone(self) -> None:
        self.exit(CLIENT_DIED)

    # What goes out

    def _tell(self, record: Record) -> None:
        self.send(messages.notification(UPDATE.name, codec.unstructure(record)))
        match record.update:
            case SessionOpened() | SessionClosed():
                self._loop.call_soon(self._settings_watch.refresh)

    async def _close(self) -> None:
        for future in self._intake.in_hand:
            future.cancel()
        self._workers.close()
        await self._settings_watch.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._sessions.close_all()
                await self._sandbox.close()
                await asyncio.to_thread(self._storage.close)
        except (TimeoutError, JidoError) as error:
            log.warning("The sessions were not closed in time: %r", error)
        if self._editor is not None:
            self._editor.close()
        if self._client is not None:
            self._client.close()
        logging.getLogger("jido_server").removeHandler(self._client_log)
        self._writer.close()
