from __future__ import annotations

from jido_server.model import Message
from jido_server.protocol.manager import ListDirResult, ProjectRootResult
from jido_server.protocol.session import SessionStateResult
from jido_server.protocol.state import StateResult
from jido_server.server.large import LARGE_ITEMS, is_large
from jido_server.session.content import Content
from jido_server.updates import MessageAppended, Record, SessionOpened
from tests.session.test_state import INFO

MESSAGE = Message(id="m", role="user", content="", timestamp="t")


def content(messages: int) -> Content:
    content = Content([Record("s", 1, "t", SessionOpened(INFO))])
    for number in range(messages):
        content.apply(Record("s", number + 2, "t", MessageAppended(MESSAGE)))
    return content


def test_a_long_list_makes_a_result_large_wherever_it_is() -> None:
    short, long = (content(n).snapshot("s") for n in (LARGE_ITEMS, LARGE_ITEMS + 1))
    assert not is_large(StateResult(state=short))
    assert is_large(StateResult(state=long))
    assert is_large(SessionStateResult(session=INFO, settings={}, state=long))
    assert not is_large(ListDirResult(path="/", entries=[]))


def test_what_has_no_list_is_not_large() -> None:
    assert not is_large(ProjectRootResult(project_root="/"))
    assert not is_large(None)
    assert not is_large({"capabilities": {}})
