"""``jido/session/*``."""

from __future__ import annotations

import asyncio
from asyncio import Future

from jido_server.protocol import session as p
from jido_server.protocol.method import NoParams, SessionParams
from jido_server.server.handling import Encoded, encoded, handles
from jido_server.session.sessions import Sessions


@handles(p.OPEN)
def open_(sessions: Sessions, params: p.OpenParams) -> Encoded:
    """Open a session; one that can't be told is not left open."""
    session = sessions.open(params.project_path, params.name)
    try:
        return encoded(session.describe(params.message_limit))
    except BaseException:
        sessions.delete(session.id)
        raise


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
def resume(sessions: Sessions, params: p.SessionStateParams) -> Future[Encoded]:
    """Open a stored session again; one that can't be told is not left open."""
    is_first = not sessions.is_open_soon(params.session_id)
    resuming = sessions.resume(params.session_id)

    async def resumed() -> Encoded:
        session = await resuming
        described = session.describe(params.message_limit)
        return await sessions.around.workers.run(lambda: encoded(described))

    def undo(answer: Future[Encoded]) -> None:
        if is_first and (answer.cancelled() or answer.exception()):
            sessions.undo_resume(params.session_id)

    answer = asyncio.ensure_future(resumed())
    answer.add_done_callback(undo)
    return answer


@handles(p.DELETE)
def delete(sessions: Sessions, params: SessionParams) -> Future[None]:
    """Close a session and remove what is stored of it."""
    return sessions.delete(params.session_id)


@handles(p.UPDATES)
def updates(sessions: Sessions, params: p.UpdatesParams) -> Future[p.UpdatesResult]:
    """Give a part of a session's history."""
    page = sessions.archive().updates(params.session_id, params.after_seq, params.limit)
    return asyncio.ensure_future(page)


@handles(p.EXPORT)
def export(sessions: Sessions, params: p.ExportParams) -> Future[p.ExportResult]:
    """Give a session as a text."""
    return asyncio.ensure_future(sessions.archive().export(params.session_id, params.format))
