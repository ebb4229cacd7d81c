"""Running Lua as a tool: what is too large for an answer is cut, and it is said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import attrs
import pytest

from jido_server.errors import LuaTimeout, ToolFailed
from jido_server.protocol.global_manager import GlobalRunLuaParams
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.sandbox import Sandbox
from jido_server.server.handlers.global_manager import run_lua as global_run_lua
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.tools.limits import MOST_BYTES
from jido_server.tools.toolbox import Toolbox
from tests.support.surroundings import Told
from tests.tools.conftest import Call
from tests.tools.test_reading import failure


async def test_values_and_output_are_given(call: Call, session: Session) -> None:
    result = await call(
        "run_lua", script='print("said") x = 5 return x, {1, 2}, {a = {}}, nil, "ü"'
    )
    duration = result.pop("durationMs")
    assert 0 < duration < 30_000
    assert result == {
        "values": [5, [1, 2], {"a": []}, None, "ü"],
        "output": "said\n",
        "truncated": False,
    }
    assert (await session.manager.run_lua("return x")).values == [5]


async def test_a_script_works_on_the_projects_files(call: Call) -> None:
    result = await call("run_lua", script='return jido.read_file("hello.txt")')
    assert result["values"] == ["one\ntwo\nthree\n"]


async def test_a_script_that_fails_says_why(call: Call) -> None:
    error = await failure(call, "run_lua", script='error("by design")')
    assert (error["code"], error["kind"]) == (1201, "luaError")
    assert "by design" in error["message"]
    error = await failure(call, "run_lua", script="while true do end", timeout_ms=50)
    assert (error["code"], error["kind"]) == (1202, "luaTimeout")


async def test_without_a_timeout_the_settings_of_the_user_count(project: Path) -> None:
    around = attrs.evolve(Told().around, sandbox=Sandbox(Limits(timeout_ms=50)))
    sessions = Sessions(around)
    session = sessions.open(str(project))
    script = {"script": "while true do end"}
    with pytest.raises(ToolFailed, match="50 ms"):
        await Toolbox().call_in(session, "run_lua", script)
    params = GlobalRunLuaParams(session_id=session.id, script="while true do end")
    with pytest.raises(LuaTimeout) as caught:
        await global_run_lua(session.manager, params)
    assert caught.value.data["timeoutMs"] == 50
    await sessions.close_all()
    await around.sandbox.close()


async def test_a_long_output_is_cut_at_the_end_of_a_line(call: Call) -> None:
    result = await call("run_lua", script='for i = 1, 100000 do print("line") end')
    assert result["truncated"]
    assert result["output"] == "line\n" * (MOST_BYTES // 5)


async def test_values_that_are_too_large_are_cut_and_those_behind_them_left_out(
    call: Call,
) -> None:
    result = await call("run_lua", script='return 1, ("x"):rep(300000), 3')
    assert result["truncated"]
    assert result["values"] == [1, '"' + "x" * (MOST_BYTES - 2)]


async def test_a_script_that_is_cancelled_ends_at_once(toolbox: Toolbox, session: Session) -> None:
    answer = toolbox.call_in(session, "run_lua", {"script": "x = 1"})
    await answer
    answer = toolbox.call_in(session, "run_lua", {"script": "while true do end"})
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    with pytest.raises(ToolFailed, match="failed"):
        await toolbox.call_in(session, "run_lua", {"script": "error(x)"})
    assert (await session.manager.run_lua("return x")).values == [1]


async def test_scripts_run_in_the_order_of_the_calls(toolbox: Toolbox, session: Session) -> None:
    first = toolbox.call_in(session, "run_lua", {"script": "list = {1}"})
    second = session.manager.run_lua("list[2] = 2")
    third = toolbox.call_in(session, "run_lua", {"script": "list[3] = 3 return list"})
    await asyncio.gather(first, second)
    assert (await third).result["values"] == [[1, 2, 3]]
