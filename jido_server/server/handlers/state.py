"""``jido/state/*``."""

from __future__ import annotations

import logging

from jido_server.errors import NotStreaming, SessionNotFound
from jido_server.protocol import state as p
from jido_server.protocol.method import SessionParams
from jido_server.protocol.session import SessionStateParams
from jido_server.server.handling import handles
from jido_server.session.sessions import Sessions

log = logging.getLogger(__name__)


@handles(p.GET)
def get(sessions: Sessions, params: SessionStateParams) -> p.StateResult:
    """Give all of a session's state."""
    state = sessions.get(params.session_id).state
    return p.StateResult(state=state.snapshot(params.message_limit))


@handles(p.GET_MESSAGES)
def get_messages(sessions: Sessions, params: p.GetMessagesParams) -> p.GetMessagesResult:
    """Give some of the messages."""
    messages = sessions.get(params.session_id).state.content.messages
    total = len(messages)
    end = total if params.limit is None else min(total, params.offset + params.limit)
    return p.GetMessagesResult(
        messages=messages[params.offset : end], total=total, has_more=end < total
    )


@handles(p.GET_REASONING_STEPS)
def get_reasoning_steps(sessions: Sessions, params: SessionParams) -> p.ReasoningStepsResult:
    """Give all steps of reasoning."""
    content = sessions.get(params.session_id).state.content
    return p.ReasoningStepsResult(reasoning_steps=content.reasoning_steps)


@handles(p.GET_TOOL_CALLS)
def get_tool_calls(sessions: Sessions, params: SessionParams) -> p.ToolCallsResult:
    """Give all tool calls."""
    content = sessions.get(params.session_id).state.content
    return p.ToolCallsResult(tool_calls=list(content.tool_calls.values()))


@handles(p.GET_TODOS)
def get_todos(sessions: Sessions, params: SessionParams) -> p.TodosResult:
    """Give the list of things to do."""
    return p.TodosResult(todos=sessions.get(params.session_id).state.content.todos)


@handles(p.APPEND_MESSAGE)
def append_message(sessions: Sessions, params: p.AppendMessageParams) -> p.MessageResult:
    """Add a message."""
    state = sessions.get(params.session_id).state
    message = state.append_message(params.message)
    return p.MessageResult(message=message, seq=state.seq)


@handles(p.CLEAR_MESSAGES)
def clear_messages(sessions: Sessions, params: SessionParams) -> p.SeqResult:
    """Remove all messages."""
    state = sessions.get(params.session_id).state
    state.clear_messages()
    return p.SeqResult(seq=state.seq)


@handles(p.START_STREAMING)
def start_streaming(sessions: Sessions, params: p.StartStreamingParams) -> p.SeqResult:
    """Begin a streamed message."""
    state = sessions.get(params.session_id).state
    state.start_streaming(params.message_id)
    return p.SeqResult(seq=state.seq)


@handles(p.UPDATE_STREAMING)
def update_streaming(sessions: Sessions, params: p.UpdateStreamingParams) -> None:
    """Add a chunk to the streamed message, or drop it with a warning."""
    try:
        sessions.get(params.session_id).state.update_streaming(params.chunk)
    except (SessionNotFound, NotStreaming) as error:
        log.warning("A chunk for session %s is dropped: %s", params.session_id, error)


@handles(p.END_STREAMING)
def end_streaming(sessions: Sessions, params: SessionParams) -> p.MessageResult:
    """End the streamed message."""
    state = sessions.get(params.session_id).state
    message = state.end_streaming()
    return p.MessageResult(message=message, seq=state.seq)


@handles(p.SET_SCROLL_OFFSET)
def set_scroll_offset(sessions: Sessions, params: p.SetScrollOffsetParams) -> p.SeqResult:
    """Remember where the view stands."""
    state = sessions.get(params.session_id).state
    state.set_scroll_offset(params.offset)
    return p.SeqResult(seq=state.seq)


@handles(p.UPDATE_TODOS)
def update_todos(sessions: Sessions, params: p.UpdateTodosParams) -> p.UpdateTodosResult:
    """Replace the list of things to do."""
    state = sessions.get(params.session_id).state
    todos = state.update_todos(params.todos)
    return p.UpdateTodosResult(todos=todos, seq=state.seq)


@handles(p.ADD_REASONING_STEP)
def add_reasoning_step(
    sessions: Sessions, params: p.AddReasoningStepParams
) -> p.AddReasoningStepResult:
    """Add a step of reasoning."""
    state = sessions.get(params.session_id).state
    step = state.add_reasoning_step(params.step)
    return p.AddReasoningStepResult(step=step, seq=state.seq)


@handles(p.CLEAR_REASONING_STEPS)
def clear_reasoning_steps(sessions: Sessions, params: SessionParams) -> p.SeqResult:
    """Remove all steps of reasoning."""
    state = sessions.get(params.session_id).state
    state.clear_reasoning_steps()
    return p.SeqResult(seq=state.seq)


@handles(p.ADD_TOOL_CALL)
def add_tool_call(sessions: Sessions, params: p.AddToolCallParams) -> p.ToolCallResult:
    """Add a tool call."""
    state = sessions.get(params.session_id).state
    tool_call = state.add_tool_call(params.tool_call)
    return p.ToolCallResult(tool_call=tool_call, seq=state.seq)


@handles(p.UPDATE_TOOL_CALL)
def update_tool_call(sessions: Sessions, params: p.UpdateToolCallParams) -> p.ToolCallResult:
    """Say how far a tool call is."""
    state = sessions.get(params.session_id).state
    tool_call = state.update_tool_call(params.tool_call_id, params.status, params.result)
    return p.ToolCallResult(tool_call=tool_call, seq=state.seq)
