"""What a docstring says of a class and of each of its attributes."""

from __future__ import annotations

import inspect
import re

import attrs

SECTION = "\nAttributes:\n"
ATTRIBUTE = re.compile(r"^    (\w+): ", re.MULTILINE)


@attrs.frozen
class Doc:
    """A docstring in parts.

    Attributes:
        text: All but the attributes; paragraphs are lines, code stands in single backticks.
        attributes: What is said of each, by its name in Python.
    """

    text: str
    attributes: dict[str, str]


def read_doc(cls: type) -> Doc:
    """Return what the docstring of ``cls``, in Google's style, says."""
    text, _, section = inspect.cleandoc(cls.__doc__ or "").partition(SECTION)
    _, *parts = ATTRIBUTE.split(section)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    paragraphs = (_one_line(paragraph) for paragraph in text.split("\n\n"))
    return Doc("\n".join(paragraphs), {name: _one_line(said) for name, said in pairs})


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")
