"""Every method as data."""

from __future__ import annotations

from typing import Any

from jido_server.protocol import global_manager, manager, session, settings, state, tools
from jido_server.protocol.method import Notification, Request

REQUESTS: dict[str, Request[Any, Any]] = {
    value.name: value
    for module in (session, manager, state, settings, tools, global_manager)
    for value in vars(module).values()
    if isinstance(value, Request)
}
"""What a client can ask, by method."""

NOTIFICATIONS: dict[str, Notification[Any]] = {
    state.UPDATE_STREAMING.name: state.UPDATE_STREAMING,
}
"""What a client can tell, by method."""

TOLD: dict[str, Notification[Any]] = {
    session.UPDATE.name: session.UPDATE,
}
"""What the server tells, by method."""

PROTOCOL_VERSION = 1
