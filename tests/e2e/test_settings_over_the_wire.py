"""Settings over the wire, and noticed when they change on disk."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire import Wire, environment, server

pytestmark = pytest.mark.process


def write(path: Path, settings: Any) -> None:
    """Replace a file as an editor does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(settings), encoding="utf-8")
    fresh.replace(path)


def told_settings(wire: Wire, seconds: float) -> dict[str, Any]:
    """Return the settings of the next ``settingsChanged``."""
    until = time.monotonic() + seconds
    while True:
        message = wire.receive(until - time.monotonic())
        update = message.get("params", {}).get("update", {})
        if update.get("kind") == "settingsChanged":
            settings: dict[str, Any] = update["settings"]
            return settings


def test_the_projects_own_settings_are_on_top_of_the_global_ones(
    wire: Wire, project: Path, tmp_path: Path
) -> None:
    write(tmp_path / "config" / "settings.json", {"model": "global", "theme": "dark"})
    write(project / "jido_code" / "settings.json", {"model": "local", "tabs": 4})
    loaded = wire.request("jido/settings/load", {"projectPath": str(project)})
    assert loaded == {
        "settings": {"model": "local", "theme": "dark", "tabs": 4},
        "global": {"model": "global", "theme": "dark"},
        "local": {"model": "local", "tabs": 4},
        "warnings": [],
    }
    opened = wire.request("jido/session/open", {"projectPath": str(project)})
    assert opened["settings"] == loaded["settings"]


def test_setting_a_key_is_told_before_it_is_answered(wire: Wire, project: Path) -> None:
    first, second = wire.open(project), wire.open(project)
    answer = wire.request("jido/settings/set", {"sessionId": first, "key": "model", "value": "m"})
    assert answer == {"settings": {"model": "m"}}
    told = [(u["sessionId"], u["update"]) for u in wire.updates[2:]]
    update = {"kind": "settingsChanged", "settings": {"model": "m"}}
    assert told == [(first, update), (second, update)]
    where = wire.request("jido/settings/localPath", {"sessionId": first})
    assert where == {
        "path": str(project / "jido_code" / "settings.json"),
        "directory": str(project / "jido_code"),
        "exists": True,
    }
    assert json.loads(Path(where["path"]).read_text()) == {"model": "m"}
    assert [file.name for file in (project / "jido_code").iterdir()] == ["settings.json"]


def test_saved_settings_are_there_after_a_reload(wire: Wire, project: Path) -> None:
    params = {"projectPath": str(project), "settings": {"model": "m", "own": [1, {"a": None}]}}
    path = wire.request("jido/settings/save", params)["path"]
    assert path == str(project / "jido_code" / "settings.json")
    opened = wire.request("jido/session/open", {"projectPath": str(project)})
    assert opened["settings"] == params["settings"]


def test_a_malformed_file_is_warned_of_and_never_overwritten_by_set(
    wire: Wire, project: Path
) -> None:
    path = project / "jido_code" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"model": "half', encoding="utf-8")
    session = wire.open(project)
    loaded = wire.request("jido/settings/load", {"sessionId": session})
    assert loaded["settings"] == {}
    assert len(loaded["warnings"]) == 1
    assert str(path) in loaded["warnings"][0]
    error = wire.error("jido/settings/set", {"sessionId": session, "key": "model", "value": "m"})
    assert (error["code"], error["data"]["kind"]) == (1401, "settingsMalformed")
    assert error["data"]["path"] == str(path)
    assert path.read_text() == '{"model": "half'


def test_settings_that_do_not_fit_are_named(wire: Wire, project: Path) -> None:
    settings = {"temperature": "hot", "maxSteps": 0, "permissions": {"run_lua": "perhaps"}}
    params = {"projectPath": str(project), "settings": settings}
    error = wire.error("jido/settings/save", params)
    assert (error["code"], error["data"]["kind"]) == (1402, "invalidSettings")
    assert {problem["path"] for problem in error["data"]["problems"]} == {
        "settings.temperature",
        "settings.maxSteps",
        "settings.permissions.run_lua",
    }
    assert not (project / "jido_code").exists()


def test_a_link_does_not_lead_settings_out_of_the_project(
    wire: Wire, project: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text('{"model": "stolen"}')
    (project / "jido_code").symlink_to(outside)
    loaded = wire.request("jido/settings/load", {"projectPath": str(project)})
    assert loaded["settings"] == {}
    assert loaded["warnings"]
    params = {"projectPath": str(project), "settings": {"model": "m"}}
    assert wire.kind("jido/settings/save", params) == "symlinkEscapesBoundary"
    assert (outside / "settings.json").read_text() == '{"model": "stolen"}'


def test_changes_on_disk_are_told(wire: Wire, project: Path, tmp_path: Path) -> None:
    wire.open(project)
    local = project / "jido_code" / "settings.json"
    # The first change may come before anything is watched; it is seen all the same.
    write(local, {"model": "first"})
    assert told_settings(wire, 10) == {"model": "first"}
    for model in ("second", "third"):
        write(local, {"model": model})
        assert told_settings(wire, 10) == {"model": model}
    write(tmp_path / "config" / "settings.json", {"theme": "dark"})
    assert told_settings(wire, 10) == {"model": "third", "theme": "dark"}
    local.unlink()
    assert told_settings(wire, 10) == {"theme": "dark"}
    local.parent.rmdir()
    write(local, {"model": "again"})
    assert told_settings(wire, 10) == {"model": "again", "theme": "dark"}


@pytest.mark.parametrize(
    "text",
    [
        '{"permissions": []}',
        '{"lua": []}',
        f'{{"deep": {"[" * 252}{"]" * 252}}}',
        f'{{"permissions": {{"run_lua": {"[" * 251}{"]" * 251}}}}}',
    ],
)
def test_no_settings_make_a_project_impossible_to_open(
    wire: Wire, project: Path, tmp_path: Path, text: str
) -> None:
    for folder in (project / "jido_code", tmp_path / "config"):
        folder.mkdir(exist_ok=True)
        (folder / "settings.json").write_text(text)
        session = wire.open(project)
        of = {"sessionId": session}
        assert wire.request("jido/settings/load", of)["settings"].keys() <= {"permissions", "lua"}
        wire.request("jido/session/close", of)
        assert wire.request("jido/session/resume", of)
        wire.request("jido/session/delete", of)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
def test_a_server_starts_though_the_users_own_settings_are_a_fifo(
    tmp_path: Path, project: Path
) -> None:
    (tmp_path / "config").mkdir()
    os.mkfifo(tmp_path / "config" / "settings.json")
    with server(tmp_path) as wire:
        wire.initialize()
        session = wire.open(project)
        loaded = wire.request("jido/settings/load", {"sessionId": session})
        assert str(tmp_path / "config" / "settings.json") in loaded["warnings"][0]
        assert loaded["settings"]["permissions"]["run_lua"] == "deny"


@pytest.mark.skipif(sys.platform == "win32", reason="names are bytes on POSIX alone")
def test_a_configuration_folder_may_have_a_name_that_is_not_utf_8(
    tmp_path: Path, project: Path
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/c\xff"))
    folder.mkdir()
    (folder / "settings.json").write_text("{")
    env = environment(tmp_path, JIDO_CONFIG_DIR=str(folder))
    with server(tmp_path, env=env) as wire:
        wire.initialize()
        session = wire.open(project)
        loaded = wire.request("jido/settings/load", {"sessionId": session})
        assert r"c\xff/settings.json is ignored" in loaded["warnings"][0]
        write(folder / "settings.json", {"theme": "dark"})
        assert told_settings(wire, 10) == {"theme": "dark"}
        write(project / "jido_code" / "settings.json", {"model": "local"})
        assert told_settings(wire, 10) == {"theme": "dark", "model": "local"}
        wire.stop()


def test_requests_that_are_sent_at_once_change_settings_in_that_order(
    wire: Wire, project: Path
) -> None:
    (project / "jido_code").mkdir()
    first, second = wire.open(project), wire.open(project)
    for number in range(10):
        path = {"sessionId": first, "path": "jido_code/settings.json"}
        large = {"sessionId": first, "path": "large", "content": "x" * 600_000}
        asked = [
            wire.ask("jido/manager/writeFile", large),
            wire.ask("jido/manager/writeFile", path | {"content": '{"written": 1}'}),
            wire.ask("jido/settings/set", {"sessionId": second, "key": "set", "value": number}),
            wire.ask("jido/settings/set", {"projectPath": str(project), "key": "a", "value": 1}),
            wire.ask("jido/settings/load", {"sessionId": second}),
            wire.ask("jido/manager/readFile", path),
        ]
        answers = [wire.answer(one)["result"] for one in asked]
        assert answers[4]["local"] == {"written": 1, "set": number, "a": 1}
        assert json.loads(answers[5]["content"]) == answers[4]["local"]
