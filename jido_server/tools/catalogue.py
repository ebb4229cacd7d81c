"""The tools that there are."""

from __future__ import annotations

from jido_server.tools.lua import run_lua
from jido_server.tools.reading import find_files, list_directory, read_file
from jido_server.tools.search import search_files
from jido_server.tools.signature import Tool, ToolFunction
from jido_server.tools.todos import update_todos
from jido_server.tools.writing import edit_file, write_file

FUNCTIONS: tuple[ToolFunction, ...] = (
    read_file,
    write_file,
    edit_file,
    list_directory,
    find_files,
    search_files,
    run_lua,
    update_todos,
)

TOOLS: dict[str, Tool] = {tool.name: tool for tool in map(Tool.of, FUNCTIONS)}
"""Every tool, by its name."""
