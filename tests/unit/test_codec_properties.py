"""What holds for every value of every type that the wire has."""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jido_server.errors import InvalidParams
from jido_server.protocol import codec
from jido_server.protocol.schema.emitters import emit
from jido_server.protocol.schema.shapes import wire_name
from tests.support.mutations import mutations
from tests.support.strategies import PARAMS, values, wire_types

WIRE_TYPES = wire_types()

STRICT = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: type(value) is int
    ),
)
"""A validator to which 1.0 is no integer; JSON Schema itself can't tell."""

examples = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@functools.cache
def schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(emit("json"))
    return schema


def validator(name: str) -> Any:
    return STRICT({"$ref": f"#/$defs/{name}", "$defs": schema()["$defs"]})


@pytest.mark.parametrize("name", WIRE_TYPES)
@given(data=st.data())
@examples
def test_every_value_survives_the_wire_and_fits_the_schema(name: str, data: st.DataObject) -> None:
    cls = WIRE_TYPES[name]
    value = data.draw(values(cls))
    plain = codec.unstructure(value)
    assert read(cls, json.loads(json.dumps(plain))) == value
    validator(wire_name(cls)).validate(plain)


def read(cls: Any, plain: Any) -> Any:
    """Structure; a single update is known by its kind, which is no field of its class."""
    fields = {name: item for name, item in plain.items() if name != "kind"}
    return codec.structure(fields if hasattr(cls, "kind") else plain, cls)


@pytest.mark.parametrize("name", PARAMS)
@given(data=st.data())
@examples
def test_whatever_is_wrong_with_params_is_named_with_its_path(
    name: str, data: st.DataObject
) -> None:
    cls = PARAMS[name]
    plain = codec.unstructure(data.draw(values(cls)))
    faults = list(mutations(cls, plain, "params"))
    for bad, path in faults:
        with pytest.raises(InvalidParams) as caught:
            codec.structure(bad, cls)
        assert [problem.path for problem in caught.value.problems] == [path], bad
    bad, path = data.draw(st.sampled_from(faults))
    assert not validator(wire_name(cls)).is_valid(bad), (bad, path)
