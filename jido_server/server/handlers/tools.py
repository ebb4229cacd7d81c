"""``jido/tools/*``: the catalogue, and calling a tool."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable

from jido_server.errors import InvalidParams, Problem
from jido_server.protocol import tools as p
from jido_server.protocol.method import NoParams
from jido_server.server.handlers import global_manager as global_handlers
from jido_server.server.handling import Handled
from jido_server.server.initialization import Initialization
from jido_server.session.sessions import Sessions
from jido_server.session.surroundings import Surroundings
from jido_server.tools.global_manager import GlobalManager, Workspace
from jido_server.tools.roots import Roots
from jido_server.tools.toolbox import Toolbox


def handled(
    toolbox: Toolbox, around: Surroundings, initialization: Callable[[], Initialization | None]
) -> dict[str, Handled]:
    """Return the handlers, by the names of their methods.

    Args:
        toolbox: The tools.
        around: What all sessions share.
        initialization: Gives what the client said of itself, once it has.
    """
    roots = Roots(around)

    def workspace() -> Workspace:
        said = initialization()
        assert said is not None, "nothing is called before the client has initialized"
        return Workspace(said.root, said.options.suppress_deprecation_warnings)

    global_manager = GlobalManager(roots.manager, workspace)

    def list_(_: Sessions, __: NoParams) -> p.ToolListResult:
        return p.ToolListResult(tools=toolbox.describe())

    def call(sessions: Sessions, params: p.CallToolParams) -> Future[p.CallToolResult]:
        name, arguments, call_id = params.name, params.arguments, params.tool_call_id
        if params.session_id is not None:
            return toolbox.call_in(sessions.get(params.session_id), name, arguments, call_id)
        if call_id is not None:
            raise InvalidParams([Problem("params.toolCallId", "only a session records calls")])
        if params.project_root is not None:
            return toolbox.call_with(roots.at(params.project_root), name, arguments)
        return toolbox.call_with(global_manager.get(p.CALL.name), name, arguments)

    table = (Handled(p.LIST, list_), Handled(p.CALL, call))
    return {one.method.name: one for one in table} | global_handlers.handled(global_manager)
