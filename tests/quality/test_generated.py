"""What is generated from the registry and committed is what the registry says now."""

from __future__ import annotations

import pytest

from jido_server.protocol.schema.emitters import Format, emit
from tests.support.repository import ROOT

pytestmark = pytest.mark.quality


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("json", "jido_server/protocol/schema/jido.schema.json"),
        ("markdown", "jido_server/protocol/PROTOCOL.md"),
    ],
)
def test_a_generated_file_is_fresh(to: Format, path: str) -> None:
    if (ROOT / path).read_text(encoding="utf-8") != emit(to):
        pytest.fail(f"stale; run: jido-server schema --format {to} > {path}", pytrace=False)
