"""Methods of the settings: the global ones, and the project's own on top of them."""

from __future__ import annotations

from typing import Any

import attrs

from jido_server.model import Settings
from jido_server.protocol.method import Request


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

    key: str
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
