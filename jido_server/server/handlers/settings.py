"""``jido/settings/*``."""

from __future__ import annotations

import asyncio
from asyncio import Future

from jido_server.errors import InvalidParams, Problem
from jido_server.protocol import settings as p
from jido_server.server.handling import handles
from jido_server.session.sessions import Sessions
from jido_server.session.settings import ProjectSettings
from jido_server.session.settings_access import SettingsAccess

_AnyParams = p.SettingsParams | p.SaveSettingsParams | p.SetSettingParams


@handles(p.LOAD)
def load(sessions: Sessions, params: p.SettingsParams) -> Future[p.LoadSettingsResult]:
    """Load the settings."""
    return _access(sessions, params).read(lambda settings: settings.load())


@handles(p.LOCAL_PATH)
def local_path(sessions: Sessions, params: p.SettingsParams) -> Future[p.LocalPathResult]:
    """Say where the project keeps its own settings."""

    def where(settings: ProjectSettings) -> p.LocalPathResult:
        return p.LocalPathResult(
            path=settings.path, directory=settings.directory, exists=settings.exists()
        )

    return _access(sessions, params).read(where)


@handles(p.SAVE)
def save(sessions: Sessions, params: p.SaveSettingsParams) -> Future[p.SaveSettingsResult]:
    """Replace the project's own settings."""
    access = _access(sessions, params)
    saving = access.change(lambda settings: settings.save(params.settings))

    async def saved() -> p.SaveSettingsResult:
        await saving
        return p.SaveSettingsResult(path=access.path)

    return asyncio.ensure_future(saved())


@handles(p.SET)
def set_(sessions: Sessions, params: p.SetSettingParams) -> Future[p.SetSettingResult]:
    """Change one of the project's own settings."""
    setting = _access(sessions, params).change(
        lambda settings: settings.set(params.key, params.value)
    )

    async def set_to() -> p.SetSettingResult:
        return p.SetSettingResult(settings=(await setting).settings)

    return asyncio.ensure_future(set_to())


def _access(sessions: Sessions, params: _AnyParams) -> SettingsAccess:
    """Return the settings of the project that the params name."""
    match params.session_id, params.project_path:
        case str(session_id), None:
            return SettingsAccess.of_session(sessions, session_id)
        case None, str(project_path):
            return SettingsAccess.of_project(sessions, project_path)
        case _:
            raise InvalidParams(
                [Problem("params", "expected either sessionId or projectPath")],
            )
