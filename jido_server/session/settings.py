"""Settings of a project: the user's global ones, and the project's own on top of them.

The project's file is ``jido_code/settings.json`` beneath its root, read and written through the
boundary; the global one is ``settings.json`` in the user's configuration folder. A key of the
project's own replaces the global one; what it may not decide is in ``settings_merge``.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import attrs
import orjson

from jido_server.errors import (
    FileNotFound,
    InvalidParams,
    InvalidSettings,
    PathError,
    Problem,
    SettingsMalformed,
)
from jido_server.model import Settings
from jido_server.project.boundary import Boundary
from jido_server.project.files import Files
from jido_server.project.walk import refuse_link
from jido_server.protocol import codec
from jido_server.protocol.settings import KnownSettings, LoadSettingsResult, LuaSettings
from jido_server.sandbox.limits import Limits
from jido_server.session.global_settings import FILE_NAME, global_path, read_global
from jido_server.session.settings_merge import KNOWN, merge, sound
from jido_server.session.settings_text import (
    MAX_BYTES,
    TOO_DEEP,
    UNREADABLE,
    Said,
    Warnings,
    parse,
    said,
    too_deep,
)

log = logging.getLogger(__name__)

LOCAL_DIRECTORY = "jido_code"
LOCAL_FILE = f"{LOCAL_DIRECTORY}/{FILE_NAME}"
SETTLED_NS = 1_000_000_000
"""How old a change must be so that no later one can look the same."""

Stamp = tuple[int, ...] | str
"""What tells one content of a file from another without reading it; or why it can't be told."""


def problems(settings: Settings, path: str = "settings") -> list[Problem]:
    """Name what is wrong with ``settings``: a known key that doesn't fit, a value too deep."""
    deep = too_deep(settings)
    known = {key: value for key, value in settings.items() if key in KNOWN and key not in deep}
    found = [Problem(f"{path}.{key}", TOO_DEEP) for key in sorted(deep)]
    try:
        codec.structure(known, KnownSettings, path)
    except InvalidParams as error:
        found += error.problems
    return found


def sandbox_limits() -> Limits:
    """Return what scripts may use: as the user's own settings say, else the defaults."""
    warnings = Warnings()
    settings = sound(read_global(warnings).settings, "global", warnings)
    for warning in warnings.all():
        log.warning("%s", warning)
    chosen = codec.structure(settings.get("lua", {}), LuaSettings)
    return Limits(
        **{key: value for key, value in attrs.asdict(chosen).items() if value is not None}
    )


class ProjectSettings:
    """The settings of one project.

    Args:
        boundary: The project's; it is not closed here.

    Attributes:
        root: The project's.
        path: The project's own file, absolute.
        directory: The folder that holds it.
    """

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._files = Files(boundary)
        self._warned: list[str] = []
        self.root = boundary.root
        self.path = str(Path(boundary.root) / LOCAL_FILE)
        self.directory = str(Path(boundary.root) / LOCAL_DIRECTORY)

    def exists(self) -> bool:
        """Whether the project has a file of its own."""
        return self._files.is_file(LOCAL_FILE)

    def load(self) -> LoadSettingsResult:
        """Return what holds; what can't be used is left out and warned of."""
        warnings = Warnings()
        user = read_global(warnings)
        own = self._read(warnings)
        settings = merge(user, own, warnings)
        self._log(told := warnings.all())
        return LoadSettingsResult(
            settings=settings, global_=user.settings, local=own.settings, warnings=told
        )

    def save(self, settings: Settings) -> None:
        """Replace the project's own settings, all or nothing, flushed to the disk.

        Raises:
            InvalidSettings: A known key doesn't fit, or they are too large.
            PathError: The file can't be written.
        """
        if found := problems(settings):
            raise InvalidSettings(found)
        self._write(settings)

    def set(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Change one key of the project's own settings, whatever is wrong with others.

        Raises:
            SettingsMalformed: The file is there but can't be understood; it is left as it is.
            InvalidSettings: The value doesn't fit the key, or the settings become too large.
        """
        if found := problems({key: value}):
            raise InvalidSettings(found)
        try:
            self._write(parse(self._text()) | {key: value})
        except (PathError, ValueError, orjson.JSONEncodeError) as error:
            raise SettingsMalformed(self.path, str(error)) from error

    def stamp(self) -> Stamp:
        """Return what is different whenever the file is."""
        try:
            status, _ = self._boundary.reach(LOCAL_FILE, refuse_link)
        except PathError as error:
            return error.kind
        return stamp_of(status)

    def _text(self) -> bytes:
        try:
            return self._files.read(LOCAL_FILE, limit=MAX_BYTES)
        except FileNotFound:
            return b"{}"

    def _read(self, warnings: Warnings) -> Said:
        try:
            return said(self._text(), "local", warnings)
        except (PathError, ValueError) as error:
            warnings.add(f"{self.path} is ignored: {error}")
            return UNREADABLE

    def _write(self, settings: Settings) -> None:
        text = orjson.dumps(settings, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if len(text) > MAX_BYTES:
            text = orjson.dumps(settings)  # a person would hardly read it
        if len(text) > MAX_BYTES:
            problem = f"expected at most {MAX_BYTES} bytes as written, got {len(text)}"
            raise InvalidSettings([Problem("settings", problem)])
        self._files.write(LOCAL_FILE, text, durable=True)

    def _log(self, warnings: list[str]) -> None:
        """Say what was not said of the settings when they were last loaded."""
        for warning in warnings:
            if warning not in self._warned:
                log.warning("%s", warning)
        self._warned = warnings


def global_stamp() -> Stamp:
    """Return what is different whenever the user's own file is."""
    try:
        return stamp_of(global_path().stat())
    except OSError as error:
        return type(error).__name__


def stamp_of(status: os.stat_result) -> Stamp:
    """Return what tells this content; of a file that has just changed, never the same twice."""
    now = time.time_ns()
    unsettled = now if abs(now - status.st_ctime_ns) < SETTLED_NS else 0
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        unsettled,
    )
