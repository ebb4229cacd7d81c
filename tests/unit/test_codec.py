"""What the codec refuses, and how it names it."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Any, Literal

import attrs
import pytest

from jido_server.errors import InvalidParams
from jido_server.model import Message, ToolCall
from jido_server.protocol import codec, inputs, manager, session, settings, state
from jido_server.protocol.constraints import Length, Range
from jido_server.protocol.method import NoParams
from jido_server.updates import MessageAppended, MessagesCleared, Record


@attrs.frozen(kw_only=True)
class Inner:
    amount: int
    half: float = 0.5


@attrs.frozen(kw_only=True)
class Outer:
    some_items: list[Inner]
    by_name: dict[str, Inner]
    rows: list[list[int]]
    maybe: Inner | None
    later: Annotated[str, Length(2, 3)] | None = None
    count: Annotated[int, Range(1, 9)] = 1
    flag: Literal[True] | None = None
    anything: Any = None
    type_: Literal["a", "b"] = "a"


OUTER: dict[str, Any] = {"someItems": [], "byName": {}, "rows": [], "maybe": None}


def problems(value: object, cls: Any) -> dict[str, str]:
    with pytest.raises(InvalidParams) as caught:
        codec.structure(value, cls)
    return {problem.path: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("more", "path", "message"),
    [
        ({"someItems": [{}]}, "someItems[0].amount", "missing"),
        ({"someItems": [{"amount": 1}, 3]}, "someItems[1]", "expected object, got integer"),
        ({"someItems": {}}, "someItems", "expected array, got object"),
        ({"someItems": None}, "someItems", "expected array, got null"),
        ({"byName": {"a.b": {"amount": "1"}}}, "byName.a.b.amount", "expected integer, got string"),
        ({"byName": {"x": None}}, "byName.x", "expected object, got null"),
        ({"byName": [1]}, "byName", "expected object, got array"),
        ({"rows": [[1], [2, "3"]]}, "rows[1][1]", "expected integer, got string"),
        ({"rows": [1]}, "rows[0]", "expected array, got integer"),
        ({"maybe": {"amount": 1, "more": 2}}, "maybe.more", "unknown field"),
        ({"maybe": 1}, "maybe", "expected object, got integer"),
        ({"later": None}, "later", "expected string, got null"),
        ({"later": "x"}, "later", "expected 2 to 3 characters"),
        ({"later": "long"}, "later", "expected 2 to 3 characters"),
        ({"count": 0}, "count", "expected 1 to 9"),
        ({"count": 10}, "count", "expected 1 to 9"),
        ({"count": None}, "count", "expected integer, got null"),
        ({"flag": False}, "flag", "expected true"),
        ({"flag": 1}, "flag", "expected true"),
        ({"flag": None}, "flag", "expected true"),
        ({"type": "c"}, "type", 'expected one of "a", "b"'),
        ({"type_": "a"}, "type_", "unknown field"),
        ({"some_items": []}, "some_items", "unknown field"),
        ({"unheard of": 1}, "unheard of", "unknown field"),
    ],
)
def test_every_kind_of_problem_is_named_with_its_path(
    more: dict[str, Any], path: str, message: str
) -> None:
    assert problems(OUTER | more, Outer) == {f"params.{path}": message}


def test_all_problems_are_named_at_once() -> None:
    found = problems(
        {"sessionId": 1, "message": {"role": "x", "contnt": 3}}, state.AppendMessageParams
    )
    assert found == {
        "params.sessionId": "expected string, got integer",
        "params.message.role": 'expected one of "user", "assistant", "system", "tool"',
        "params.message.content": "missing",
        "params.message.contnt": "unknown field",
    }


def test_a_nullable_field_without_a_default_must_be_there() -> None:
    assert problems({"someItems": [], "byName": {}, "rows": []}, Outer) == {
        "params.maybe": "missing"
    }


@pytest.mark.parametrize(
    ("value", "got"), [(None, "null"), ("x", "string"), (1.5, "number"), ([1], "array")]
)
def test_params_that_are_no_object_are_named_as_a_whole(value: object, got: str) -> None:
    assert problems(value, NoParams) == {"params": f"expected object, got {got}"}


def test_problems_can_start_at_another_name_than_params() -> None:
    with pytest.raises(InvalidParams) as caught:
        codec.structure({"maxTokens": 0}, settings.KnownSettings, "settings")
    assert [problem.path for problem in caught.value.problems] == ["settings.maxTokens"]


@pytest.mark.parametrize(
    ("value", "tp"),
    [
        (12, str),
        (None, str),
        ("5", int),
        (1.0, int),
        (True, int),
        ("1.5", float),
        (True, float),
        ("false", bool),
        (1, bool),
        (0, bool),
        ("abc", list[str]),
        ({}, list[str]),
        ((), list[str]),
        ([["a", 1]], dict[str, Any]),
        ("", dict[str, int]),
        (0, NoneType),
        (True, Literal[1, 2]),
        (1.0, Literal[1, 2]),
        (True, Annotated[int, Range(0)]),
    ],
)
def test_nothing_is_coerced(value: object, tp: Any) -> None:
    assert list(problems(value, tp)) == ["params"]


@pytest.mark.parametrize("value", [1, 1.5])
def test_a_number_may_be_an_integer_and_stays_what_it_is(value: float) -> None:
    structured = codec.structure({"amount": 1, "half": value}, Inner)
    assert type(structured.half) is type(value)
    assert structured.half == value


def test_an_empty_array_stands_for_an_empty_object() -> None:
    assert codec.structure([], NoParams) == NoParams()
    call = codec.structure({"name": "x", "arguments": []}, inputs.ToolCallInput)
    assert call.arguments == {}
    assert codec.structure(OUTER | {"byName": []}, Outer).by_name == {}


def test_a_value_of_any_type_is_left_alone_even_null() -> None:
    value = {"jsonrpc": "2.0", "_x": [None, {"class": []}], "a-b": 1.0}
    assert codec.structure(OUTER | {"anything": value}, Outer).anything is value
    assert codec.structure(OUTER | {"anything": None}, Outer).anything is None


def test_left_out_fields_have_their_defaults() -> None:
    params = codec.structure({"sessionId": "a", "path": "b"}, manager.ReadFileParams)
    assert params == manager.ReadFileParams(session_id="a", path="b")


def test_names_are_camel_case_outside_and_never_end_in_an_underscore() -> None:
    result = settings.LoadSettingsResult(settings={}, global_={"a": 1}, local={}, warnings=[])
    assert codec.unstructure(result) == {
        "settings": {},
        "global": {"a": 1},
        "local": {},
        "warnings": [],
    }


def test_an_optional_field_without_a_value_is_not_sent() -> None:
    message = Message(id="a", role="user", content="b", timestamp="c")
    assert codec.unstructure(message) == {
        "id": "a",
        "role": "user",
        "content": "b",
        "timestamp": "c",
    }


def test_a_required_field_is_sent_even_if_null() -> None:
    call = ToolCall(id="a", name="b", arguments={}, result=None, status="pending", timestamp="c")
    assert codec.unstructure(call)["result"] is None


def test_a_field_with_another_default_than_none_is_sent() -> None:
    params = manager.ReadFileParams(session_id="a", path="b")
    assert codec.unstructure(params) == {"sessionId": "a", "path": "b", "encoding": "utf-8"}


def test_an_update_carries_its_kind() -> None:
    record = Record("a", 1, "t", MessagesCleared())
    plain = {"sessionId": "a", "seq": 1, "timestamp": "t", "update": {"kind": "messagesCleared"}}
    assert codec.unstructure(record) == plain
    assert codec.structure(plain, Record) == record


@pytest.mark.parametrize("update", [{}, {"kind": "x"}, {"kind": None}, {"kind": []}, []])
def test_an_update_of_no_known_kind_is_refused(update: object) -> None:
    plain = {"sessionId": "a", "seq": 1, "timestamp": "t", "update": update}
    found = problems(plain, Record)
    assert list(found) == ["params.update"]
    assert found["params.update"].startswith("unknown kind of update ")


def test_a_problem_within_an_update_is_named_with_its_path() -> None:
    update = {"kind": "messageAppended", "message": {"id": 1}}
    plain = {"sessionId": "a", "seq": 1, "timestamp": "t", "update": update}
    assert problems(plain, Record)["params.update.message.id"] == "expected string, got integer"
    assert "params.update.extra" in problems(plain | {"update": update | {"extra": 1}}, Record)


def test_a_list_of_values_is_unstructured_item_by_item() -> None:
    message = Message(id="a", role="user", content="b", timestamp="c", interrupted=True)
    update = MessageAppended(message)
    assert codec.unstructure([update]) == [
        {"kind": "messageAppended", "message": codec.unstructure(message)}
    ]


def test_a_null_result_is_null() -> None:
    assert codec.structure(None, session.CLOSE.result) is None
    assert codec.unstructure(None) is None
