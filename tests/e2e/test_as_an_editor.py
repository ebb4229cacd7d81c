"""A whole session as an editor sees it: a client of pygls' own, through pytest-lsp."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from jido_server.protocol import codec
from jido_server.session.content import Content
from jido_server.updates import Record
from tests.support.wire import environment

pytestmark = pytest.mark.process

PATIENCE_SECONDS = 20


def make_editor() -> LanguageClient:
    client = make_test_lsp_client()
    told: list[Any] = []
    client.told = told  # type: ignore[attr-defined]

    @client.feature("jido/session/update")  # type: ignore[untyped-decorator]
    def on_update(params: Any) -> None:
        told.append(params)

    return client


CONFIG = ClientServerConfig(
    server_command=[sys.executable, "-m", "jido_server", "--log-level", "error"],
    client_factory=make_editor,
)


@pytest.fixture(autouse=True)
def _place(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have the server keep its things in a folder of the test's own."""
    CONFIG.server_env = environment(tmp_path_factory.mktemp("server"))


@pytest_lsp.fixture(config=CONFIG)  # type: ignore[untyped-decorator]
async def editor(lsp_client: LanguageClient) -> AsyncIterator[None]:
    params = types.InitializeParams(capabilities=client_capabilities("visual-studio-code"))
    result = await lsp_client.initialize_session(params)
    assert result.server_info is not None
    assert result.server_info.name == "jido-server"
    experimental: Any = result.capabilities.experimental
    assert experimental["jido"]["protocolVersion"] == 1
    yield
    await lsp_client.shutdown_session()


async def ask(editor: LanguageClient, method: str, **params: Any) -> Any:
    # Without the shield a late answer would end the client.
    answer = asyncio.shield(editor.protocol.send_request_async(method, params))  # type: ignore[no-untyped-call]
    return await asyncio.wait_for(answer, PATIENCE_SECONDS)


async def test_an_editor_has_a_conversation(editor: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    opened = await ask(editor, "jido/session/open", projectPath=str(tmp_path))
    session = opened.session.id
    read = await ask(editor, "jido/manager/readFile", sessionId=session, path="a.txt", offset=2)
    assert read.content == "two\n"
    message = {"role": "user", "content": "What is in a.txt?"}
    await ask(editor, "jido/state/appendMessage", sessionId=session, message=message)
    await ask(editor, "jido/state/startStreaming", sessionId=session, messageId="m")
    for chunk in ("Two ", "lines", "."):
        params = {"sessionId": session, "chunk": chunk}
        editor.protocol.notify("jido/state/updateStreaming", params)
    ended = await ask(editor, "jido/state/endStreaming", sessionId=session)
    assert ended.message.content == "Two lines."
    ran = await ask(editor, "jido/manager/runLua", sessionId=session, script="return 6 * 7")
    assert ran.values == [42]
    state = (await ask(editor, "jido/state/get", sessionId=session)).state
    assert [m.role for m in state.messages] == ["user", "assistant"]
    assert state.seq == editor.told[-1].seq  # type: ignore[attr-defined]


async def test_what_an_editor_was_told_is_the_state(editor: LanguageClient, tmp_path: Path) -> None:
    session = (await ask(editor, "jido/session/open", projectPath=str(tmp_path))).session.id
    for number in range(5):
        message = {"role": "user", "content": str(number)}
        await ask(editor, "jido/state/appendMessage", sessionId=session, message=message)
    page = await ask(editor, "jido/session/updates", sessionId=session, afterSeq=0)
    content = Content()
    for stored, told in zip(page.updates, editor.told, strict=True):  # type: ignore[attr-defined]
        assert (stored.seq, stored.timestamp) == (told.seq, told.timestamp)
        update = plain(stored)
        content.apply(codec.structure({"sessionId": session, **update}, Record))
    assert [message.content for message in content.messages] == ["0", "1", "2", "3", "4"]


def plain(value: Any) -> Any:
    """Return what pygls has made named tuples of as the JSON that it was."""
    if hasattr(value, "_asdict"):
        return {key: plain(inner) for key, inner in value._asdict().items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


async def test_an_editor_is_told_what_it_asked_wrongly(editor: LanguageClient) -> None:
    with pytest.raises(Exception, match="projectPath: missing"):
        await ask(editor, "jido/session/open")
    assert (await ask(editor, "jido/session/list")).sessions == []
