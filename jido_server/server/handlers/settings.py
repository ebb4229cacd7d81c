"""``jido/settings/*``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jido_server.errors import InvalidParams, Problem
from jido_server.protocol import settings as p
from jido_server.server.handling import handles
from jido_server.session.sessions import Sessions
from jido_server.session.settings import ProjectSettings

_AnyParams = p.SettingsParams | p.SaveSettingsParams | p.SetSettingParams


@handles(p.LOAD)
def load(sessions: Sessions, params: p.SettingsParams) -> p.LoadSettingsResult:
    """Load the settings."""
    with _of(sessions, params) as settings:
        return settings.load()


@handles(p.LOCAL_PATH)
def local_path(sessions: Sessions, params: p.SettingsParams) -> p.LocalPathResult:
    """Say where the project keeps its own settings."""
    with _of(sessions, params) as settings:
        return p.LocalPathResult(
            path=settings.path, directory=settings.directory, exists=settings.exists()
        )


@handles(p.SAVE)
def save(sessions: Sessions, params: p.SaveSettingsParams) -> p.SaveSettingsResult:
    """Replace the project's own settings."""
    with _of(sessions, params) as settings:
        settings.save(params.settings)
        sessions.refresh_settings({settings.directory})
        return p.SaveSettingsResult(path=settings.path)


@handles(p.SET)
def set_(sessions: Sessions, params: p.SetSettingParams) -> p.SetSettingResult:
    """Change one of the project's own settings."""
    with _of(sessions, params) as settings:
        settings.set(params.key, params.value)
        sessions.refresh_settings({settings.directory})
        return p.SetSettingResult(settings=settings.load().settings)


@contextmanager
def _of(sessions: Sessions, params: _AnyParams) -> Iterator[ProjectSettings]:
    """Give the settings of the project that the params name."""
    match params.session_id, params.project_path:
        case str(session_id), None:
            yield sessions.get(session_id).project_settings
        case None, str(project_path):
            with sessions.project_settings(project_path) as settings:
                yield settings
        case _:
            raise InvalidParams(
                [Problem("params", "expected either sessionId or projectPath")],
            )
