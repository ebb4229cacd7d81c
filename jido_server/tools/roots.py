"""Managers of projects on which no session is open."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path

from jido_server.project.boundary import Boundary
from jido_server.session.file_order import FileOrder
from jido_server.session.manager import Manager
from jido_server.session.surroundings import Surroundings

MOST = 16

Identity = tuple[str, int, int]
"""The path of a root, and which directory that is: another may come to be there."""


class Roots:
    """Keeps the managers of the roots that were asked for last.

    Args:
        around: What all sessions share.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._order = FileOrder(around.workers)
        self._managers: OrderedDict[Identity, Manager] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def at(self, project_root: str) -> Manager:
        """Return the manager of a root.

        Raises:
            InvalidProjectPath: There is no such folder.
        """
        boundary = Boundary.open(project_root)
        status = Path(boundary.root).stat()
        identity = (boundary.root, status.st_dev, status.st_ino)
        if identity in self._managers:
            boundary.close()
        else:
            self._managers[identity] = self.manager(boundary)
        self._managers.move_to_end(identity)
        if len(self._managers) > MOST:
            self._forget(self._managers.popitem(last=False)[1])
        return self._managers[identity]

    def manager(self, boundary: Boundary) -> Manager:
        """Return a new manager, whose files are in one order with those of all others here."""
        return Manager(boundary, self._order, self._around.sandbox)

    def _forget(self, manager: Manager) -> None:
        """End the scripts of a manager; its root is closed with the last use of it."""
        closing = asyncio.ensure_future(manager.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
