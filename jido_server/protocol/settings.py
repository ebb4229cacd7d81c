"""Methods of the settings: the global ones, and the project's own on top of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import attrs

from jido_server.model import Settings
from jido_server.protocol.constraints import Length, Positive, Range, TimeoutMs
from jido_server.protocol.method import Request

Permission = Literal["allow", "ask", "deny"]


@attrs.frozen(kw_only=True)
class LuaSettings:
    """What scripts may use; read when the server starts.

    Attributes:
        heap_bytes: Of each session's Lua state; 64 MiB by default.
        timeout_ms: If a call doesn't say; 30,000 by default.
        output_bytes: Of what a script prints; 1 MiB by default.
        bridge_bytes: Of one call of the project, each way; 16 MiB by default.
    """

    heap_bytes: Annotated[int, Range(1 << 20, 4 << 30)] | None = None
    timeout_ms: TimeoutMs | None = None
    output_bytes: Annotated[int, Range(0, 64 << 20)] | None = None
    bridge_bytes: Annotated[int, Range(1 << 10, 64 << 20)] | None = None


@attrs.frozen(kw_only=True)
class KnownSettings:
    """The keys of a settings file that the server knows; others are kept as they are.

    Attributes:
        provider: Who runs the model.
        model: Which model to ask.
        base_url: Where the provider answers; of the global file alone.
        api_key_env: The environment variable that holds the key; of the global file alone.
        temperature: How freely the model answers, from 0.
        max_tokens: The longest answer.
        max_steps: How often the model may ask for tools in one turn.
        system_prompt: What the model is told first.
        lua: What scripts may use; of the global file alone.
        permissions: Whether a tool may be used, by its name; a project's own file may only tighten.
    """

    provider: str | None = None
    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    temperature: float | None = None
    max_tokens: Positive | None = None
    max_steps: Positive | None = None
    system_prompt: str | None = None
    lua: LuaSettings | None = None
    permissions: dict[str, Permission] | None = None


@attrs.frozen(kw_only=True)
class SettingsParams:
    """Params that name a project by a session on it, or by its path: exactly one of the two.

    Attributes:
        session_id: An open session.
        project_path: An absolute path of an existing directory.
    """

    session_id: str | None = None
    project_path: str | None = None


@attrs.frozen(kw_only=True)
class LoadSettingsResult:
    """The settings of a project.

    Attributes:
        settings: What holds: the project's own keys over the global ones.
        global_: What the user's own file says.
        local: What the project's file says.
        warnings: What was ignored, and why.
    """

    settings: Settings
    global_: Settings
    local: Settings
    warnings: list[str]


@attrs.frozen(kw_only=True)
class LocalPathResult:
    """Where a project keeps its own settings.

    Attributes:
        path: The file.
        directory: The folder that holds it.
        exists: Whether the file is there.
    """

    path: str
    directory: str
    exists: bool


@attrs.frozen(kw_only=True)
class SaveSettingsParams:
    """Params of ``jido/settings/save``.

    Attributes:
        settings: All of the project's own settings from now on.
        session_id: An open session.
        project_path: An absolute path of an existing directory.
    """

    settings: Settings
    session_id: str | None = None
    project_path: str | None = None


@attrs.frozen(kw_only=True)
class SaveSettingsResult:
    """The file that was written."""

    path: str


@attrs.frozen(kw_only=True)
class SetSettingParams:
    """Params of ``jido/settings/set``.

    Attributes:
        key: A key of the project's own settings.
        value: Its new value.
        session_id: An open session.
        project_path: An absolute path of an existing directory.
    """

    key: Annotated[str, Length(1, 200)]
    value: Any
    session_id: str | None = None
    project_path: str | None = None


@attrs.frozen(kw_only=True)
class SetSettingResult:
    """The merged settings, the change included."""

    settings: Settings


LOAD = Request(
    "jido/settings/load",
    SettingsParams,
    LoadSettingsResult,
    "The settings, and where they are from.",
)
LOCAL_PATH = Request(
    "jido/settings/localPath", SettingsParams, LocalPathResult, "Where the project keeps its own."
)
SAVE = Request(
    "jido/settings/save",
    SaveSettingsParams,
    SaveSettingsResult,
    "Replace the project's own settings.",
)
SET = Request(
    "jido/settings/set",
    SetSettingParams,
    SetSettingResult,
    "Change one of the project's own settings.",
)
