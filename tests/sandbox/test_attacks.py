from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio

from jido_server.errors import JidoError
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost
from tests.support.attacks import FINGERPRINT, SETUP, Attack, attacks

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_sandbox() -> AsyncIterator[Sandbox]:
    """One for all attacks: what one of them breaks, the others see."""
    sandbox = Sandbox()
    yield sandbox
    await sandbox.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "file.txt").write_text("content\n")
    return tmp_path


async def answer_of(session: LuaSession, script: str, timeout_ms: int = 20_000) -> dict[str, Any]:
    try:
        return attrs.asdict(await session.run(script, timeout_ms=timeout_ms))
    except JidoError as error:
        return error.data


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
async def test_an_attack_harms_nobody(
    attack: Attack, shared_sandbox: Sandbox, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    attacked = shared_sandbox.session(FolderHost(project))
    neighbours_project = tmp_path_factory.mktemp("neighbour")
    neighbour = shared_sandbox.session(FolderHost(neighbours_project))
    await attacked.run(SETUP)
    await neighbour.run(SETUP + "neighbours_secret = 1")
    before = await answer_of(attacked, FINGERPRINT)
    neighbour_before = await answer_of(neighbour, FINGERPRINT)

    answer = await answer_of(attacked, attack.script, attack.timeout_ms)

    assert attack.problem(answer) is None
    assert (await attacked.run("return 1")).values == [1]
    if "kind" in answer:
        assert await answer_of(attacked, FINGERPRINT) == before
    assert await answer_of(neighbour, FINGERPRINT) == neighbour_before
    assert list(neighbours_project.iterdir()) == []
    await attacked.close()
    await neighbour.close()
