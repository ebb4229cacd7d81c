"""Every attack script, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.attacks import FINGERPRINT, SETUP, Attack, attacks
from tests.support.wire import Wire, server

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One server for all attacks: what one of them breaks, the others see."""
    with server(tmp_path_factory.mktemp("server")) as wire:
        wire.initialize()
        yield wire


def run(wire: Wire, session: str, script: str, timeout_ms: int = 20_000) -> dict[str, Any]:
    """Return the result of a script, or the data of its error."""
    params = {"sessionId": session, "script": script, "timeoutMs": timeout_ms}
    answer = wire.answer(wire.ask("jido/manager/runLua", params))
    data: dict[str, Any] = answer["error"]["data"] if "error" in answer else answer["result"]
    return data


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_no_attack_succeeds_over_the_wire(wire: Wire, tmp_path: Path, attack: Attack) -> None:
    attacked_project, neighbours_project = tmp_path / "attacked", tmp_path / "neighbour"
    attacked_project.mkdir()
    neighbours_project.mkdir()
    (attacked_project / "file.txt").write_text("content\n")
    attacked, neighbour = wire.open(attacked_project), wire.open(neighbours_project)
    run(wire, attacked, SETUP)
    run(wire, neighbour, SETUP + "neighbours_secret = 1")
    before = run(wire, attacked, FINGERPRINT)
    neighbour_before = run(wire, neighbour, FINGERPRINT)

    answer = run(wire, attacked, attack.script, attack.timeout_ms)

    assert attack.problem(answer) is None
    assert run(wire, attacked, "return 1")["values"] == [1]
    if "kind" in answer:
        assert run(wire, attacked, FINGERPRINT) == before
    assert run(wire, neighbour, FINGERPRINT) == neighbour_before
    assert list(neighbours_project.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"attacked", "neighbour"}
    for session in (attacked, neighbour):
        wire.request("jido/session/close", {"sessionId": session})
