from __future__ import annotations

import math
import time
from typing import Any

import pytest

from jido_server.errors import (
    JidoError,
    LuaError,
    LuaResultUnsupported,
)
from jido_server.sandbox.limits import Limits
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.folder_host import FolderHost
from tests.support.attacks import FINGERPRINT, SETUP


async def values(session: LuaSession, script: str) -> list[Any]:
    return (await session.run(script)).values


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", []),
        ("return", []),
        ("return nil", [None]),
        ("return 1, nil", [1, None]),
        ("return true, false", [True, False]),
        ("return math.maxinteger, math.mininteger", [2**63 - 1, -(2**63)]),
        ("return 9007199254740993", [2**53 + 1]),
        (
            "return 0.1, 1.0, -0.0, 5e-324, 1.7976931348623157e308",
            [0.1, 1.0, -0.0, 5e-324, 1.7976931348623157e308],
        ),
        ("return '', 'a', 'ä', '\\0'", ["", "a", "ä", "\0"]),
        ("return '\\xff\\0a'", [{"base64": "/wBh"}]),
        ("return '\\xed\\xa0\\x80'", [{"base64": "7aCA"}]),
        ("return {}", [[]]),
        ("return {1, {2, {3}}}", [[1, [2, [3]]]]),
        ("return {a = 1, b = {c = false}}", [{"a": 1, "b": {"c": False}}]),
        ("return {1, 2, nil, 4}", [{"1": 1, "2": 2, "4": 4}]),
        ("return {1, x = 2}", [{"1": 1, "x": 2}]),
        ("return {[0] = 'zero'}", [{"0": "zero"}]),
        ("return {[1.5] = 1, [true] = 2, [-3] = 3}", [{"1.5": 1, "true": 2, "-3": 3}]),
        ("return {[2^53] = 1}", [{"9007199254740992": 1}]),
        ("local t = {1} return {t, t}", [[[1], [1]]]),
        ("return setmetatable({1}, {__index = error})", [[1]]),
    ],
)
async def test_values_come_back_as_json_has_them(
    session: LuaSession, script: str, expected: list[Any]
) -> None:
    got = await values(session, script)
    assert got == expected
    assert [type(value) for value in got] == [type(value) for value in expected]


async def test_the_sign_of_zero_is_kept(session: LuaSession) -> None:
    (zero,) = await values(session, "return -0.0")
    assert math.copysign(1, zero) == -1


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("0/0", "NaN"),
        ("{-math.huge}", "infinite"),
        ("print", "function"),
        ("{a = {coroutine.create(print)}}", "thread"),
        ("{[{}] = 1}", "key that is a table"),
        ("{[1] = 1, ['1'] = 2}", "both 1 as text"),
        ("{[0.1] = 1, [0.1 + 2^-54] = 2}", "both 0.1 as text"),
        ("{['\\xff'] = 1}", "not UTF-8"),
        ("('x'):rep(5 << 20)", "bytes"),
    ],
)
async def test_what_json_cannot_say_is_refused(
    session: LuaSession, result: str, reason: str
) -> None:
    with pytest.raises(LuaResultUnsupported, match=reason) as caught:
        await session.run(f"print('before') return {result}")
    assert caught.value.output == "before\n"


async def test_as_many_values_as_are_allowed_come_back(session: LuaSession) -> None:
    (many,) = await values(session, "local t = {} for i = 1, 49999 do t[i] = i end return t")
    assert many == list(range(1, 50000))


async def test_tables_come_back_as_deep_as_is_allowed(session: LuaSession) -> None:
    (deep,) = await values(session, "local t = {} for _ = 1, 63 do t = {t} end return t")
    levels = 1
    while deep:
        (deep,) = deep
        levels += 1
    assert levels == 64


async def test_printed_text_is_the_output(session: LuaSession) -> None:
    result = await session.run("print('a', 1, nil, true) print() print('ä')")
    assert result.output == "a\t1\tnil\ttrue\n\nä\n"


async def test_output_that_is_not_text_is_made_text(session: LuaSession) -> None:
    assert (await session.run("print('\\xff')")).output == "\ufffd\n"


async def test_output_is_of_its_script_alone(session: LuaSession) -> None:
    await session.run("print('first')")
    assert (await session.run("print('second')")).output == "second\n"


async def test_long_output_is_cut_and_marked(host: FolderHost) -> None:
    sandbox = Sandbox(Limits(output_bytes=10))
    session = sandbox.session(host)
    whole = await session.run("print('123456789')")
    cut = await session.run("print('12345678\xe4') print('more')")
    await sandbox.close()
    assert whole.output == "123456789\n"
    assert cut.output == "12345678ä\n[output cut at 10 bytes]"


async def test_output_is_not_cut_within_a_character(host: FolderHost) -> None:
    sandbox = Sandbox(Limits(output_bytes=10))
    cut = await sandbox.session(host).run("print('123456789\xe4')")
    await sandbox.close()
    assert cut.output == "123456789\n[output cut at 10 bytes]"


async def test_a_megabyte_of_output_is_kept(session: LuaSession) -> None:
    result = await session.run("local line = ('x'):rep(1023) for _ = 1, 1024 do print(line) end")
    assert len(result.output) == 1 << 20
    assert "cut" not in result.output


@pytest.mark.parametrize(
    "ending",
    ["error('over')", "while true do end", "return ('x'):rep(1 << 30)", "return print"],
)
async def test_a_failed_script_tells_what_it_printed(session: LuaSession, ending: str) -> None:
    with pytest.raises(JidoError) as caught:
        await session.run(f"print('before') {ending}", timeout_ms=300)
    assert caught.value.data["output"] == "before\n"


async def test_an_error_has_luas_message_and_traceback(session: LuaSession) -> None:
    with pytest.raises(LuaError) as caught:
        await session.run("local function inner() error('boom') end\ninner()")
    assert caught.value.lua_message == "script:1: boom"
    assert caught.value.traceback.splitlines() == [
        "stack traceback:",
        "\t[C]: in global 'error'",
        "\tscript:1: in local 'inner'",
        "\tscript:2: in main chunk",
    ]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("x =", "script:1: unexpected symbol near <eof>"),
        ("error()", "(error object is a nil value)"),
        ("error({})", "(error object is a table value)"),
        ("error(12)", "12"),
        ("error(setmetatable({}, {__tostring = function() return 'said' end}))", "said"),
        ("error(setmetatable({}, {__tostring = error}))", "(error object is a table value)"),
        ("\x1bLua", "attempt to load a binary chunk (mode is 't')"),
        ("error('\\xff', 0)", "\ufffd"),
    ],
)
async def test_any_error_has_a_message(session: LuaSession, script: str, message: str) -> None:
    with pytest.raises(LuaError) as caught:
        await session.run(script)
    assert caught.value.lua_message == message


async def test_state_persists_between_scripts(session: LuaSession) -> None:
    await session.run("x = 1 function add(n) x = x + n end")
    await session.run("add(41)")
    assert await values(session, "return x") == [42]


@pytest.mark.parametrize(
    "failing",
    [
        "error('over')",
        "syntax error",
        "while true do end",
        "return ('x'):rep(1 << 30)",
        "return print",
        "return {['\\xff'] = 1}",
    ],
)
async def test_a_failed_script_leaves_the_state_as_it_was(
    session: LuaSession, failing: str
) -> None:
    await session.run(SETUP)
    with pytest.raises(LuaError) as before:
        await session.run(FINGERPRINT)
    change = "counter = 9 bump() thread() meta = nil math.random() string.shout = nil\n"
    for _ in range(2):
        with pytest.raises(JidoError):
            await session.run(change + failing, timeout_ms=300)
    with pytest.raises(LuaError) as after:
        await session.run(FINGERPRINT)
    assert after.value.lua_message == before.value.lua_message
    await session.run("counter = counter + 1")
    assert await values(session, "return counter") == [1]


async def test_each_session_has_a_random_sequence_of_its_own(
    sandbox: Sandbox, host: FolderHost
) -> None:
    draws = [await values(sandbox.session(host), "return math.random(1 << 60)") for _ in range(3)]
    assert len({draw for (draw,) in draws}) == 3


async def test_the_clock_and_the_calendar_work(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    now, local, cpu, hour = await values(
        session,
        "return os.time(), os.date('%H', 0), os.clock(), os.time{year=1970,month=1,day=1,hour=1}",
    )
    assert abs(now - time.time()) < 5
    assert local == "01"
    assert 0 <= cpu < 5
    assert hour == 0
