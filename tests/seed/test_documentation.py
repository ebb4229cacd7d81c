"""What the seed asks to be written down is written down."""

from __future__ import annotations

import inspect
import typing
from types import ModuleType

import attrs
import pytest

from jido_server import model
from jido_server.server import initialization
from jido_server.session import manager, session, settings, state
from jido_server.tools import global_manager

pytestmark = pytest.mark.quality


def public_functions(of: type | ModuleType) -> list[object]:
    return [
        member
        for name, member in vars(of).items()
        if inspect.isfunction(member)
        and not name.startswith("_")
        and member.__module__ == getattr(of, "__module__", of.__name__)
    ]


@pytest.mark.parametrize(
    "module", [manager, state, settings, session], ids=lambda one: one.__name__
)
def test_the_modules_of_a_session_are_documented(module: ModuleType) -> None:
    assert module.__doc__
    classes = [cls for cls in vars(module).values() if inspect.isclass(cls)]
    ours = [cls for cls in classes if cls.__module__ == module.__name__]
    assert ours
    for cls in ours:
        assert cls.__doc__, cls
        assert all(inspect.getdoc(function) for function in public_functions(cls)), cls


def test_what_a_session_consists_of_is_typed() -> None:
    fields = {field.name for field in attrs.fields(attrs.resolve_types(model.StateSnapshot))}
    assert fields >= {
        "session_id",
        "messages",
        "reasoning_steps",
        "tool_calls",
        "todos",
        "scroll_offset",
        "streaming_message",
        "is_streaming",
    }
    assert all(field.type is not None for field in attrs.fields(model.StateSnapshot))
    made_with = typing.get_type_hints(manager.Manager.__init__)
    assert {"boundary", "order", "sandbox"} <= made_with.keys()
    assert typing.get_type_hints(state.State.__init__)["session_id"] is str


def test_everything_public_of_the_settings_is_specified() -> None:
    functions = [*public_functions(settings), *public_functions(settings.ProjectSettings)]
    assert functions
    for function in functions:
        assert "return" in typing.get_type_hints(function), function
        assert inspect.getdoc(function), function


def test_the_order_of_settings_is_documented() -> None:
    said = " ".join(str(settings.__doc__).split())
    assert "the user's global ones, and the project's own on top of them" in said
    assert "A key of the project's own replaces the global one" in said
    assert "jido_code/settings.json" in said


def test_how_to_move_on_from_the_global_manager_is_documented() -> None:
    said = str(global_manager.__doc__)
    for word in (
        "deprecated",
        "jido/session/open",
        "sessionId",
        "projectRoot",
        "jido/manager/",
        "suppressDeprecationWarnings",
    ):
        assert word in said
    options = attrs.fields_dict(initialization.InitializationOptions)
    assert "suppress_deprecation_warnings" in options
