"""What a value must fulfil beyond its type; the codec checks it and the schema says it."""

from __future__ import annotations

from typing import Annotated

import attrs


@attrs.frozen
class Range:
    """An integer from ``minimum`` to ``maximum``, both included."""

    minimum: int
    maximum: int | None = None

    def problem(self, value: int) -> str | None:
        """Say what is wrong with ``value``, if anything is."""
        if self.maximum is None:
            return None if value >= self.minimum else f"expected at least {self.minimum}"
        if self.minimum <= value <= self.maximum:
            return None
        return f"expected {self.minimum} to {self.maximum}"


@attrs.frozen
class Length:
    """A text of ``minimum`` to ``maximum`` characters, both included."""

    minimum: int
    maximum: int

    def problem(self, value: str) -> str | None:
        """Say what is wrong with ``value``, if anything is."""
        if self.minimum <= len(value) <= self.maximum:
            return None
        return f"expected {self.minimum} to {self.maximum} characters"


NonNegative = Annotated[int, Range(0)]
Positive = Annotated[int, Range(1)]
SessionName = Annotated[str, Length(1, 50)]
TimeoutMs = Annotated[int, Range(1, 300_000)]
