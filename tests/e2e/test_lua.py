"""Scripts over the wire."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.wire import Wire, server

pytestmark = pytest.mark.process

ENDLESS = {
    "a loop": "while true do end",
    "a C function": "return ('x'):rep(1e6):find(('x*'):rep(40) .. 'y')",
    "a pcall loop": "while true do pcall(function() while true do end end) end",
}


@pytest.fixture
def session(wire: Wire, project: Path) -> str:
    return wire.open(project)


def run(wire: Wire, session: str, script: str, **more: Any) -> Any:
    params = {"sessionId": session, "script": script, **more}
    return wire.request("jido/manager/runLua", params)["values"]


def ask(wire: Wire, session: str, script: str, **more: Any) -> int:
    return wire.ask("jido/manager/runLua", {"sessionId": session, "script": script, **more})


def test_values_and_output_are_given(wire: Wire, session: str) -> None:
    script = r"""
        print('a', 1)
        return nil, true, 2^53 | 0, math.mininteger, 1.5, 'é', '\255', {}, {1, {x = 2}}
    """
    params = {"sessionId": session, "script": script}
    ran = wire.request("jido/manager/runLua", params)
    assert ran["values"] == [
        None,
        True,
        2**53,
        -(2**63),
        1.5,
        "é",
        {"base64": "/w=="},
        [],
        [1, {"x": 2}],
    ]
    assert ran["output"] == "a\t1\n"
    assert ran["durationMs"] > 0


def test_the_state_persists_from_one_success_to_the_next(wire: Wire, session: str) -> None:
    assert run(wire, session, "x = 1") == []
    error = wire.error("jido/manager/runLua", {"sessionId": session, "script": "x = 2 error('no')"})
    assert (error["code"], error["data"]["kind"]) == (1201, "luaError")
    assert error["data"]["luaMessage"] == "script:1: no"
    assert "stack traceback" in error["data"]["traceback"]
    assert "Traceback" not in error["message"]
    assert run(wire, session, "return x") == [1]


def test_what_a_failing_script_printed_is_in_its_error(wire: Wire, session: str) -> None:
    params = {"sessionId": session, "script": "print('so far') error('no')"}
    assert wire.error("jido/manager/runLua", params)["data"]["output"] == "so far\n"
    endless = {"script": "print('so far') while true do end", "timeoutMs": 200}
    error = wire.error("jido/manager/runLua", {"sessionId": session, **endless})
    assert error["data"] == {"kind": "luaTimeout", "timeoutMs": 200, "output": "so far\n"}


def test_a_script_uses_the_project_through_the_boundary(
    wire: Wire, session: str, project: Path
) -> None:
    assert run(wire, session, "return jido.write_file('new/a.txt', 'from Lua')") == [True]
    assert (project / "new" / "a.txt").read_text() == "from Lua"
    value, message = run(wire, session, "return jido.read_file('../outside')")
    assert value is None
    assert "leads out of the project" in message
    lines = "return jido.read_file('README.md', {offset = 3, limit = 1})"
    assert run(wire, session, lines) == ["with two lines\n"]
    assert run(wire, session, "return jido.project_root()") == [str(project)]
    script = "return jido.list_dir(), jido.glob('**/*.py'), jido.is_dir('src'), jido.mkdir_p('d/e')"
    listing, found, is_dir, made = run(wire, session, script)
    assert [entry["name"] for entry in listing][:2] == ["new", "src"]
    assert (found, is_dir, made) == (["src/main.py"], True, True)
    script = "return jido.delete_file('new/a.txt'), jido.file_exists('new/a.txt')"
    assert run(wire, session, script) == [True, False]
    assert run(wire, session, "return jido.file_stat('README.md').size") == [28]


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_script_that_does_not_end_is_cancelled_at_once(
    wire: Wire, session: str, script: str
) -> None:
    run(wire, session, "kept = 'yes'")
    asked = ask(wire, session, "began = 1 print('began') " + script)
    other = ask(wire, session, "return kept, began")
    assert wire.request("jido/session/get", {"sessionId": session}), "nothing else waits"
    wire.notify("$/cancelRequest", {"id": asked})
    begin = time.monotonic()
    assert wire.answer(asked)["error"]["code"] == -32800
    assert wire.answer(other)["result"]["values"] == ["yes", None]
    assert time.monotonic() - begin < 10


def test_scripts_of_one_session_run_in_order_and_hold_up_no_other(
    wire: Wire, session: str, project: Path
) -> None:
    slow = ask(wire, session, "order = (order or '') .. 'a' while true do end", timeoutMs=500)
    asked = [ask(wire, session, f"order = (order or '') .. '{c}' return order") for c in "bcd"]
    other = wire.open(project)
    assert run(wire, other, "return order") == [None]
    assert wire.answer(slow)["error"]["data"]["kind"] == "luaTimeout"
    assert [wire.answer(id_)["result"]["values"] for id_ in asked] == [["b"], ["bc"], ["bcd"]]


def test_closing_a_session_ends_its_scripts(wire: Wire, session: str) -> None:
    running = ask(wire, session, "while true do end")
    waiting = ask(wire, session, "return 1")
    wire.request("jido/session/close", {"sessionId": session})
    for id_ in (running, waiting):
        assert wire.answer(id_)["error"]["data"]["kind"] == "requestCancelled"


def test_a_restart_gives_a_fresh_lua_state(wire: Wire, session: str) -> None:
    run(wire, session, "x = 1")
    running = ask(wire, session, "while true do end")
    wire.request("jido/session/restart", {"sessionId": session})
    assert wire.answer(running)["error"]["data"]["kind"] == "requestCancelled"
    assert run(wire, session, "return x") == [None]


def test_the_limits_are_settings_of_the_server(project: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir(exist_ok=True)
    (config / "settings.json").write_text('{"lua": {"heapBytes": 2097152, "timeoutMs": 300}}')
    with server(tmp_path) as wire:
        wire.initialize()
        session = wire.open(project)
        params = {"sessionId": session, "script": "return #('x'):rep(3000000)"}
        assert wire.error("jido/manager/runLua", params)["data"]["limitBytes"] == 2 << 20
        params = {"sessionId": session, "script": "while true do end"}
        assert wire.error("jido/manager/runLua", params)["data"]["timeoutMs"] == 300


@pytest.mark.parametrize("end", ["exit", "close_input", "kill"])
def test_no_process_of_a_sandbox_outlives_the_server(wire: Wire, session: str, end: str) -> None:
    run(wire, session, "return 1")
    ask(wire, session, "print('running') while true do end")
    wire.request("jido/session/get", {"sessionId": session})
    children = psutil.Process(wire.process.pid).children(recursive=True)
    assert children
    match end:
        case "exit":
            wire.notify("exit")
        case "close_input":
            wire.close_input()
        case _:
            wire.process.kill()
    wire.exit_code(5)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def test_a_script_does_not_hold_up_the_server(wire: Wire, session: str, project: Path) -> None:
    busy = [wire.open(project) for _ in range(3)]
    asked = [ask(wire, one, "while true do end", timeoutMs=1000) for one in busy]
    for number in range(200):
        params = {"sessionId": session, "offset": number}
        assert wire.request("jido/state/setScrollOffset", params)["seq"] == number + 2
    for id_ in asked:
        assert wire.answer(id_)["error"]["data"]["kind"] == "luaTimeout"
