"""``jido/tools/*`` that ask the deprecated global manager, or a session's in its place."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable
from typing import Protocol, TypeVar

from jido_server.protocol import global_manager as p
from jido_server.protocol.manager import (
    ListDirResult,
    PathResult,
    ProjectRootResult,
    ReadFileResult,
    RunLuaResult,
    WriteFileResult,
)
from jido_server.protocol.method import Request
from jido_server.server.handling import Handled
from jido_server.session.manager import Manager
from jido_server.session.sessions import Sessions
from jido_server.tools.global_manager import GlobalManager


class _Params(Protocol):
    @property
    def session_id(self) -> str | None: ...


P = TypeVar("P", bound=_Params)
R = TypeVar("R")


def handled(global_manager: GlobalManager) -> dict[str, Handled]:
    """Return the handlers, by the names of their methods."""

    def as_the_managers(
        method: Request[P, R], ask: Callable[[Manager, P], R | Future[R]]
    ) -> Handled:
        def handle(sessions: Sessions, params: P) -> R | Future[R]:
            if params.session_id is not None:
                return ask(sessions.get(params.session_id).manager, params)
            return ask(global_manager.get(method.name), params)

        return Handled(method, handle)

    table = (
        as_the_managers(p.PROJECT_ROOT, project_root),
        as_the_managers(p.VALIDATE_PATH, validate_path),
        as_the_managers(p.READ_FILE, read_file),
        as_the_managers(p.WRITE_FILE, write_file),
        as_the_managers(p.LIST_DIR, list_dir),
        as_the_managers(p.RUN_LUA, run_lua),
    )
    return {one.method.name: one for one in table}


def project_root(manager: Manager, _: p.GlobalProjectRootParams) -> ProjectRootResult:
    """Give the root."""
    return ProjectRootResult(project_root=manager.project_root)


def validate_path(manager: Manager, params: p.GlobalPathParams) -> Future[PathResult]:
    """Say where a path leads."""
    return manager.validate_path(params.path)


def read_file(manager: Manager, params: p.GlobalReadFileParams) -> Future[ReadFileResult]:
    """Read a file."""
    return manager.read_file(
        params.path, offset=params.offset, limit=params.limit, encoding=params.encoding
    )


def write_file(manager: Manager, params: p.GlobalWriteFileParams) -> Future[WriteFileResult]:
    """Write a file."""
    return manager.write_file(params.path, params.content, encoding=params.encoding)


def list_dir(manager: Manager, params: p.GlobalListDirParams) -> Future[ListDirResult]:
    """List a folder."""
    return manager.list_dir(params.path)


def run_lua(manager: Manager, params: p.GlobalRunLuaParams) -> Future[RunLuaResult]:
    """Run a script."""
    return manager.run_lua(params.script, timeout_ms=params.timeout_ms)
