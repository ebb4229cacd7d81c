"""A session that can't be stored any more harms no other, and can be closed and deleted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.wire import Wire, program

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform == "win32", reason="it limits no sizes of files"),
]

LIMIT_BYTES = 1 << 20
SOURCE = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT_BYTES}, {LIMIT_BYTES}))
from jido_server.cli import main
main(["--log-level", "error"])
"""
TOO_MUCH = "x" * (2 * LIMIT_BYTES)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Wire]:
    """A server whose files can't grow beyond a limit."""
    with program(tmp_path, SOURCE) as wire:
        wire.initialize()
        yield wire


def append(wire: Wire, session: str, content: str) -> int:
    message = {"role": "user", "content": content}
    return wire.ask("jido/state/appendMessage", {"sessionId": session, "message": message})


@pytest.mark.parametrize("ends", [["close", "resume", "delete"], ["delete"]])
def test_a_session_that_can_not_be_stored_harms_no_other_and_is_ended(
    full: Wire, project: Path, ends: list[str]
) -> None:
    hurt, well = full.open(project), full.open(project)
    full.request("jido/state/startStreaming", {"sessionId": hurt, "messageId": "m"})
    full.notify("jido/state/updateStreaming", {"sessionId": hurt, "chunk": TOO_MUCH})
    error = full.answer(append(full, hurt, "behind it"))["error"]
    assert error["data"]["kind"] == "storageFailed"
    assert "error" not in full.answer(append(full, well, "stored"))
    for session in (hurt, well):
        of = {"sessionId": session}
        log = full.request("jido/session/export", of | {"format": "json"})["content"]
        assert json.loads(log)[0]["update"]["kind"] == "sessionOpened"
        assert full.request("jido/session/updates", of | {"afterSeq": 0})["updates"]
    assert len(full.request("jido/session/saved")["sessions"]) == 2
    params = {"projectPath": str(project), "key": "model", "value": "m"}
    assert full.request("jido/settings/set", params)["settings"] == {"model": "m"}
    for end in ends:
        full.request(f"jido/session/{end}", {"sessionId": hurt})
    assert [one["id"] for one in full.request("jido/session/saved")["sessions"]] == [well]
    assert [one["id"] for one in full.request("jido/session/list")["sessions"]] == [well]
    assert full.request("jido/state/get", {"sessionId": well})["state"]["messageTotal"] == 1
