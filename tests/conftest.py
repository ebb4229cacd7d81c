"""What tests of several rooms need: sessions in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from jido_server.session.sessions import Sessions
from tests.support.surroundings import Told


@pytest.fixture
def told() -> Told:
    """What was told, and the surroundings in which it was."""
    return Told()


@pytest.fixture
async def sessions(told: Told) -> AsyncIterator[Sessions]:
    """No session yet; what a test opens is closed after it."""
    sessions = Sessions(told.around)
    yield sessions
    await sessions.close_all()
    await told.around.sandbox.close()
