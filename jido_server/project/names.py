"""What a path may look like, decided before any system call.

A path from a client becomes a list of components relative to the root, or one of the boundary's
errors. Nothing here touches the file system: whether a link leads elsewhere is the walk's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from jido_server.errors import InvalidPath, PathEscapesBoundary, PathOutsideBoundary

LONGEST_PATH = 4095
"""Bytes of a path that the system calls take (``PATH_MAX`` without its NUL)."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def split(path: str) -> list[str]:
    """Return the components of a path.

    Empty ones and ``.`` are left out, but for one ``.`` at the end of a path that ends in ``/`` or
    ``.`` and so means a directory.
    """
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.endswith(("/", "/.")) or not parts:
        parts.append(".")
    return parts


def leads_above(parts: Iterable[str]) -> bool:
    """Tell whether ``..`` leaves the start of the path anywhere, even if it comes back."""
    depth = 0
    for part in parts:
        if part == "..":
            depth -= 1
            if depth < 0:
                return True
        elif part != ".":
            depth += 1
    return False


def collapse(parts: Iterable[str]) -> list[str]:
    """Return where a path without links leads: ``.`` left out and ``..`` taken back."""
    names: list[str] = []
    for part in parts:
        if part == "..":
            names.pop()
        elif part != ".":
            names.append(part)
    return names


def shown(name: str) -> str:
    r"""Return a name as JSON can carry it: bytes that are not UTF-8 as ``\xff``."""
    return name if name.isascii() else _SURROGATE.sub(_escaped, name)


def refusal(path: str) -> str | None:
    """Return why no system call should see this path, or None."""
    if not path:
        return "it is empty"
    if "\0" in path:
        return "it holds a NUL"
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    return "it is too long" if length > LONGEST_PATH else None


@attrs.frozen
class RootNames:
    """How absolute paths may spell the root.

    Attributes:
        spellings: Components of the root, resolved and as it was given.
    """

    spellings: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, *roots: str) -> RootNames:
        """Take the spellings that mean the same whatever links they go through."""
        split_roots = [
            tuple(collapse(split(root))) for root in roots if ".." not in root.split("/")
        ]
        return cls(tuple(dict.fromkeys(split_roots)))

    @staticmethod
    def is_absolute(path: str) -> bool:
        """Tell whether a path starts at the root of the file system."""
        return path.startswith("/")

    @staticmethod
    def split(path: str) -> list[str]:
        """Return the components of a path."""
        return split(path)

    def inside(self, path: str) -> list[str] | None:
        """Return the components of an absolute path beneath the root, or None if it is outside."""
        parts = split(path)
        for root in self.spellings:
            if tuple(parts[: len(root)]) == root:
                rest = parts[len(root) :] or ["."]
                return None if leads_above(rest) else rest
        return None

    def relative(self, path: str) -> list[str]:
        """Return the components of a client's path, relative to the root.

        Raises:
            InvalidPath: It is empty, holds a NUL, is too long or is not Unicode.
            PathEscapesBoundary: It is relative and ``..`` leads above the root.
            PathOutsideBoundary: It is absolute and not inside the root.
        """
        if (reason := refusal(path)) is not None:
            raise InvalidPath(shown(path), reason)
        if path.startswith("/"):
            parts = self.inside(path)
            if parts is None:
                raise PathOutsideBoundary(path)
            return parts
        parts = split(path)
        if ".." in parts and leads_above(parts):
            raise PathEscapesBoundary(path)
        return parts


def _escaped(surrogate: re.Match[str]) -> str:
    """Return what stands for a surrogate: Python keeps an undecodable byte as U+DC00 plus it."""
    code = ord(surrogate[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"  # noqa: PLR2004 - surrogateescape's own range
