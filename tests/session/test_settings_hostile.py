"""Settings files that somebody hostile wrote, or that nobody can read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jido_server.errors import InvalidSettings, SettingsMalformed
from jido_server.model import Settings
from jido_server.project.boundary import Boundary
from jido_server.protocol import codec
from jido_server.sandbox.limits import Limits
from jido_server.session.global_settings import global_path
from jido_server.session.settings import ProjectSettings, sandbox_limits
from jido_server.session.settings_merge import STRICTNESS
from jido_server.session.settings_text import MAX_BYTES, MAX_LEVELS, MAX_WARNINGS

MAX_TOLD_BYTES = 4 * MAX_BYTES


@pytest.fixture
def settings(project: Path) -> Iterator[ProjectSettings]:
    global_path().parent.mkdir()
    (project / "jido_code").mkdir()
    boundary = Boundary.open(str(project))
    yield ProjectSettings(boundary)
    boundary.close()


def write_global(text: str) -> None:
    global_path().write_text(text, encoding="utf-8")


def write_local(project: Path, text: str) -> None:
    (project / "jido_code" / "settings.json").write_text(text, encoding="utf-8")


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def levels_of(value: Any) -> int:
    match value:
        case dict():
            return 1 + max(map(levels_of, value.values()), default=0)
        case list():
            return 1 + max(map(levels_of, value), default=0)
        case _:
            return 0


def told(value: object) -> bytes:
    """Return what a client is told; it fails as the server would."""
    return orjson.dumps(codec.unstructure(value))


@pytest.mark.parametrize("key", ["permissions", "lua"])
def test_an_empty_array_counts_as_an_empty_object(
    settings: ProjectSettings, project: Path, key: str
) -> None:
    write_global(json.dumps({key: []}))
    write_local(project, json.dumps({key: [], "a": 1}))
    loaded = settings.load()
    assert loaded.settings.get(key, {}) == {}
    assert loaded.settings["a"] == 1
    assert sandbox_limits() == Limits()


@pytest.mark.parametrize("levels", [MAX_LEVELS, 252, 1000])
def test_a_value_that_is_nested_too_deep_is_left_out_with_a_warning(
    settings: ProjectSettings, project: Path, levels: int
) -> None:
    write_global(f'{{"deep": {nested(levels)}, "theme": "dark"}}')
    write_local(project, f'{{"own": {nested(levels)}, "a": {nested(MAX_LEVELS - 1)}}}')
    loaded = settings.load()
    assert set(loaded.settings) == {"theme", "a"}
    assert ["deep" in warning for warning in loaded.warnings] == [True, True]
    assert levels_of(json.loads(told(loaded))["settings"]) == MAX_LEVELS


def test_what_is_nested_deeper_than_anything_can_parse_counts_as_malformed(
    settings: ProjectSettings, project: Path
) -> None:
    write_local(project, f'{{"own": {nested(30_000)}}}')
    assert "is ignored" in settings.load().warnings[0]
    with pytest.raises(SettingsMalformed):
        settings.set("a", 1)


def test_a_key_is_set_whatever_is_wrong_with_others(
    settings: ProjectSettings, project: Path
) -> None:
    write_local(project, f'{{"deep": {nested(100)}, "temperature": "hot"}}')
    settings.set("model", "m")
    text = (project / "jido_code" / "settings.json").read_text()
    assert json.loads(text) == {
        "deep": json.loads(nested(100)),
        "temperature": "hot",
        "model": "m",
    }
    write_local(project, f'{{"deep": {nested(800)}}}')
    with pytest.raises(SettingsMalformed):
        settings.set("model", "m")


def test_what_could_not_be_loaded_again_is_not_written(
    settings: ProjectSettings,
) -> None:
    deep = json.loads(nested(MAX_LEVELS))
    for settings_ in ({"a": "x" * MAX_BYTES}, {"a": deep}):
        with pytest.raises(InvalidSettings):
            settings.save(settings_)
        with pytest.raises(InvalidSettings):
            settings.set("a", settings_["a"])
    assert not settings.exists()
    settings.save({"a": "x" * (MAX_BYTES // 2)})
    with pytest.raises(InvalidSettings):
        settings.set("b", "x" * (MAX_BYTES // 2))
    assert settings.load().warnings == []


def test_a_hundred_thousand_keys_take_few_warnings(
    settings: ProjectSettings, project: Path
) -> None:
    write_local(project, json.dumps({str(number): number for number in range(100_000)}))
    assert len(settings.load().warnings) == 1
    many = {f"{number}": 1 for number in range(MAX_BYTES // 12)}
    write_local(project, json.dumps({"permissions": many}))
    warnings = settings.load().warnings
    assert len(warnings) == MAX_WARNINGS + 1
    assert warnings[-1] == f"{len(many) - MAX_WARNINGS} more warnings"
    write_local(project, json.dumps({"permissions": {"x" * 100_000: 1}}))
    assert len(settings.load().warnings[0]) < 1000


def test_a_word_that_is_not_understood_forbids_where_the_user_wrote_it(
    settings: ProjectSettings, project: Path
) -> None:
    write_global('{"permissions": {"run_lua": "dney", "read_file": "deny", "edit_file": 1}}')
    write_local(project, '{"permissions": {"write_file": "deny", "glob": "perhaps"}}')
    loaded = settings.load()
    denied = ("run_lua", "read_file", "edit_file", "write_file")
    assert loaded.settings["permissions"] == dict.fromkeys(denied, "deny")
    assert len(loaded.warnings) == 3


def test_a_project_can_not_allow_a_tool_that_the_server_does_not_know(
    settings: ProjectSettings, project: Path
) -> None:
    write_local(project, '{"permissions": {"run_command": "allow", "of_others": "allow"}}')
    loaded = settings.load()
    assert "permissions" not in loaded.settings
    assert len(loaded.warnings) == 2


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_configuration_folder_whose_name_is_not_utf_8_is_told_as_json_can(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.fsencode(project.parent) + b"/c\xff"
    Path(os.fsdecode(folder)).mkdir()
    monkeypatch.setenv("JIDO_CONFIG_DIR", os.fsdecode(folder))
    with Boundary.open(str(project)) as boundary:
        settings = ProjectSettings(boundary)
        global_path().write_text('{"theme": "dark"}')
        assert settings.load().settings == {"theme": "dark"}
        global_path().write_text("{")
        loaded = settings.load()
        assert told(loaded)
        assert r"c\xff/settings.json is ignored" in loaded.warnings[0]


words = st.sampled_from(["allow", "ask", "deny", "perhaps", "", "\ud7ff"])
tools = st.sampled_from(["read_file", "run_lua", "write_file", "of_others", "", "a.b[0]"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(tools, inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["permissions", "lua", "model", "baseUrl", "apiKeyEnv", "maxSteps", "own", "", "x.y"]
)
permissions = st.dictionaries(tools, words | values, max_size=5)
objects = st.dictionaries(keys, values, max_size=5) | st.builds(
    lambda given, own: given | {"permissions": own},
    st.dictionaries(keys, values, max_size=3),
    permissions,
)
files = (
    objects.map(json.dumps)
    | st.builds(
        lambda given, key, levels: (
            json.dumps(given)[:-1] + f'{"," * bool(given)}"{key}":' + nested(levels) + "}"
        ),
        objects,
        keys,
        st.integers(50, 300),
    )
    | st.text(max_size=20)
)


@given(user=files, own=files)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_files_settings_are_told_and_only_tighten(
    settings: ProjectSettings, project: Path, user: str, own: str
) -> None:
    write_global(user)
    write_local(project, own)
    loaded = settings.load()
    assert len(told(loaded)) < MAX_TOLD_BYTES
    for one in (loaded.settings, loaded.global_, loaded.local):
        assert levels_of(one) <= MAX_LEVELS
    write_local(project, "{}")
    alone = settings.load().settings
    for key in ("baseUrl", "apiKeyEnv", "lua"):
        assert loaded.settings.get(key) == alone.get(key)
    merged, before = permissions_of(loaded.settings), permissions_of(alone)
    for tool, permission in merged.items():
        default = "allow" if tool == "read_file" else "ask"
        assert STRICTNESS[permission] >= STRICTNESS[before.get(tool, default)]
    assert before.keys() <= merged.keys()


def permissions_of(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = settings.get("permissions", {})
    return found
