"""Methods that open, find and close sessions."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Literal

import attrs

from jido_server.model import SavedSession, SessionInfo, Settings, StateSnapshot
from jido_server.protocol.constraints import NonNegative, Range, SessionName
from jido_server.protocol.method import NoParams, Notification, Request, SessionParams
from jido_server.updates import Record, Update


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


@attrs.frozen(kw_only=True)
class SavedParams:
    """Params of ``jido/session/saved``.

    Attributes:
        project_path: Only the sessions of this project.
    """

    project_path: str | None = None


@attrs.frozen(kw_only=True)
class SavedResult:
    """What is stored, newest first, open sessions too."""

    sessions: list[SavedSession]


@attrs.frozen(kw_only=True)
class UpdatesParams:
    """Params of ``jido/session/updates``.

    Attributes:
        session_id: A session that is stored, open or not.
        after_seq: Only updates with a higher number.
        limit: How many to give at most.
    """

    session_id: str
    after_seq: NonNegative
    limit: Annotated[int, Range(1, 10_000)] = 1000


@attrs.frozen(kw_only=True)
class StoredUpdate:
    """One update as it is stored."""

    seq: int
    timestamp: str
    update: Update


@attrs.frozen(kw_only=True)
class UpdatesResult:
    """A part of a session's history.

    Attributes:
        updates: In order, without a gap.
        last_seq: The number of the session's last update.
        has_more: Whether there are more behind the last one given.
    """

    updates: list[StoredUpdate]
    last_seq: int
    has_more: bool


@attrs.frozen(kw_only=True)
class ExportParams:
    """Params of ``jido/session/export``.

    Attributes:
        session_id: A session that is stored, open or not.
        format: Markdown for people, or the log as JSON.
    """

    session_id: str
    format: Literal["markdown", "json"]


@attrs.frozen(kw_only=True)
class ExportResult:
    """A session as a text."""

    content: str


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
SAVED = Request("jido/session/saved", SavedParams, SavedResult, "What is stored, newest first.")
RESUME = Request(
    "jido/session/resume", SessionStateParams, SessionStateResult, "Open a stored session again."
)
DELETE = Request(
    "jido/session/delete", SessionParams, NoneType, "Close a session and remove what is stored."
)
UPDATES = Request(
    "jido/session/updates", UpdatesParams, UpdatesResult, "A part of a session's history."
)
EXPORT = Request("jido/session/export", ExportParams, ExportResult, "A session as a text.")
UPDATE = Notification("jido/session/update", Record, "One change of a session, in its place.")
