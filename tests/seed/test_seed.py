"""Every line of the seed's phase 2 has a test that proves it, and that test exists."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import ROOT

pytestmark = pytest.mark.quality

TABLE = Path(__file__).with_name("phase-02.toml")

NUMBERED = {
    "2.1.1": 6,
    "2.1.2": 4,
    "2.1.3": 4,
    "2.1.4": 4,
    "2.1.5": 9,
    "2.1.6": 4,
    "2.2.1": 6,
    "2.2.2": 3,
    "2.2.3": 5,
    "2.2.4": 5,
    "2.2.5": 7,
    "2.2.6": 6,
    "2.3.1": 4,
    "2.3.2": 5,
    "2.3.3": 4,
    "2.3.4": 5,
    "2.4.1": 6,
    "2.4.2": 3,
    "2.5.1": 6,
    "2.5.2": 5,
    "2.5.3": 6,
    "2.5.4": 5,
}
"""How many items each task of the seed has."""

LISTS = {"2.1": 11, "2.2": 10, "2.3": 8, "2.4": 4, "2.5": 4}
"""How many lines the list of tests at the end of each section has."""

CRITERIA = 11
"""How many criteria of success there are."""

ASKED_COVERAGE = 80
"""Per cent, as the seed asks."""

ITEMS = [
    *(f"{task}.{number}" for task, count in NUMBERED.items() for number in range(1, count + 1)),
    *(f"{section}.u{number}" for section, count in LISTS.items() for number in range(1, count + 1)),
    *(f"success.{number}" for number in range(1, CRITERIA + 1)),
]


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests of a file; a state machine is one."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    names = []
    for node in ast.parse(file.read_text("utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.append(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                names.append(name)
    return frozenset(name for name in names if name.lower().startswith("test"))


def test_the_table_has_every_item_and_no_other() -> None:
    assert set(table()) == set(ITEMS)
    assert len(ITEMS) == 160
    for item in table().values():
        assert item["says"]


@pytest.mark.parametrize("item", ITEMS)
def test_every_test_that_is_named_exists(item: str) -> None:
    named = table()[item]["proven_by"]
    assert named, "nothing proves it"
    for test in named:
        path, _, name = test.partition("::")
        assert name in names_in(path), f"there is no {test}"


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert "test_nothing" not in names_in("tests/seed/test_seed.py")
    assert names_in("tests/seed/nothing.py") == frozenset()
    assert "test_a_test_that_is_not_there_is_noticed" in names_in("tests/seed/test_seed.py")
    assert "TestState" in names_in("tests/session/test_state_machine.py")


def test_less_coverage_than_the_seed_asks_for_fails_the_whole_run() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    coverage = settings["coverage"]
    assert coverage["report"]["fail_under"] >= ASKED_COVERAGE
    assert coverage["run"]["source"] == ["jido_server"]
    assert coverage["run"]["branch"]
    assert "--cov" in settings["pytest"]["ini_options"]["addopts"]
