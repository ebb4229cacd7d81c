"""A session as a text: Markdown for people, or its whole log as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import orjson

from jido_server.errors import SessionNotFound
from jido_server.model import Message, ToolCall
from jido_server.protocol import codec
from jido_server.session.content import Content
from jido_server.updates import MessageAppended, MessagesCleared, Record, StreamEnded, ToolCallAdded

HEADINGS = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}
STATUS_MARKS = {"pending": " ", "in_progress": "-", "completed": "x"}


def to_json(records: Iterable[Record]) -> str:
    """Return the log: every update with its number and time, as the wire tells them."""
    log = [codec.unstructure(record) for record in records]
    return orjson.dumps(log, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def to_markdown(records: Iterable[Record]) -> str:
    """Return the conversation: a heading per message, tool calls folded in their places.

    Raises:
        SessionNotFound: There are no records.
    """
    content = Content()
    said: list[Message | str] = []
    for record in records:
        content.apply(record)
        match record.update:
            case MessageAppended(message=message) | StreamEnded(message=message):
                said.append(message)
            case MessagesCleared():
                said.clear()
            case ToolCallAdded(tool_call=call):
                said.append(call.id)
            case _:
                pass
    return "\n".join(_lines(content, said))


def _lines(content: Content, said: list[Message | str]) -> Iterator[str]:
    if content.session is None:
        raise SessionNotFound("")
    yield f"# {content.session.name}\n"
    yield f"{content.session.project_path}, from {content.session.created_at}\n"
    for item in said:
        if isinstance(item, Message):
            yield from _message(item)
        else:
            yield from _tool_call(content.tool_calls[item])
    if content.stream is not None:
        yield f"## Assistant (not ended)\n\n{_closed(content.stream.text)}\n"
    if content.todos:
        yield "## To do\n"
        yield from (f"- [{STATUS_MARKS[todo.status]}] {todo.content}" for todo in content.todos)


def _message(message: Message) -> Iterator[str]:
    cut = " (interrupted)" if message.interrupted else ""
    yield f"## {HEADINGS[message.role]}{cut}\n\n{_closed(message.content)}\n"


def _tool_call(call: ToolCall) -> Iterator[str]:
    yield f"<details><summary>{call.name}: {call.status}</summary>\n"
    yield _block(call.arguments)
    if call.result is not None:
        yield _block(call.result)
    yield "</details>\n"


def _block(value: object) -> str:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    fence = _longer_fence(text)
    return f"{fence}json\n{text}\n{fence}\n"


def _longer_fence(text: str) -> str:
    """Return a fence that nothing in ``text`` can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _closed(text: str) -> str:
    """Return ``text`` with its last code fence closed, so that it holds nothing that follows."""
    fence = ""
    for line in text.splitlines():
        found = re.match(r" {0,3}(`{3,}|~{3,})(.*)$", line)
        if found is None:
            continue
        mark, rest = found.groups()
        if not fence:
            fence = mark
        elif mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
