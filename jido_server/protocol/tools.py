"""Methods with which tools are listed and called."""

from __future__ import annotations

from typing import Any

import attrs

from jido_server.protocol.method import NoParams, Request


@attrs.frozen(kw_only=True)
class ToolDescription:
    """A tool, as a model is told of it.

    Attributes:
        name: How it is called.
        description: What it does.
        input_schema: The JSON Schema of its arguments, whose names are in snake_case.
    """

    name: str
    description: str
    input_schema: dict[str, Any]


@attrs.frozen(kw_only=True)
class ToolListResult:
    """Every tool."""

    tools: list[ToolDescription]


@attrs.frozen(kw_only=True)
class CallToolParams:
    """Params of ``jido/tools/call``.

    The root is that of the session, else the given one, else that of the global manager.

    Attributes:
        name: The tool.
        arguments: What it is called with, as its schema says.
        session_id: An open session, in whose state the call is recorded.
        project_root: Without a session: an absolute path of an existing directory.
        tool_call_id: With a session: how the recorded call is called; if a pending call has this
            id already, it is this one.
    """

    name: str
    arguments: dict[str, Any]
    session_id: str | None = None
    project_root: str | None = None
    tool_call_id: str | None = None


@attrs.frozen(kw_only=True)
class CallToolResult:
    """What a tool gave.

    Attributes:
        result: The tool's own result; says `truncated` where it was cut.
        tool_call_id: Under which the session recorded it; null without a session.
    """

    result: Any
    tool_call_id: str | None


LIST = Request("jido/tools/list", NoParams, ToolListResult, "Every tool, with its arguments.")
CALL = Request("jido/tools/call", CallToolParams, CallToolResult, "Call a tool.")
