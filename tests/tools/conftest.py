"""A session on a small project, with the tools as a model calls them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.tools.toolbox import Toolbox

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "hello.txt").write_text("one\ntwo\nthree\n")
    (root / "src" / "main.py").write_text("print('hello')\n")
    return root.resolve()


@pytest.fixture
def session(sessions: Sessions, project: Path) -> Session:
    return sessions.open(str(project))


@pytest.fixture
def toolbox() -> Toolbox:
    return Toolbox()


@pytest.fixture
def call(toolbox: Toolbox, session: Session) -> Call:
    """Calls a tool in the session, and returns its result."""

    async def call(name: str, **arguments: Any) -> Any:
        return (await toolbox.call_in(session, name, arguments)).result

    return call
