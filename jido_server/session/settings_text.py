"""What a settings file says, within limits that let it be loaded quickly and always be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import orjson

from jido_server.model import Settings
from jido_server.project.names import shown

MAX_BYTES = 64 << 10
"""To load the worst text of this size takes about ten milliseconds."""
MAX_LEVELS = 64
"""How deep arrays and objects may be nested, the settings themselves included."""
MAX_WARNINGS = 100
MAX_WARNING_CHARACTERS = 500
TOO_DEEP = f"it is nested more than {MAX_LEVELS} levels deep"


class Warnings:
    """What was ignored in settings, and why: not more than a person reads, and fit for JSON."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._more = 0

    def add(self, warning: str) -> None:
        """Add a sentence; a long one is cut, and beyond ``MAX_WARNINGS`` they are only counted."""
        if len(self._told) == MAX_WARNINGS:
            self._more += 1
            return
        if len(warning) > MAX_WARNING_CHARACTERS:
            warning = f"{warning[:MAX_WARNING_CHARACTERS]}…"
        self._told.append(shown(warning))

    def all(self) -> list[str]:
        """Return them in the order in which they were added."""
        return [*self._told, f"{self._more} more warnings"] if self._more else list(self._told)


@attrs.frozen
class Said:
    """What a settings file says.

    Attributes:
        settings: Its keys, without those that are nested too deep.
        has_all_permissions: Whether what it says of permissions is among them.
    """

    settings: Settings
    has_all_permissions: bool


UNREADABLE = Said({}, has_all_permissions=False)


def parse(text: bytes) -> Settings:
    """Return the keys of a settings file, however deep they are nested.

    Raises:
        ValueError: It is not a JSON object.
    """
    value = orjson.loads(text)
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - of the text, not of a type
    return value


def said(text: bytes, whose: str, warnings: Warnings) -> Said:
    """Return what a settings file says.

    Args:
        text: The content of the file.
        whose: ``global`` or ``local``, for the warnings.
        warnings: Are added to where a key is left out.

    Raises:
        ValueError: It is not a JSON object.
    """
    settings = parse(text)
    if text.count(b"[") + text.count(b"{") <= MAX_LEVELS:
        return Said(settings, has_all_permissions=True)
    deep = too_deep(settings)
    for key in deep:
        warnings.add(f"The {whose} setting {key} is ignored: {TOO_DEEP}")
    kept = {key: value for key, value in settings.items() if key not in deep}
    return Said(kept, has_all_permissions="permissions" not in deep)


def too_deep(settings: Mapping[str, Any]) -> set[str]:
    """Return the keys whose values are nested too deep to be told."""
    return {key for key, value in settings.items() if _is_deeper(value, MAX_LEVELS - 1)}


def _is_deeper(value: Any, levels: int) -> bool:  # noqa: ANN401 - any JSON value
    level = [value]
    for _ in range(levels + 1):
        containers = [each for each in level if type(each) in (dict, list)]
        if not containers:
            return False
        level = [
            inner
            for each in containers
            for inner in (each.values() if type(each) is dict else each)
        ]
    return True
