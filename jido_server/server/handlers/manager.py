"""``jido/manager/*``."""

from __future__ import annotations

from asyncio import Future

from jido_server.protocol import manager as p
from jido_server.protocol.method import SessionParams
from jido_server.server.handling import handles
from jido_server.session.sessions import Sessions


@handles(p.PROJECT_ROOT)
def project_root(sessions: Sessions, params: SessionParams) -> p.ProjectRootResult:
    """Give the project's root."""
    manager = sessions.get(params.session_id).manager
    return p.ProjectRootResult(project_root=manager.project_root)


@handles(p.VALIDATE_PATH)
def validate_path(sessions: Sessions, params: p.PathParams) -> Future[p.PathResult]:
    """Say where a path leads."""
    return sessions.get(params.session_id).manager.validate_path(params.path)


@handles(p.READ_FILE)
def read_file(sessions: Sessions, params: p.ReadFileParams) -> Future[p.ReadFileResult]:
    """Read a file."""
    manager = sessions.get(params.session_id).manager
    return manager.read_file(
        params.path, offset=params.offset, limit=params.limit, encoding=params.encoding
    )


@handles(p.WRITE_FILE)
def write_file(sessions: Sessions, params: p.WriteFileParams) -> Future[p.WriteFileResult]:
    """Write a file."""
    manager = sessions.get(params.session_id).manager
    return manager.write_file(params.path, params.content, encoding=params.encoding)


@handles(p.LIST_DIR)
def list_dir(sessions: Sessions, params: p.ListDirParams) -> Future[p.ListDirResult]:
    """List a folder."""
    return sessions.get(params.session_id).manager.list_dir(params.path)


@handles(p.STAT)
def stat(sessions: Sessions, params: p.PathParams) -> Future[p.StatResult]:
    """Say what is known of a path."""
    return sessions.get(params.session_id).manager.stat(params.path)


@handles(p.MAKE_DIR)
def make_dir(sessions: Sessions, params: p.PathParams) -> Future[p.MakeDirResult]:
    """Make a folder."""
    return sessions.get(params.session_id).manager.make_dir(params.path)


@handles(p.DELETE)
def delete(sessions: Sessions, params: p.DeleteParams) -> Future[None]:
    """Delete a file, a link or a folder."""
    manager = sessions.get(params.session_id).manager
    return manager.delete(params.path, recursive=params.recursive)


@handles(p.RUN_LUA)
def run_lua(sessions: Sessions, params: p.RunLuaParams) -> Future[p.RunLuaResult]:
    """Run a script."""
    manager = sessions.get(params.session_id).manager
    return manager.run_lua(params.script, timeout_ms=params.timeout_ms)


@handles(p.GLOB)
def glob(sessions: Sessions, params: p.GlobParams) -> Future[p.GlobResult]:
    """Find files by a pattern."""
    manager = sessions.get(params.session_id).manager
    return manager.glob(params.pattern, params.path, include_ignored=params.include_ignored)
