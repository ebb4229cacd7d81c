"""The peer: pygls as it comes."""

from __future__ import annotations

from typing import Any

from pygls.lsp.server import LanguageServer

server = LanguageServer("stock", "0")
SESSION = {
    "id": "s",
    "name": "project",
    "projectPath": "/p",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "updatedAt": "2026-01-01T00:00:00.000Z",
}
told = 0


@server.feature("jido/session/get")
def get(_: LanguageServer, __: Any) -> Any:
    return {"session": SESSION}


@server.feature("jido/state/startStreaming")
def start_streaming(_: LanguageServer, __: Any) -> Any:
    return {}


@server.feature("jido/state/endStreaming")
def end_streaming(_: LanguageServer, __: Any) -> Any:
    return {}


@server.feature("jido/state/updateStreaming")
def update_streaming(ls: LanguageServer, params: Any) -> None:
    update = {"kind": "streamChunk", "messageId": "m", "chunk": params.chunk}
    ls.protocol.notify(
        "jido/session/update",
        {"sessionId": "s", "seq": 1, "timestamp": SESSION["createdAt"], "update": update},
    )


@server.feature("jido/state/setScrollOffset")
def set_scroll_offset(ls: LanguageServer, params: Any) -> Any:
    global told  # noqa: PLW0603 - a peer is as short as it can be
    told += 1
    update = {"kind": "scrollOffsetSet", "offset": params.offset}
    ls.protocol.notify(
        "jido/session/update",
        {"sessionId": "s", "seq": told, "timestamp": SESSION["createdAt"], "update": update},
    )
    return {"seq": told}


server.start_io()
