"""Notices that the client's process has died."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


class ClientWatch:
    """Watches one process.

    A process that can't be seen from here, as from within a container, is not watched: that its
    pipe ends tells as much.

    Args:
        pid: The process.
        on_death: Called when it has ended.
    """

    def __init__(self, pid: int, on_death: Callable[[], None]) -> None:
        self._pid = pid
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._pidfd: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._start()

    def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

    def _start(self) -> None:
        if sys.platform == "win32":  # pragma: no cover - signal 0 is no question there, but Ctrl-C
            return
        if not _is_alive(self._pid):
            log.info("The client's process %s can't be seen from here", self._pid)
            return
        try:
            self._pidfd = os.pidfd_open(self._pid)
        except (OSError, AttributeError):  # no such call on this system
            self._look()
            return
        self._loop.add_reader(self._pidfd, self._died)

    def _look(self) -> None:
        if _is_alive(self._pid):
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)
        else:
            self._on_death()

    def _died(self) -> None:
        self.close()
        self._on_death()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0
