"""The deprecated global manager over the wire, and in which order a root is found."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire import Wire, environment, server

pytestmark = pytest.mark.process

ROOT = "jido/tools/projectRoot"
METHODS: dict[str, dict[str, Any]] = {
    "jido/tools/projectRoot": {},
    "jido/tools/validatePath": {"path": "which"},
    "jido/tools/readFile": {"path": "which"},
    "jido/tools/writeFile": {"path": "new", "content": "x"},
    "jido/tools/listDir": {},
    "jido/tools/runLua": {"script": "return jido.read_file('which')"},
    "jido/tools/call": {"name": "read_file", "arguments": {"path": "which"}},
}


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    """Three projects, each with a file that says which it is."""
    roots = {}
    for which in ("global", "session", "given"):
        roots[which] = (tmp_path / which).resolve()
        roots[which].mkdir()
        (roots[which] / "which").write_text(which)
    return roots


@pytest.fixture
def wire(raw: Wire, roots: dict[str, Path]) -> Wire:
    raw.initialize(workspaceFolders=[{"uri": roots["global"].as_uri(), "name": "global"}])
    return raw


@pytest.fixture
def session(wire: Wire, roots: dict[str, Path]) -> str:
    return wire.open(roots["session"])


def warned(wire: Wire) -> list[str]:
    said = [one["message"] for one in wire.logs if one["type"] == 2]
    return [message.split()[0] for message in said if "deprecated" in message]


def read(wire: Wire, **more: Any) -> str:
    given = {"name": "read_file", "arguments": {"path": "which"}, **more}
    return str(wire.request("jido/tools/call", given)["result"]["content"])


def test_without_a_session_the_workspaces_folder_is_used(
    wire: Wire, roots: dict[str, Path]
) -> None:
    root = roots["global"]
    assert wire.request(ROOT) == {"projectRoot": str(root)}
    assert wire.request("jido/tools/validatePath", {"path": "./which"}) == {
        "path": str(root / "which")
    }
    assert wire.request("jido/tools/readFile", {"path": "which"})["content"] == "global"
    written = wire.request("jido/tools/writeFile", {"path": "a/new", "content": "new"})
    assert written == {"path": str(root / "a" / "new"), "size": 3, "created": True}
    listed = wire.request("jido/tools/listDir", {"path": "a"})
    assert listed["entries"] == [{"name": "new", "type": "file"}]
    ran = wire.request("jido/tools/runLua", {"script": "return jido.project_root()"})
    assert ran["values"] == [str(root)]


def test_with_a_session_its_manager_is_used_and_nothing_is_warned_of(
    wire: Wire, session: str, roots: dict[str, Path]
) -> None:
    of = {"sessionId": session}
    root = roots["session"]
    assert wire.request(ROOT, of) == {"projectRoot": str(root)}
    path = wire.request("jido/tools/validatePath", of | {"path": "which"})["path"]
    assert path == str(root / "which")
    assert wire.request("jido/tools/readFile", of | {"path": "which"})["content"] == "session"
    wire.request("jido/tools/writeFile", of | {"path": "new", "content": "x"})
    assert (root / "new").read_text() == "x"
    assert len(wire.request("jido/tools/listDir", of)["entries"]) == 2
    wire.request("jido/tools/runLua", of | {"script": "x = 'of the session'"})
    ran = wire.request("jido/manager/runLua", of | {"script": "return x"})
    assert ran["values"] == ["of the session"]
    assert warned(wire) == []


def test_answers_are_the_managers_own(wire: Wire, session: str) -> None:
    for name, given in (
        ("projectRoot", {}),
        ("validatePath", {"path": "x"}),
        ("readFile", {"path": "which", "encoding": "base64"}),
        ("listDir", {"path": "."}),
    ):
        params = given | {"sessionId": session}
        theirs = wire.request(f"jido/manager/{name}", params)
        assert wire.request(f"jido/tools/{name}", params) == theirs
    for method in ("jido/tools/readFile", "jido/manager/readFile"):
        error = wire.error(method, {"sessionId": session, "path": "../global/which"})
        assert error["data"]["kind"] == "pathEscapesBoundary"


def test_the_global_manager_has_a_boundary_too(wire: Wire, roots: dict[str, Path]) -> None:
    for path, kind in (
        ("../given/which", "pathEscapesBoundary"),
        (str(roots["given"] / "which"), "pathOutsideBoundary"),
    ):
        for method in ("validatePath", "readFile"):
            assert wire.kind(f"jido/tools/{method}", {"path": path}) == kind
        assert wire.kind("jido/tools/writeFile", {"path": path, "content": "x"}) == kind


def test_a_root_is_found_by_session_then_by_path_then_globally(
    wire: Wire, session: str, roots: dict[str, Path]
) -> None:
    given = str(roots["given"])
    assert read(wire, sessionId=session, projectRoot=given) == "session"
    assert read(wire, sessionId=session) == "session"
    assert read(wire, projectRoot=given) == "given"
    assert warned(wire) == []
    assert read(wire) == "global"
    assert warned(wire) == ["jido/tools/call"]
    error = wire.error(
        "jido/tools/call", {"name": "read_file", "arguments": {}, "projectRoot": "gone"}
    )
    assert error["data"]["kind"] == "invalidProjectPath"


def test_only_calls_with_a_session_have_an_id(
    wire: Wire, session: str, roots: dict[str, Path]
) -> None:
    given = {"name": "list_directory", "arguments": {}}
    for without in (given, given | {"projectRoot": str(roots["given"])}):
        assert wire.request("jido/tools/call", without)["toolCallId"] is None
    with_one = wire.request("jido/tools/call", given | {"sessionId": session})
    calls = wire.request("jido/state/getToolCalls", {"sessionId": session})["toolCalls"]
    assert [call["id"] for call in calls] == [with_one["toolCallId"]]


def test_each_has_a_sandbox_of_its_own(wire: Wire, session: str, roots: dict[str, Path]) -> None:
    def run(script: str, **more: Any) -> Any:
        given = {"name": "run_lua", "arguments": {"script": script}, **more}
        return wire.request("jido/tools/call", given)["result"]["values"]

    places: list[dict[str, Any]] = [
        {},
        {"projectRoot": str(roots["given"])},
        {"projectRoot": str(roots["global"])},
        {"sessionId": session},
    ]
    for number, place in enumerate(places):
        assert run(f"local before = x; x = {number}; return before", **place) == [None]
    assert [run("return x", **place) for place in places] == [[0], [1], [2], [3]]
    assert wire.request("jido/tools/runLua", {"script": "return x"})["values"] == [0]


def test_every_method_warns_once(raw: Wire, roots: dict[str, Path]) -> None:
    raw.initialize(rootUri=roots["global"].as_uri())
    for _ in range(2):
        for method, given in METHODS.items():
            raw.request(method, given)
    assert warned(raw) == list(METHODS)


def test_warnings_are_pythons_own_too_and_can_be_suppressed(
    tmp_path: Path, roots: dict[str, Path]
) -> None:
    for is_silent in (False, True):
        env = environment(tmp_path, PYTHONWARNINGS="always::DeprecationWarning")
        with server(tmp_path, "--log-level", "error", stderr=subprocess.PIPE, env=env) as wire:
            options = {"suppressDeprecationWarnings": is_silent}
            wire.initialize(rootUri=roots["global"].as_uri(), initializationOptions=options)
            for _ in range(2):
                wire.request(ROOT)
            assert warned(wire) == ([] if is_silent else [ROOT])
            wire.stop()
            assert wire.process.stderr is not None
            said = wire.process.stderr.read().decode()
        assert said.count(f"DeprecationWarning: {ROOT}") == (0 if is_silent else 1)


@pytest.mark.parametrize("folder", [None, "gone"])
def test_without_a_workspace_the_working_directory_is_used(
    raw: Wire, tmp_path: Path, folder: str | None
) -> None:
    raw.initialize(rootUri=None if folder is None else (tmp_path / folder).as_uri())
    assert raw.request(ROOT) == {"projectRoot": str(Path.cwd().resolve())}


def test_a_session_that_is_closed_is_not_replaced_by_the_global_manager(
    wire: Wire, session: str
) -> None:
    wire.request("jido/session/close", {"sessionId": session})
    for method, given in METHODS.items():
        assert wire.kind(method, given | {"sessionId": session}) == "sessionNotFound"
