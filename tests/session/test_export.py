from __future__ import annotations

import json

import pytest

from jido_server.model import SessionInfo
from jido_server.protocol.inputs import MessageInput, TodoInput, ToolCallInput
from jido_server.session.content import Content
from jido_server.session.export import to_json, to_markdown
from jido_server.session.state import State
from jido_server.storage.journal import MemoryJournal
from tests.support.surroundings import Told

INFO = SessionInfo(id="s", name="A name", project_path="/p", created_at="t0", updated_at="t0")


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def state(journal: MemoryJournal) -> State:
    state = State("s", Content(), journal, Told().around)
    state.open(INFO)
    return state


def say(state: State, role: str, content: str) -> None:
    state.append_message(MessageInput(role=role, content=content))  # type: ignore[arg-type]


def test_markdown_has_a_heading_per_message(state: State, journal: MemoryJournal) -> None:
    say(state, "user", "Hello")
    say(state, "assistant", "World")
    text = to_markdown(journal.read())
    assert text.startswith("# A name\n\n/p, from t0\n")
    assert "## User\n\nHello\n" in text
    assert text.index("## User") < text.index("## Assistant")


def test_a_tool_call_is_folded_where_it_was_made(state: State, journal: MemoryJournal) -> None:
    say(state, "user", "before")
    state.add_tool_call(ToolCallInput(name="read_file", arguments={"path": "a"}, id="c"))
    say(state, "assistant", "after")
    state.update_tool_call("c", "completed", {"content": "```\nfence\n````"})
    text = to_markdown(journal.read())
    call = text.index("<details><summary>read_file: completed</summary>")
    assert text.index("before") < call < text.index("after")
    assert '`````json\n{\n  "content"' in text
    assert "```json\n" in text


def test_a_code_fence_that_was_left_open_holds_nothing_that_follows(
    state: State, journal: MemoryJournal
) -> None:
    say(state, "assistant", "look:\n~~~~py\ncode\n~~~\nmore")
    say(state, "user", "```\ncode\n```\nthanks")
    text = to_markdown(journal.read())
    assert "code\n~~~\nmore\n~~~~\n" in text
    assert text.count("```") == 2


def test_messages_that_were_cleared_are_not_exported(state: State, journal: MemoryJournal) -> None:
    say(state, "user", "secret")
    state.clear_messages()
    assert "secret" not in to_markdown(journal.read())
    assert "secret" in to_json(journal.read())


def test_what_is_not_ended_is_said_to_be_so(state: State, journal: MemoryJournal) -> None:
    state.update_todos(
        [TodoInput(content="one", status="completed"), TodoInput(content="two", status="pending")]
    )
    state.start_streaming("m")
    state.update_streaming("half")
    state.flush()
    text = to_markdown(journal.read())
    assert "## Assistant (not ended)\n\nhalf" in text
    assert "- [x] one\n- [ ] two" in text
    state.end_interrupted()
    assert "## Assistant (interrupted)\n\nhalf" in to_markdown(journal.read())


def test_json_is_the_log(state: State, journal: MemoryJournal) -> None:
    say(state, "user", "Hello")
    log = json.loads(to_json(journal.read()))
    assert [record["seq"] for record in log] == [1, 2]
    assert log[1]["update"]["message"]["content"] == "Hello"
