from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jido_server.errors import InvalidSettings, NotDirectory, SettingsMalformed
from jido_server.project.boundary import Boundary
from jido_server.sandbox.limits import Limits
from jido_server.session.global_settings import global_path
from jido_server.session.settings import ProjectSettings, problems, sandbox_limits
from jido_server.session.settings_text import MAX_BYTES


@pytest.fixture
def settings(project: Path) -> Iterator[ProjectSettings]:
    boundary = Boundary.open(str(project))
    yield ProjectSettings(boundary)
    boundary.close()


def write_global(value: Any) -> None:
    global_path().parent.mkdir(exist_ok=True)
    global_path().write_text(json.dumps(value), encoding="utf-8")


def write_local(project: Path, text: str) -> Path:
    path = project / "jido_code" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_files_there_are_no_settings(settings: ProjectSettings) -> None:
    loaded = settings.load()
    assert (loaded.settings, loaded.global_, loaded.local, loaded.warnings) == ({}, {}, {}, [])
    assert not settings.exists()


def test_own_keys_replace_global_ones_as_a_whole(settings: ProjectSettings, project: Path) -> None:
    write_global({"a": {"x": 1}, "b": 2})
    write_local(project, '{"a": {"y": 3}}')
    assert settings.load().settings == {"a": {"y": 3}, "b": 2}


def test_the_paths_are_beneath_the_project(settings: ProjectSettings, project: Path) -> None:
    assert settings.path == str(project / "jido_code" / "settings.json")
    assert settings.directory == str(project / "jido_code")


def test_saving_makes_the_folder_and_the_file(settings: ProjectSettings, project: Path) -> None:
    settings.save({"model": "m", "own": None})
    assert settings.exists()
    assert settings.load().local == {"model": "m", "own": None}
    assert [path.name for path in (project / "jido_code").iterdir()] == ["settings.json"]


def test_one_key_is_set_and_the_others_are_kept(settings: ProjectSettings) -> None:
    settings.save({"a": 1, "b": 2})
    settings.set("b", [3])
    assert settings.load().local == {"a": 1, "b": [3]}


@pytest.mark.parametrize("text", ["{", "[]", "null", "", '{"a": NaN}', "\xff"])
def test_a_malformed_file_is_empty_warned_of_and_left_alone(
    settings: ProjectSettings, project: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_local(project, "")
    path.write_bytes(text.encode("latin-1"))
    loaded = settings.load()
    assert loaded.settings == {}
    assert len(loaded.warnings) == 1
    assert str(path) in loaded.warnings[0]
    assert loaded.warnings[0] in caplog.text
    with pytest.raises(SettingsMalformed):
        settings.set("a", 1)
    assert path.read_bytes() == text.encode("latin-1")


def in_the_place_of_the_global_file(what: str) -> None:
    """Put there what can't be read as settings."""
    path = global_path()
    path.parent.mkdir(exist_ok=True)
    match what:
        case "FIFO":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "dangling link":
            path.symlink_to("nowhere")
        case "link in a circle":
            path.symlink_to(path.name)
        case "device":
            path.symlink_to("/dev/zero")
        case "socket":
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(path))
        case "too large":
            path.write_bytes(b"{" + b" " * MAX_BYTES + b"}")
        case "permissions too deep":
            path.write_bytes(b'{"permissions": {"run_lua": ' + b"[" * 64 + b"]" * 64 + b"}}")
        case text:
            path.write_text(text)


@pytest.mark.parametrize(
    "what",
    [
        *("FIFO", "folder", "dangling link", "link in a circle", "device", "socket", "too large"),
        *("{", "[]", "", '{"permissions": "deny"}', "permissions too deep"),
    ],
)
def test_where_the_global_settings_can_not_be_read_nothing_is_allowed_that_would_ask(
    settings: ProjectSettings, project: Path, what: str
) -> None:
    in_the_place_of_the_global_file(what)
    write_local(project, '{"a": 1, "permissions": {"others": "ask", "run_lua": "allow"}}')
    loaded = settings.load()
    denied = ("edit_file", "others", "run_command", "run_lua", "write_file")
    assert loaded.settings == {"a": 1, "permissions": dict.fromkeys(denied, "deny")}
    assert "global" in loaded.warnings[0] or str(global_path()) in loaded.warnings[0]
    assert sandbox_limits() == Limits()


def test_a_file_in_the_place_of_the_folder_is_warned_of(
    settings: ProjectSettings, project: Path
) -> None:
    (project / "jido_code").write_text("in the way")
    assert settings.load().warnings
    with pytest.raises(NotDirectory):
        settings.save({})


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"model": 3}, ["settings.model"]),
        ({"temperature": "hot", "maxTokens": 0}, ["settings.temperature", "settings.maxTokens"]),
        ({"permissions": {"run_lua": "maybe"}}, ["settings.permissions.run_lua"]),
        ({"permissions": []}, []),
        ({"provider": None}, ["settings.provider"]),
        ({"unknown": object, "temperature": 1}, []),
    ],
)
def test_known_keys_are_checked_and_others_may_be_anything(
    value: dict[str, Any], paths: list[str]
) -> None:
    assert sorted(problem.path for problem in problems(value)) == sorted(paths)


def test_what_does_not_fit_is_not_saved(settings: ProjectSettings) -> None:
    settings.save({"model": "kept"})
    with pytest.raises(InvalidSettings):
        settings.save({"model": 3})
    with pytest.raises(InvalidSettings):
        settings.set("temperature", "hot")
    assert settings.load().local == {"model": "kept"}


def test_what_does_not_fit_in_a_file_is_ignored_by_name(
    settings: ProjectSettings, project: Path
) -> None:
    write_global({"model": "global", "maxSteps": "many"})
    write_local(project, '{"model": 5, "permissions": {"a.b": "maybe"}, "own": 1}')
    loaded = settings.load()
    assert loaded.settings == {"model": "global", "own": 1}
    assert loaded.local["model"] == 5
    assert len(loaded.warnings) == 3


def test_a_projects_own_file_can_not_say_where_a_key_is_sent(
    settings: ProjectSettings, project: Path
) -> None:
    write_global({"baseUrl": "https://good.example", "provider": "a"})
    write_local(project, '{"baseUrl": "https://evil.example", "apiKeyEnv": "AWS", "provider": "b"}')
    loaded = settings.load()
    assert loaded.settings == {"baseUrl": "https://good.example", "provider": "b"}
    assert ["baseUrl" in warning or "apiKeyEnv" in warning for warning in loaded.warnings] == [
        True,
        True,
    ]


def test_a_projects_own_permissions_only_tighten(settings: ProjectSettings, project: Path) -> None:
    write_global({"permissions": {"run_lua": "allow", "read_file": "ask"}})
    own = {
        "run_lua": "deny",
        "read_file": "allow",
        "write_file": "allow",
        "edit_file": "deny",
        "glob": "ask",
    }
    write_local(project, json.dumps({"permissions": own}))
    loaded = settings.load()
    assert loaded.settings["permissions"] == {
        "run_lua": "deny",
        "read_file": "ask",
        "edit_file": "deny",
        "glob": "ask",
    }
    assert len(loaded.warnings) == 2


def test_scripts_may_use_what_the_users_own_settings_say(
    settings: ProjectSettings, project: Path
) -> None:
    assert sandbox_limits() == Limits()
    write_global({"lua": {"heapBytes": 8 << 20, "timeoutMs": 500}})
    write_local(project, '{"lua": {"heapBytes": 1000000000}}')
    assert sandbox_limits() == Limits(heap_bytes=8 << 20, timeout_ms=500)
    assert "lua is ignored" in settings.load().warnings[0]
    write_global({"lua": {"heapBytes": 1}})
    assert sandbox_limits() == Limits()


def test_the_platform_has_a_place_for_global_settings(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert global_path().is_relative_to(project.parent)
    monkeypatch.delenv("JIDO_CONFIG_DIR")
    assert global_path().name == "settings.json"
    assert "jido_code" in str(global_path())
