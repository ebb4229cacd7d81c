"""What stands in brackets in a wildcard: ``[abc]``, ``[a-z]``, ``[!a]``, ``[[:digit:]]``.

Read as git reads it, and by hand: a hostile set never reaches an engine that could be kept busy.
"""

from __future__ import annotations

import attrs

_CLASSES: dict[str, tuple[tuple[str, str], ...]] = {
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "alpha": (("A", "Z"), ("a", "z")),
    "blank": ((" ", " "), ("\t", "\t")),
    "cntrl": (("\0", "\x1f"), ("\x7f", "\x7f")),
    "digit": (("0", "9"),),
    "graph": (("!", "~"),),
    "lower": (("a", "z"),),
    "print": ((" ", "~"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")),
    "space": ((" ", " "), ("\t", "\r")),
    "upper": (("A", "Z"),),
    "xdigit": (("0", "9"), ("A", "F"), ("a", "f")),
}


@attrs.frozen
class CharacterSet:
    """A set of characters.

    Attributes:
        negated: Whether it stands for all others.
        singles: Characters that are named.
        ranges: First and last characters.
    """

    negated: bool
    singles: str
    ranges: tuple[tuple[str, str], ...]

    def __call__(self, character: str) -> bool:
        """Tell whether a character is in it."""
        found = character in self.singles or any(
            first <= character <= last for first, last in self.ranges
        )
        return found is not self.negated


class _Reader:
    """Reads one set; an ``IndexError`` is the end of the text."""

    def __init__(self, text: str, begin: int) -> None:
        self.text = text
        self.at = begin
        self.singles: list[str] = []
        self.ranges: list[tuple[str, str]] = []

    def read(self) -> CharacterSet:
        negated = self.text[self.at] in "!^"
        self.at += negated
        previous = self._item("")
        while self.text[self.at] != "]":
            previous = self._item(previous)
        self.at += 1
        return CharacterSet(negated, "".join(self.singles), tuple(self.ranges))

    def _item(self, previous: str) -> str:
        """Take one item; return its character if a range can begin with it."""
        character = self.text[self.at]
        if character == "-" and previous and self.text[self.at + 1] != "]":
            self.at += 1
            self.ranges.append((previous, self._character()))
            return ""
        if self.text.startswith("[:", self.at) and self._class():
            return ""
        character = self._character()
        self.singles.append(character)
        return character

    def _character(self) -> str:
        self.at += self.text[self.at] == "\\"
        self.at += 1
        return self.text[self.at - 1]

    def _class(self) -> bool:
        """Take a named class, if it is one.

        Raises:
            KeyError: It is written as a class, and there is none of this name.
        """
        end = self.text.index("]", self.at + 2)
        if self.text[end - 1] != ":" or end - 1 < self.at + 2:
            return False
        self.ranges.extend(_CLASSES[self.text[self.at + 2 : end - 1]])
        self.at = end + 1
        return True


def character_set(text: str, begin: int) -> tuple[CharacterSet, int] | None:
    """Read a set.

    Args:
        text: The pattern.
        begin: The place behind the opening bracket.

    Returns:
        The set and the place behind its closing bracket, or None if it is malformed, and so
        stands for nothing.
    """
    reader = _Reader(text, begin)
    try:
        return reader.read(), reader.at
    except (IndexError, KeyError, ValueError):
        return None
