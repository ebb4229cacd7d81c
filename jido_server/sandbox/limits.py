"""What a script may use."""

from __future__ import annotations

import attrs

MOST_TIMEOUT_MS = 300_000


@attrs.frozen(kw_only=True)
class Limits:
    """What one script may use; settings of the server.

    Attributes:
        heap_bytes: Lua's heap, with all that a session's earlier scripts left in it.
        timeout_ms: How long a script may run if its caller doesn't say; a caller may allow up to
            ``MOST_TIMEOUT_MS``.
        output_bytes: How much of what it prints is kept.
        bridge_bytes: How much one call of the project may carry, each way; also the longest script.
        result_bytes: How much all its values may take.
        nodes: How many values its result may consist of, those within tables included.
        depth: How deep tables may be nested in it.
    """

    heap_bytes: int = 64 << 20
    timeout_ms: int = 30_000
    output_bytes: int = 1 << 20
    bridge_bytes: int = 16 << 20
    result_bytes: int = 4 << 20
    nodes: int = 50_000
    depth: int = 64
