"""The deprecated global manager: one for the whole server, on the workspace's folder.

Before there were sessions, all tools worked in one place. What still does so is served, and warned
of once per method. To move on:

1. Open a session on the project (``jido/session/open``) and keep its id.
2. Give ``sessionId`` to ``jido/tools/call``: the call then works in that session and is recorded
   in its state. ``projectRoot`` does for a call that belongs to no session.
3. In place of ``jido/tools/projectRoot``, ``validatePath``, ``readFile``, ``writeFile``,
   ``listDir`` and ``runLua`` ask the methods of ``jido/manager/`` that have the same names, with
   ``sessionId``; their other params and their results are the same.

A client that can't move yet sets the initialization option ``suppressDeprecationWarnings``.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import attrs

from jido_server.errors import InvalidProjectPath
from jido_server.project.boundary import Boundary
from jido_server.session.manager import Manager

log = logging.getLogger(__name__)


@attrs.frozen
class Workspace:
    """What the client said of itself when it began.

    Attributes:
        root: The folder it works in, if it named one.
        is_silent: Whether it wants to hear nothing of what is deprecated.
    """

    root: str | None
    is_silent: bool


class GlobalManager:
    """Gives the manager of the workspace's folder, and warns.

    Args:
        new_manager: Makes a manager.
        workspace: Says what the client said.
    """

    def __init__(
        self, new_manager: Callable[[Boundary], Manager], workspace: Callable[[], Workspace]
    ) -> None:
        self._new_manager = new_manager
        self._workspace = workspace
        self._manager: Manager | None = None
        self._warned: set[str] = set()

    def get(self, method: str) -> Manager:
        """Return the manager.

        Args:
            method: Which asks for it, and is warned of.

        Raises:
            InvalidProjectPath: Neither the workspace's folder nor the working directory is there.
        """
        if not self._workspace().is_silent:
            self._warn(method)
        if self._manager is None:
            self._manager = self._new_manager(self._boundary())
        return self._manager

    def _boundary(self) -> Boundary:
        root = self._workspace().root
        if root is not None:
            try:
                return Boundary.open(root)
            except InvalidProjectPath as error:
                log.warning("The global manager is on the working directory: %s", error)
        return Boundary.open(str(Path.cwd()))

    def _warn(self, method: str) -> None:
        if method in self._warned:
            return
        self._warned.add(method)
        said = f"{method} without sessionId is deprecated: open a session and give its id"
        log.warning("%s", said)
        warnings.warn(said, DeprecationWarning, stacklevel=3)
