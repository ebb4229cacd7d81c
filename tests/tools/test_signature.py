"""A typed function is a tool: what a model is told is what the codec takes."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.errors import InvalidParams
from jido_server.protocol import codec
from jido_server.protocol.constraints import Positive
from jido_server.protocol.inputs import TodoInput
from jido_server.tools.catalogue import TOOLS
from jido_server.tools.place import Place
from jido_server.tools.signature import Tool
from tests.support.strategies import JSON, values


def example(place: Place, *, path: str, lines: Positive = 3, todos: list[TodoInput]) -> str:
    """Do something.

    In a second paragraph it is said
    at length.

    Args:
        place: Where.
        path: A path,
            on two lines.
        lines: How ``many``.
        todos: Things.

    Raises:
        Nothing: At all.
    """
    return f"{place} {path} {lines} {todos}"


EXAMPLE = Tool.of(example)


def problems(tool: Tool, arguments: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidParams) as refused:
        tool.check(arguments)
    return {problem.path: problem.message for problem in refused.value.problems}


def test_name_and_description_are_those_of_the_function() -> None:
    assert EXAMPLE.name == "example"
    assert EXAMPLE.description == "Do something.\nIn a second paragraph it is said at length."


def test_the_schema_is_made_from_the_types() -> None:
    assert EXAMPLE.input_schema == {
        "type": "object",
        "properties": {
            "path": {"description": "A path, on two lines.", "type": "string"},
            "lines": {
                "description": "How `many`.",
                "type": "integer",
                "minimum": 1,
                "default": 3,
            },
            "todos": {
                "description": "Things.",
                "type": "array",
                "items": {"$ref": "#/$defs/TodoInput"},
            },
        },
        "required": ["path", "todos"],
        "additionalProperties": False,
        "$defs": {
            "TodoInput": {
                "description": "An item to be stored; a missing id is filled in.",
                "type": "object",
                "properties": {
                    "content": {"type": "string"},
                    "status": {"enum": ["pending", "in_progress", "completed"]},
                    "id": {"type": "string"},
                },
                "required": ["content", "status"],
                "additionalProperties": False,
            }
        },
    }


def test_every_problem_with_the_arguments_is_named() -> None:
    given = {"path": 5, "lines": 0, "todos": [{"content": "x", "status": "done"}], "more": 1}
    assert problems(EXAMPLE, given) == {
        "params.arguments.path": "expected string, got integer",
        "params.arguments.lines": "expected at least 1",
        "params.arguments.todos[0].status": (
            'expected one of "pending", "in_progress", "completed"'
        ),
        "params.arguments.more": "unknown field",
    }
    assert problems(EXAMPLE, {"lines": None}) == {
        "params.arguments.path": "missing",
        "params.arguments.todos": "missing",
        "params.arguments.lines": "expected integer, got null",
    }


@pytest.mark.parametrize("tool", TOOLS.values(), ids=list(TOOLS))
def test_every_tool_tells_a_model_all_it_needs(tool: Tool) -> None:
    jsonschema.Draft202012Validator.check_schema(tool.input_schema)
    assert tool.description.splitlines()[0].endswith(".")
    assert tool.arguments
    for argument in tool.arguments:
        assert argument.doc.endswith(".")
        assert argument.name == argument.name.lower()


def test_the_tools_are_those_of_the_contract() -> None:
    assert sorted(TOOLS) == [
        "edit_file",
        "find_files",
        "list_directory",
        "read_file",
        "run_lua",
        "search_files",
        "update_todos",
        "write_file",
    ]


@given(st.data())
def test_what_the_codec_takes_fits_the_schema(data: st.DataObject) -> None:
    tool = data.draw(st.sampled_from(list(TOOLS.values())))
    arguments = {
        argument.name: codec.unstructure(data.draw(values(argument.type)))
        for argument in tool.arguments
        if argument.is_required or data.draw(st.booleans())
    }
    tool.check(arguments)
    jsonschema.Draft202012Validator(tool.input_schema).validate(arguments)


@given(st.data())
def test_what_does_not_fit_the_schema_is_refused(data: st.DataObject) -> None:
    tool = data.draw(st.sampled_from(list(TOOLS.values())))
    names = st.sampled_from([argument.name for argument in tool.arguments]) | st.text(max_size=3)
    arguments = data.draw(
        st.dictionaries(names, JSON.filter(lambda value: value != []), max_size=4)
    )
    if not jsonschema.Draft202012Validator(tool.input_schema).is_valid(arguments):
        assert problems(tool, arguments)
