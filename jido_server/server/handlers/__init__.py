"""What the server does for each method: look up, call the domain, return."""

from __future__ import annotations

from jido_server.server.handlers import manager, session, settings, state, tools
from jido_server.server.handling import HANDLED

__all__ = ["HANDLED", "manager", "session", "settings", "state", "tools"]
