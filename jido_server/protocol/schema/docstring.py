"""What a docstring says of a class and its attributes, or of a function and its arguments."""

from __future__ import annotations

import inspect
import re
from typing import Literal

import attrs

NAMED = re.compile(r"^    (\w+): ", re.MULTILINE)


@attrs.frozen
class Doc:
    """A docstring in parts.

    Attributes:
        text: What comes before; paragraphs are lines, code stands in single backticks.
        attributes: What is said of each attribute or argument, by its name in Python.
    """

    text: str
    attributes: dict[str, str]


def read_doc(of: object, section: Literal["Attributes", "Args"] = "Attributes") -> Doc:
    """Return what the docstring of a class or a function, in Google's style, says."""
    text, _, rest = inspect.cleandoc(of.__doc__ or "").partition(f"\n{section}:\n")
    _, *parts = NAMED.split(rest.partition("\n\n")[0])
    pairs = zip(parts[::2], parts[1::2], strict=True)
    paragraphs = (_one_line(paragraph) for paragraph in text.split("\n\n"))
    return Doc("\n".join(paragraphs), {name: _one_line(said) for name, said in pairs})


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")
