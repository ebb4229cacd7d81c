from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from jido_server.server import editor
from jido_server.server.editor import Editor
from jido_server.server.initialization import read_initialization
from jido_server.server.language_server import JidoLanguageServer
from jido_server.server.messages import Call

PATIENCE_SECONDS = 30
OUR_OWN = {
    "exit",
    "initialize",
    "initialized",
    "shutdown",
    "workspace/executeCommand",
}
"""What pygls would do too, but the intake does or refuses by itself."""


def params(**more: Any) -> dict[str, Any]:
    return {"processId": None, "capabilities": {}, "rootUri": None} | more


def document(uri: str = "file:///p/a.py") -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": "a = 1\n"}}


class Said(logging.Handler):
    """Waits for something to be logged."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word
        self.heard = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if self.word in record.getMessage():
            self.heard.set()


def notification(method: str, params: Any = None) -> Call:
    return Call(None, method, params)


def test_what_is_handed_to_pygls_is_what_pygls_does() -> None:
    server = JidoLanguageServer(lambda _: None)
    assert set(server.protocol.fm.builtin_features) - OUR_OWN == editor.NOTIFICATIONS


def test_pygls_keeps_the_documents_and_folders_of_the_editor() -> None:
    written: list[bytes] = []
    server = JidoLanguageServer(written.append)
    server.begin(params(workspaceFolders=[{"uri": "file:///p", "name": "p"}]))
    server.take({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": document()})
    change = {
        "textDocument": {"uri": "file:///p/a.py", "version": 2},
        "contentChanges": [{"text": "b = 2\n"}],
    }
    server.take({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change})
    assert server.workspace.get_text_document("file:///p/a.py").source == "b = 2\n"
    folders = {"event": {"added": [{"uri": "file:///q", "name": "q"}], "removed": []}}
    method = "workspace/didChangeWorkspaceFolders"
    server.take({"jsonrpc": "2.0", "method": method, "params": folders})
    assert set(server.workspace.folders) == {"file:///p", "file:///q"}
    assert written == []


def test_what_pygls_can_not_do_is_logged_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    written: list[bytes] = []
    server = JidoLanguageServer(written.append)
    server.begin(params())
    server.take({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"wrong": 1}})
    assert "textDocument/didOpen is dropped" in caplog.text
    unknown = {"textDocument": {"uri": "file:///never/opened"}}
    server.take({"jsonrpc": "2.0", "method": "textDocument/didClose", "params": unknown})
    change = {"textDocument": {"uri": 5, "version": 1}, "contentChanges": []}
    server.take({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change})
    server.report_server_error(ValueError("a fault"), type(ValueError))  # type: ignore[arg-type]
    assert "a fault" in caplog.text
    assert written == []


async def test_the_editor_hands_on_in_order_what_it_heard_while_pygls_was_loaded() -> None:
    heard = Said("notebookDocument/didOpen is dropped")
    log = logging.getLogger("jido_server")
    log.addHandler(heard)
    here = Editor(read_initialization(params()), lambda _: None)
    assert here.take(notification("textDocument/didOpen", document()))
    assert here.take(notification("$/setTrace", {"value": "off"}))
    assert here.take(notification("notebookDocument/didOpen", {"wrong": 1}))
    await asyncio.wait_for(heard.heard.wait(), PATIENCE_SECONDS)
    log.removeHandler(heard)
    here.close()


async def test_what_needs_nothing_done_is_taken_without_pygls() -> None:
    here = Editor(read_initialization(None), lambda _: None)
    assert here.take(notification("initialized", {}))
    assert here.take(notification("$/anything"))
    assert not here.take(notification("textDocument/anything"))
    assert not here.take(Call(1, "textDocument/didOpen", document()))
    here.close()


async def test_an_editor_that_goes_early_is_not_waited_for() -> None:
    here = Editor(read_initialization(params()), lambda _: None)
    here.take(notification("textDocument/didOpen", document()))
    here.close()
    await asyncio.sleep(0)


async def test_pygls_that_can_not_be_loaded_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Said("could not be loaded")
    log = logging.getLogger("jido_server")
    log.addHandler(heard)

    def fail(_: str) -> None:
        raise ImportError("no pygls here")

    monkeypatch.setattr("jido_server.server.editor.importlib.import_module", fail)
    here = Editor(read_initialization(params()), lambda _: None)
    assert here.take(notification("textDocument/didOpen", document()))
    await asyncio.wait_for(heard.heard.wait(), PATIENCE_SECONDS)
    assert "no pygls here" in caplog.text
    log.removeHandler(heard)
