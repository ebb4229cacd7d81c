"""However the work of several sessions is mixed, each ends as if it had been alone."""

from __future__ import annotations

import asyncio
import tempfile
from asyncio import Future
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from jido_server.errors import JidoError
from jido_server.protocol import codec
from jido_server.protocol.inputs import MessageInput, TodoInput
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.tools.toolbox import Toolbox
from tests.support.surroundings import Told

SESSIONS = 3
OF_THE_RUN = frozenset({"id", "timestamp", "toolCallId", "messageId", "durationMs", "seq"})
"""What is another in every run."""

WORDS = st.sampled_from(["one", "two", "three"])
PATHS = st.sampled_from(["a", "b", "folder/c"])

Step = Callable[[Session, Toolbox], Any]


@attrs.frozen
class Named:
    """A step, with what it does in words for those who read a failing example."""

    what: str
    step: Step = attrs.field(repr=False)


def say(word: str) -> Named:
    message = MessageInput(role="user", content=word)
    return Named(f"say {word}", lambda session, _: session.state.append_message(message))


def chunk(word: str) -> Named:
    return Named(f"stream {word}", lambda session, _: session.state.update_streaming(word))


def write(path: str, word: str) -> Named:
    return Named(
        f"write {word} to {path}", lambda session, _: session.manager.write_file(path, word)
    )


def read(path: str) -> Named:
    return Named(f"read {path}", lambda session, _: session.manager.read_file(path))


def plan(word: str) -> Named:
    todos = [TodoInput(content=word, status="pending")]
    return Named(f"plan {word}", lambda session, _: session.state.update_todos(todos))


def call(name: str, **arguments: Any) -> Named:
    return Named(
        f"call {name} with {arguments}",
        lambda session, toolbox: toolbox.call_in(session, name, arguments),
    )


def run_lua(word: str) -> Named:
    script = f"said = (said or '') .. '{word}'; return said"
    return Named(f"run {script}", lambda session, _: session.manager.run_lua(script))


PLAIN = st.one_of(
    WORDS.map(say),
    st.just(Named("begin to stream", lambda session, _: session.state.start_streaming("m"))),
    WORDS.map(chunk),
    st.just(Named("end the stream", lambda session, _: session.state.end_streaming())),
    st.builds(write, PATHS, WORDS),
    PATHS.map(read),
    WORDS.map(plan),
    st.just(Named("restart", lambda session, _: session.restart())),
    st.just(Named("delete a", lambda session, _: session.manager.delete("a"))),
    PATHS.map(lambda path: call("read_file", path=path)),
    st.builds(lambda path, word: call("write_file", path=path, content=word), PATHS, WORDS),
    st.builds(
        lambda path, word: call("edit_file", path=path, old_string=word, new_string="new"),
        PATHS,
        WORDS,
    ),
    st.just(call("list_directory")),
    st.just(call("nothing")),
)
WITH_LUA = st.booleans().flatmap(lambda is_lua: WORDS.map(run_lua) if is_lua else PLAIN)

Mix = list[tuple[int, Named]]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, SESSIONS - 1), PLAIN), max_size=40))
def test_each_session_ends_as_if_it_had_been_alone(mix: Mix) -> None:
    compare(mix)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, SESSIONS - 1), WITH_LUA), min_size=5, max_size=25))
def test_each_session_ends_as_if_it_had_been_alone_with_its_scripts(mix: Mix) -> None:
    compare(mix)


def compare(mix: Mix) -> None:
    together = asyncio.run(outcome(mix))
    for number in range(SESSIONS):
        alone = asyncio.run(outcome([(who, step) for who, step in mix if who == number]))
        assert together[number] == alone[number]


async def outcome(mix: Mix) -> list[Any]:
    """Begin every step without waiting for those before it; return what each session has."""
    with tempfile.TemporaryDirectory() as folder:
        told = Told()
        sessions = Sessions(told.around)
        opened = []
        for number in range(SESSIONS):
            root = Path(folder).resolve() / str(number)
            root.mkdir()
            opened.append(sessions.open(str(root)))
        toolbox = Toolbox()
        answers = [(who, begin(named.step, opened[who], toolbox)) for who, named in mix]
        try:
            return [
                {
                    "answers": [await answer for who, answer in answers if who == number],
                    "updates": updates(told, session),
                    "state": comparable(session.state.snapshot(), session),
                    "files": files(session),
                }
                for number, session in enumerate(opened)
            ]
        finally:
            await sessions.close_all()
            await told.around.sandbox.close()


async def begin_later(work: Future[Any], session: Session) -> Any:
    try:
        return comparable(await work, session)
    except JidoError as error:
        return comparable(error.data, session)


def begin(step: Step, session: Session, toolbox: Toolbox) -> Future[Any]:
    """Begin a step now, whatever it waits for later."""
    try:
        work = step(session, toolbox)
    except JidoError as error:
        work = error.data
    if not isinstance(work, Future):
        done: Future[Any] = asyncio.get_running_loop().create_future()
        done.set_result(work)
        work = done
    return asyncio.ensure_future(begin_later(work, session))


def updates(told: Told, session: Session) -> list[str]:
    """Return what was told of a session; what goes on beside may be told in another order."""
    records = [record for record in told.records if record.session_id == session.id]
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    return sorted(str(comparable(record.update, session)) for record in records)


def files(session: Session) -> dict[str, bytes]:
    root = Path(session.manager.project_root)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def comparable(value: Any, session: Session) -> Any:
    """Return a value without what is another in every run."""
    return _without(codec.unstructure(value), session)


def _without(value: Any, session: Session) -> Any:
    match value:
        case dict():
            return {
                key: _without(inner, session)
                for key, inner in value.items()
                if key not in OF_THE_RUN and not key.endswith("At")
            }
        case list():
            return [_without(inner, session) for inner in value]
        case str():
            return value.replace(session.manager.project_root, "ROOT").replace(session.id, "ID")
    return value
