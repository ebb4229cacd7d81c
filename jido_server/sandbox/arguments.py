"""The arguments of a script's call, checked as they are taken."""

from __future__ import annotations

from typing import Any


class BadArgument(Exception):
    """An argument isn't what the function takes; the script is told."""


class Arguments:
    """What a script passed, in order; what it left out or passed as nil is missing."""

    def __init__(self, given: list[Any]) -> None:
        self._given = given

    def path(self, index: int, default: str | None = None) -> str:
        """Return an argument that is text: a path or a pattern.

        Raises:
            BadArgument: It isn't, or is missing and there is no default.
        """
        value = self._at(index)
        if value is None and default is not None:
            return default
        if not isinstance(value, bytes):
            raise BadArgument(f"argument {index + 1} must be a string")
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise BadArgument(f"argument {index + 1} is not UTF-8 text") from None

    def content(self, index: int) -> bytes:
        """Return an argument that is a string of any bytes.

        Raises:
            BadArgument: It isn't.
        """
        value = self._at(index)
        if not isinstance(value, bytes):
            raise BadArgument(f"argument {index + 1} must be a string")
        return value

    def option(self, name: str) -> int | None:
        """Return a field of the table of options, the second argument: a positive whole number.

        Raises:
            BadArgument: It isn't one, or the options are no table.
        """
        options = self._at(1)
        if options is None or options == []:  # an empty table is an empty list
            return None
        if not isinstance(options, dict):
            raise BadArgument("the options must be a table")
        value = options.get(name.encode())
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise BadArgument(f"{name} must be a positive integer")
        return value

    def _at(self, index: int) -> Any:  # noqa: ANN401  (any decoded value)
        return self._given[index] if index < len(self._given) else None
