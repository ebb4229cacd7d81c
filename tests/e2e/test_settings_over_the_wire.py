"""Settings over the wire, and noticed when they change on disk."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire import Wire

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
