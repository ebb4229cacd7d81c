"""``jido/session/*``."""

from __future__ import annotations

from asyncio import Future

from jido_server.protocol import session as p
from jido_server.protocol.method import NoParams, SessionParams
from jido_server.server.handling import handles
from jido_server.session.sessions import Sessions


@handles(p.OPEN)
def open_(sessions: Sessions, params: p.OpenParams) -> p.SessionStateResult:
    """Open a session."""
    session = sessions.open(params.project_path, params.name)
    return session.describe(params.message_limit)


@handles(p.LIST)
def list_(sessions: Sessions, _: NoParams) -> p.SessionListResult:
    """List the open sessions."""
    return p.SessionListResult(sessions=[session.info for session in sessions])


@handles(p.GET)
def get(sessions: Sessions, params: SessionParams) -> p.SessionResult:
    """Describe one session."""
    return p.SessionResult(session=sessions.get(params.session_id).info)


@handles(p.RENAME)
def rename(sessions: Sessions, params: p.RenameParams) -> p.SessionResult:
    """Give a session another name."""
    session = sessions.get(params.session_id)
    session.state.rename(params.name)
    return p.SessionResult(session=session.info)


@handles(p.RESTART)
def restart(sessions: Sessions, params: p.SessionStateParams) -> p.SessionStateResult:
    """Restart a session."""
    session = sessions.get(params.session_id)
    session.restart()
    return session.describe(params.message_limit)


@handles(p.CLOSE)
def close(sessions: Sessions, params: SessionParams) -> Future[None]:
    """Close a session."""
    return sessions.close(params.session_id)
