"""What a session keeps of a call: under which id, and what if it can't be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jido_server.errors import InvalidParams, StorageFailed, ToolFailed
from jido_server.protocol.inputs import ToolCallInput
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.storage.journal import MemoryJournal, MemoryStorage
from jido_server.tools.toolbox import Toolbox
from jido_server.updates import Record
from tests.support.surroundings import Told
from tests.tools.test_toolbox import only_call, statuses


async def test_a_new_id_is_taken(toolbox: Toolbox, session: Session) -> None:
    called = await toolbox.call_in(session, "list_directory", {}, "mine")
    assert called.tool_call_id == only_call(session).id == "mine"


async def test_a_pending_call_with_this_id_is_this_call(
    toolbox: Toolbox, session: Session, told: Told
) -> None:
    session.state.add_tool_call(ToolCallInput(name="list_directory", arguments={}, id="mine"))
    await toolbox.call_in(session, "list_directory", {}, "mine")
    assert statuses(told) == ["pending", "running", "completed"]
    assert only_call(session).status == "completed"


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("list_directory", {}, "running"),
        ("list_directory", {}, "completed"),
        ("list_directory", {}, "error"),
        ("read_file", {}, "pending"),
        ("list_directory", {"path": "src"}, "pending"),
    ],
)
async def test_an_id_of_another_call_or_one_that_has_begun_is_refused(
    toolbox: Toolbox, session: Session, name: str, arguments: dict[str, Any], status: Any
) -> None:
    given = ToolCallInput(name=name, arguments=arguments, id="mine", status=status)
    session.state.add_tool_call(given)
    before = only_call(session)
    with pytest.raises(InvalidParams) as refused:
        toolbox.call_in(session, "list_directory", {}, "mine")
    assert refused.value.problems[0].path == "params.toolCallId"
    assert only_call(session) == before


# A journal that refuses


class FullJournal(MemoryJournal):
    """Refuses the updates that a test names."""

    refused = ""

    def append(self, record: Record) -> None:
        update = record.update
        status = update.tool_call.status if hasattr(update, "tool_call") else None
        if status is not None and status == self.refused:
            raise StorageFailed("the disk is full")
        super().append(record)


class FullStorage(MemoryStorage):
    def __init__(self, refused: str) -> None:
        super().__init__()
        self._refused = refused

    def create(self, session_id: str) -> FullJournal:
        journal = FullJournal()
        journal.refused = self._refused
        self._journals[session_id] = journal
        return journal


@pytest.mark.parametrize(
    ("refused", "is_done", "kept"),
    [
        ("pending", False, []),
        ("running", False, ["pending"]),
        ("completed", True, ["pending", "running"]),
    ],
)
async def test_what_can_not_be_recorded_is_not_done_or_not_acknowledged(
    toolbox: Toolbox, project: Path, refused: str, is_done: bool, kept: list[str]
) -> None:
    told = Told(FullStorage(refused))
    session = Sessions(told.around).open(str(project))
    with pytest.raises(StorageFailed):
        await toolbox.call_in(session, "write_file", {"path": "new", "content": "x"})
    assert (project / "new").exists() == is_done
    assert statuses(told) == kept


async def test_a_failure_that_can_not_be_recorded_is_logged_and_answered(
    toolbox: Toolbox, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = Sessions(Told(FullStorage("error")).around).open(str(project))
    with pytest.raises(ToolFailed):
        await toolbox.call_in(session, "read_file", {"path": "none"})
    assert "is not recorded" in caplog.text
    assert only_call(session).status == "running"
