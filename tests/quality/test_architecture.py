"""Every invariant that ARCHITECTURE.md promises is held by a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT

pytestmark = pytest.mark.quality

ARCHITECTURE = ROOT / "jido_server" / "ARCHITECTURE.md"

ROW = re.compile(r"^\|(?P<cells>.+)\|(?P<last>[^|]*)\|$", re.MULTILINE)

TEST = re.compile(r"`(tests/[\w/]+\.py)::(?:\w+::)?(test_\w+)`")


def test_every_invariant_names_a_test_that_exists() -> None:
    _, _, invariants = ARCHITECTURE.read_text("utf-8").partition("\n## Invariants\n")
    rows = list(ROW.finditer(invariants.partition("\n## ")[0]))[2:]
    assert rows, "there is no table of invariants"
    for row in rows:
        named = TEST.findall(row["last"])
        assert named, f"names no test: {row[0]}"
        for path, name in named:
            assert name in functions(ROOT / path), f"there is no {path}::{name}"


def functions(path: Path) -> set[str]:
    """Return the names of all functions of a file, those of classes too."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"`(jido_server/[\w/.]+|tests/[\w/]+\.py)", ARCHITECTURE.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []
