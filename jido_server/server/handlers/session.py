"""``jido/session/*``."""

from __future__ import annotations

import asyncio
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
def restart(sessions: Sessions, params: p.SessionStateParams) -> Future[p.SessionStateResult]:
    """Restart a session."""
    session = sessions.get(params.session_id)
    restarting = session.restart()

    async def restarted() -> p.SessionStateResult:
        await restarting
        return session.describe(params.message_limit)

    return session.own(restarted())


@handles(p.CLOSE)
def close(sessions: Sessions, params: SessionParams) -> Future[None]:
    """Close a session."""
    return sessions.close(params.session_id)


@handles(p.SAVED)
def saved(sessions: Sessions, params: p.SavedParams) -> Future[p.SavedResult]:
    """List what is stored."""
    return asyncio.ensure_future(sessions.archive().saved(params.project_path))


@handles(p.RESUME)
def resume(sessions: Sessions, params: p.SessionStateParams) -> Future[p.SessionStateResult]:
    """Open a stored session again."""
    resuming = sessions.resume(params.session_id)

    async def resumed() -> p.SessionStateResult:
        session = await resuming
        return session.describe(params.message_limit)

    return asyncio.ensure_future(resumed())


@handles(p.DELETE)
def delete(sessions: Sessions, params: SessionParams) -> Future[None]:
    """Close a session and remove what is stored of it."""
    return asyncio.ensure_future(sessions.delete(params.session_id))


@handles(p.UPDATES)
def updates(sessions: Sessions, params: p.UpdatesParams) -> Future[p.UpdatesResult]:
    """Give a part of a session's history."""
    page = sessions.archive().updates(params.session_id, params.after_seq, params.limit)
    return asyncio.ensure_future(page)


@handles(p.EXPORT)
def export(sessions: Sessions, params: p.ExportParams) -> Future[p.ExportResult]:
    """Give a session as a text."""
    return asyncio.ensure_future(sessions.archive().export(params.session_id, params.format))
