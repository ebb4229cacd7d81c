"""Whatever is asked of sessions at once, stored or not, each stays usable or is gone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jido_server.errors import JidoError
from jido_server.protocol.inputs import MessageInput
from jido_server.session.sessions import Sessions
from tests.session.full_disk import PATIENCE_SECONDS, FullDisk
from tests.support.surroundings import Told

NUMBERS = st.integers(0, 2)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["close", "resume", "delete", "restart", "chunk", "fill", "free", "look", "wait"]
        ),
        NUMBERS,
    ),
    max_size=25,
)


@given(steps=STEPS)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
def test_sessions_stay_usable_or_are_gone(project: Path, steps: list[tuple[str, int]]) -> None:
    asyncio.run(sessions_stay_usable_or_are_gone(project, steps))


async def sessions_stay_usable_or_are_gone(project: Path, steps: list[tuple[str, int]]) -> None:
    storage = FullDisk()
    sessions = Sessions(Told(storage).around)
    ids = [sessions.open(str(project)).id for _ in range(3)]
    well = sessions.open(str(project))
    async with asyncio.timeout(PATIENCE_SECONDS):
        asked: list[Any] = []
        for action, number in steps:
            try:
                asked.append(await step(sessions, storage, action, ids[number], asked))
            except JidoError as error:
                asked.append(error)
            well.state.append_message(MessageInput(role="user", content="well"))
        await settled(asked)
        storage.full.clear()
        saved = {one.id: one for one in (await sessions.archive().saved()).sessions}
        assert {session.id for session in sessions} == {
            one.id for one in saved.values() if one.is_open
        }
        assert well.state.snapshot().message_total == len(steps)
        for session_id in saved:
            assert (await sessions.resume(session_id)).info.id == session_id
            await sessions.delete(session_id)
        assert (await sessions.archive().saved()).sessions == []
    await sessions.close_all()
    await sessions.around.sandbox.close()


async def step(
    sessions: Sessions, storage: FullDisk, action: str, session_id: str, asked: list[Any]
) -> object:
    """Do one thing; what takes time is given as a future."""
    match action:
        case "close":
            return sessions.close(session_id)
        case "resume":
            return sessions.resume(session_id)
        case "delete":
            return sessions.delete(session_id)
        case "restart":
            return sessions.get(session_id).restart()
        case "chunk":
            session = sessions.get(session_id)
            if session.state.content.stream is None:
                session.state.start_streaming("m")
            session.state.update_streaming("chunk")
        case "look":
            sessions.get(session_id).look_at_settings(again=True)
        case "fill":
            storage.full.add(session_id)
        case "free":
            storage.full.discard(session_id)
        case _:
            await settled(asked)
    return None


async def settled(asked: list[Any]) -> None:
    """Wait for all futures; whatever failed is an error of the table."""
    futures = [one for one in asked if isinstance(one, asyncio.Future)]
    for outcome in await asyncio.gather(*futures, return_exceptions=True):
        assert not isinstance(outcome, Exception) or isinstance(outcome, JidoError), outcome
