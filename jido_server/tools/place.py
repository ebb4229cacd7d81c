"""Where a tool works."""

from __future__ import annotations

import attrs

from jido_server.session.manager import Manager
from jido_server.session.state import State
from jido_server.tools.ripgrep import Ripgrep
from jido_server.tools.seen import SeenFiles


@attrs.frozen(kw_only=True)
class Place:
    """Where a tool works.

    Attributes:
        manager: The project's files, and Lua.
        seen: What was seen of these files.
        ripgrep: Searches them.
        state: The session's, or None where there is no session.
    """

    manager: Manager
    seen: SeenFiles
    ripgrep: Ripgrep
    state: State | None = None
