"""Two sessions at once, and fifty: each as if it were alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.support.wire import Wire

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

ROUNDS = 3
CHUNKS = 20


@attrs.frozen
class Tenant:
    """A session on a project of its own, and the word that nobody else ever says."""

    session: str
    root: Path
    word: str

    def params(self, **more: Any) -> dict[str, Any]:
        return {"sessionId": self.session, **more}


@pytest.fixture(params=[2, 50])
def tenants(request: pytest.FixtureRequest, wire: Wire, tmp_path: Path) -> list[Tenant]:
    opened = []
    for number in range(request.param):
        root = (tmp_path / f"project-{number}").resolve()
        root.mkdir()
        word = f"word{number:02}word"
        (root / "own.txt").write_text(word)
        opened.append(Tenant(wire.open(root, name=word), root, word))
    return opened


def requests(tenant: Tenant, round_: int) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield what a tenant asks in one round, with the word that the answer must hold."""
    said = f"{tenant.word}/{round_}"
    message = {"role": "user", "content": said}
    script = (
        f"total = (total or 0) + 1; word = word or '{tenant.word}'; "
        f"jido.write_file('lua.txt', word .. '/' .. total); return word .. '/' .. total - 1"
    )
    yield "jido/state/startStreaming", {"messageId": f"{said}/stream"}, '"seq"'
    yield "jido/state/appendMessage", {"message": message}, said
    yield "jido/manager/writeFile", {"path": "same.txt", "content": said}, str(tenant.root)
    yield "jido/manager/runLua", {"script": script}, said
    yield "jido/manager/readFile", {"path": "same.txt"}, said
    yield "jido/manager/readFile", {"path": "own.txt"}, tenant.word
    yield "jido/tools/call", {"name": "search_files", "arguments": {"pattern": "word"}}, tenant.word
    yield "jido/state/addReasoningStep", {"step": {"content": said}}, said
    todos = [{"content": said, "status": "pending"}]
    yield "jido/state/updateTodos", {"todos": todos}, said
    yield "jido/state/setScrollOffset", {"offset": round_}, '"seq"'
    yield "jido/settings/set", {"key": "word", "value": said}, said
    yield "jido/manager/projectRoot", {}, str(tenant.root)
    yield "jido/state/endStreaming", {}, said * CHUNKS


def hammer(wire: Wire, tenants: list[Tenant], round_: int) -> dict[int, tuple[str, str]]:
    """Send one round of everybody, request by request in turns; return what is to be answered."""
    asked: dict[int, tuple[str, str]] = {}
    everybody = [(tenant, list(requests(tenant, round_))) for tenant in tenants]
    for step in range(len(everybody[0][1])):
        for tenant, theirs in everybody:
            method, params, expected = theirs[step]
            if method == "jido/state/endStreaming":
                for _ in range(CHUNKS):
                    chunk = tenant.params(chunk=f"{tenant.word}/{round_}")
                    wire.notify("jido/state/updateStreaming", chunk)
            asked[wire.ask(method, tenant.params(**params))] = (tenant.word, expected)
    return asked


def words_in(value: Any, tenants: list[Tenant]) -> set[str]:
    """Return whose words are said anywhere in a value."""
    text = json.dumps(value)
    return {tenant.word for tenant in tenants if tenant.word in text}


def test_each_session_is_as_if_it_were_alone(wire: Wire, tenants: list[Tenant]) -> None:
    for round_ in range(ROUNDS):
        for id_, (word, expected) in hammer(wire, tenants, round_).items():
            answer = wire.answer(id_, seconds=60)
            assert "error" not in answer, answer
            assert expected in json.dumps(answer), (expected, answer)
            assert words_in(answer, tenants) <= {word}, answer
    for tenant in tenants:
        told = [update for update in wire.updates if update["sessionId"] == tenant.session]
        assert [update["seq"] for update in told] == list(range(1, len(told) + 1))
        assert words_in(told, tenants) == {tenant.word}
        state = wire.request("jido/state/get", tenant.params())["state"]
        assert state["seq"] == len(told)
        said = [message["content"] for message in state["messages"]]
        alone = [f"{tenant.word}/{round_}" for round_ in range(ROUNDS)]
        assert said == [text for one in alone for text in (one, one * CHUNKS)]
        assert [step["content"] for step in state["reasoningSteps"]] == alone
        assert [call["status"] for call in state["toolCalls"]] == ["completed"] * ROUNDS
        assert state["todos"][0]["content"] == alone[-1]
        assert state["scrollOffset"] == ROUNDS - 1
        files = {
            path.relative_to(tenant.root).as_posix(): path.read_text()
            for path in tenant.root.rglob("*")
            if path.is_file()
        }
        assert json.loads(files.pop("jido_code/settings.json")) == {"word": alone[-1]}
        assert files == {
            "own.txt": tenant.word,
            "same.txt": alone[-1],
            "lua.txt": f"{tenant.word}/{ROUNDS}",
        }


def test_nobody_reaches_the_project_of_another(wire: Wire, tenants: list[Tenant]) -> None:
    first, second = tenants[:2]
    for path, kind in (
        (str(second.root / "own.txt"), "pathOutsideBoundary"),
        (f"../{second.root.name}/own.txt", "pathEscapesBoundary"),
    ):
        for method, more in (
            ("jido/manager/validatePath", {}),
            ("jido/manager/readFile", {}),
            ("jido/manager/writeFile", {"content": "x"}),
            ("jido/manager/listDir", {}),
        ):
            assert wire.kind(method, first.params(path=path, **more)) == kind
        script = f"return jido.read_file('{path}')"
        values = wire.request("jido/manager/runLua", first.params(script=script))["values"]
        assert values[0] is None
        arguments = {"name": "read_file", "arguments": {"path": path}}
        error = wire.error("jido/tools/call", first.params(**arguments))
        assert error["data"]["error"]["kind"] == kind
    assert (second.root / "own.txt").read_text() == second.word


def test_what_ends_one_session_ends_no_other(wire: Wire, tenants: list[Tenant]) -> None:
    first, *others = tenants
    for tenant in tenants:
        wire.request("jido/state/startStreaming", tenant.params(messageId="m"))
        wire.request("jido/manager/runLua", tenant.params(script=f"word = '{tenant.word}'"))
    crash = wire.ask("jido/manager/runLua", first.params(script="while true do end"))
    wire.request("jido/session/close", first.params())
    assert wire.answer(crash)["error"]["data"]["kind"] == "requestCancelled"
    for tenant in others:
        wire.notify("jido/state/updateStreaming", tenant.params(chunk=tenant.word))
        values = wire.request("jido/manager/runLua", tenant.params(script="return word"))["values"]
        assert values == [tenant.word]
        ended = wire.request("jido/state/endStreaming", tenant.params())
        assert ended["message"]["content"] == tenant.word
