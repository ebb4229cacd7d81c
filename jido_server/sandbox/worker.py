"""The process of a session where there is no fork: it keeps the Lua state and can only be killed.

Nothing here is special to a system; it was run on Linux, not on Windows.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from jido_server.sandbox.frames import CALL, PRINTED, READY, RUN_HEAD, read_frame, write_frame
from jido_server.sandbox.holder import Holder

TYPE_CHECKING = False  # a second name for typing's, without the import of typing
if TYPE_CHECKING:
    from typing import NoReturn

_IN, _OUT, _COMPLAINTS = 0, 1, 2


def main(_: int, limits: dict[str, int]) -> NoReturn:
    """Run the scripts that come on the standard input, until it ends."""
    holder = Holder(limits)
    holder.reseed()
    os.close(_COMPLAINTS)
    inbox: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(inbox,), daemon=True).start()

    def ask(call: bytes) -> bytes:
        write_frame(_OUT, CALL, call)
        return inbox.get()

    def write(text: bytes) -> None:
        write_frame(_OUT, PRINTED, text)

    write_frame(_OUT, READY, b"")
    while True:
        kind, payload = holder.run(inbox.get()[RUN_HEAD.size :], ask, write)
        write_frame(_OUT, kind, payload)


def _listen(inbox: SimpleQueue[bytes]) -> NoReturn:
    """Take what the server sends; when it is gone, end the process, whatever a script does."""
    try:
        while True:
            _, payload = read_frame(_IN)
            inbox.put(payload)
    finally:
        os._exit(0)
