"""Methods that open, find and close sessions."""

from __future__ import annotations

from types import NoneType

import attrs

from jido_server.model import SessionInfo, Settings, StateSnapshot
from jido_server.protocol.constraints import NonNegative, SessionName
from jido_server.protocol.method import NoParams, Notification, Request, SessionParams
from jido_server.updates import Record


@attrs.frozen(kw_only=True)
class OpenParams:
    """Params of ``jido/session/open``.

    Attributes:
        project_path: An absolute path of an existing directory.
        name: 1 to 50 characters; the folder's name by default.
        message_limit: Give only the newest so many messages.
    """

    project_path: str
    name: SessionName | None = None
    message_limit: NonNegative | None = None


@attrs.frozen(kw_only=True)
class SessionStateParams:
    """Params of the methods that answer with a session's state.

    Attributes:
        session_id: The session.
        message_limit: Give only the newest so many messages.
    """

    session_id: str
    message_limit: NonNegative | None = None


@attrs.frozen(kw_only=True)
class SessionStateResult:
    """A session with all a client needs to show it.

    Attributes:
        session: The session.
        settings: The merged settings.
        state: What it holds now.
    """

    session: SessionInfo
    settings: Settings
    state: StateSnapshot


@attrs.frozen(kw_only=True)
class SessionResult:
    """A session."""

    session: SessionInfo


@attrs.frozen(kw_only=True)
class SessionListResult:
    """The open sessions, oldest first."""

    sessions: list[SessionInfo]


@attrs.frozen(kw_only=True)
class RenameParams:
    """Params of ``jido/session/rename``.

    Attributes:
        session_id: An open session.
        name: 1 to 50 characters.
    """

    session_id: str
    name: SessionName


OPEN = Request(
    "jido/session/open", OpenParams, SessionStateResult, "Open a session on a project's folder."
)
LIST = Request("jido/session/list", NoParams, SessionListResult, "The open sessions, oldest first.")
GET = Request("jido/session/get", SessionParams, SessionResult, "One open session.")
RENAME = Request("jido/session/rename", RenameParams, SessionResult, "Give a session a new name.")
RESTART = Request(
    "jido/session/restart",
    SessionStateParams,
    SessionStateResult,
    "A fresh Manager, and the State rebuilt from what was stored.",
)
CLOSE = Request(
    "jido/session/close", SessionParams, NoneType, "Close a session; what was said stays stored."
)
UPDATE = Notification("jido/session/update", Record, "One change of a session, in its place.")
