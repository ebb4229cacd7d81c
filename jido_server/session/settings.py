"""Settings of a project: the user's global ones, and the project's own on top of them.

The project's file is ``jido_code/settings.json`` beneath its root, read and written through the
boundary; the global one is ``settings.json`` in the user's configuration folder. A key of the
project's own replaces the global one. What comes with a project is not trusted: it can't say where
a model's key is sent, nor loosen a permission.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import orjson
import platformdirs

from jido_server.errors import (
    FileNotFound,
    InvalidParams,
    InvalidSettings,
    PathError,
    Problem,
    SettingsMalformed,
)
from jido_server.model import Settings
from jido_server.naming import camel_case
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.protocol import codec
from jido_server.protocol.settings import (
    KnownSettings,
    LoadSettingsResult,
    LuaSettings,
    Permission,
)
from jido_server.sandbox.limits import Limits

log = logging.getLogger(__name__)

FILE_NAME = "settings.json"
LOCAL_DIRECTORY = "jido_code"
LOCAL_FILE = f"{LOCAL_DIRECTORY}/{FILE_NAME}"
MAX_BYTES = 1 << 20
GLOBAL_ONLY = ("baseUrl", "apiKeyEnv", "lua")
KNOWN = frozenset(camel_case(field.name) for field in attrs.fields(KnownSettings))
STRICTNESS: dict[Permission, int] = {"allow": 0, "ask": 1, "deny": 2}
ASK_BY_DEFAULT = frozenset({"write_file", "edit_file", "run_lua"})


def global_path() -> Path:
    """Return where the user's own settings are: ``JIDO_CONFIG_DIR``, else the platform's place."""
    folder = os.environ.get("JIDO_CONFIG_DIR")
    base = Path(folder) if folder else platformdirs.user_config_path("jido_code", appauthor=False)
    return base / FILE_NAME


def problems(settings: Settings, path: str = "settings") -> list[Problem]:
    """Name what is wrong with the known keys of ``settings``; unknown ones may hold anything."""
    known = {key: value for key, value in settings.items() if key in KNOWN}
    try:
        codec.structure(known, KnownSettings, path)
    except InvalidParams as error:
        return error.problems
    return []


def sandbox_limits() -> Limits:
    """Return what scripts may use: as the user's own settings say, else the defaults."""
    warnings: list[str] = []
    settings = _sound(_usable(_load_global, global_path(), warnings), "global", warnings)
    chosen = codec.structure(settings.get("lua", {}), LuaSettings)
    return Limits(
        **{key: value for key, value in attrs.asdict(chosen).items() if value is not None}
    )


class ProjectSettings:
    """The settings of one project.

    Args:
        boundary: The project's; it is not closed here.

    Attributes:
        path: The project's own file, absolute.
        directory: The folder that holds it.
    """

    def __init__(self, boundary: Boundary) -> None:
        self._files = Files(boundary)
        self.path = str(Path(boundary.root) / LOCAL_FILE)
        self.directory = str(Path(boundary.root) / LOCAL_DIRECTORY)

    def exists(self) -> bool:
        """Whether the project has a file of its own."""
        return self._files.is_file(LOCAL_FILE)

    def load(self) -> LoadSettingsResult:
        """Return what holds; a file that can't be used counts as empty and is warned of."""
        warnings: list[str] = []
        global_ = _usable(_load_global, global_path(), warnings)
        local = _usable(self._load_local, self.path, warnings)
        sound = _sound(global_, "global", warnings)
        settings = sound | _trusted(_sound(local, "local", warnings), sound, warnings)
        for warning in warnings:
            log.warning("%s", warning)
        return LoadSettingsResult(
            settings=settings, global_=global_, local=local, warnings=warnings
        )

    def save(self, settings: Settings) -> None:
        """Replace the project's own settings, all or nothing, flushed to the disk.

        Raises:
            InvalidSettings: A known key doesn't fit.
            PathError: The file can't be written.
        """
        if found := problems(settings):
            raise InvalidSettings(found)
        text = orjson.dumps(settings, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        self._files.write(LOCAL_FILE, text, durable=True)

    def set(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Change one key of the project's own settings.

        Raises:
            SettingsMalformed: The file is there but can't be understood; it is left as it is.
            InvalidSettings: The value doesn't fit the key.
        """
        try:
            local = self._load_local()
        except (PathError, ValueError) as error:
            raise SettingsMalformed(self.path, str(error)) from error
        self.save(local | {key: value})

    def _load_local(self) -> Settings:
        try:
            return _parse(self._files.read(LOCAL_FILE, limit=MAX_BYTES))
        except FileNotFound:
            return {}


def _load_global() -> Settings:
    try:
        with global_path().open("rb") as file:
            return _parse(file.read(MAX_BYTES))
    except FileNotFoundError:
        return {}


def _parse(text: bytes) -> Settings:
    value = orjson.loads(text)
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - of the text, not of a type
    return value


def _usable(load: Callable[[], Settings], path: str | Path, warnings: list[str]) -> Settings:
    try:
        return load()
    except (PathError, OSError, ValueError) as error:
        warnings.append(f"{path} is ignored: {error}")
        return {}


def _sound(settings: Settings, whose: str, warnings: list[str]) -> Settings:
    """Return ``settings`` without the known keys that don't fit."""
    wrong = set()
    for problem in problems(settings, path=whose):
        wrong.add(re.split(r"[.\[]", problem.path)[1])
        warnings.append(f"The {whose} setting {problem.path} is ignored: {problem.message}")
    return {key: value for key, value in settings.items() if key not in wrong}


def _trusted(local: Settings, global_: Settings, warnings: list[str]) -> Settings:
    """Return what a project's own settings may decide."""
    trusted = dict(local)
    for key in GLOBAL_ONLY:
        if key in trusted:
            del trusted[key]
            warnings.append(f"The project's own {key} is ignored: only the global one counts")
    if "permissions" in trusted:
        trusted["permissions"] = _tightened(
            trusted["permissions"], global_.get("permissions", {}), warnings
        )
    return trusted


def _tightened(
    local: dict[str, Permission], global_: dict[str, Permission], warnings: list[str]
) -> dict[str, Permission]:
    merged = dict(global_)
    for tool, permission in local.items():
        before = global_.get(tool, "ask" if tool in ASK_BY_DEFAULT else "allow")
        if STRICTNESS[permission] < STRICTNESS[before]:
            warnings.append(f'The project\'s own "{permission}" for {tool} is ignored: it loosens')
        else:
            merged[tool] = permission
    return merged
