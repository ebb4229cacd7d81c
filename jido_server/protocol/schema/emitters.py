"""Every format that the contract can be told in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from jido_server.protocol.schema import json_schema, luacats, markdown, typescript
from jido_server.protocol.schema.contract import Contract, read_contract

Format = Literal["json", "typescript", "lua", "markdown"]

EMITTERS: dict[Format, Callable[[Contract], str]] = {
    "json": json_schema.emit,
    "typescript": typescript.emit,
    "lua": luacats.emit,
    "markdown": markdown.emit,
}


def emit(to: Format) -> str:
    """Return the whole contract in one format, the same text for the same registry."""
    return EMITTERS[to](read_contract())
