"""What a path may look like on Windows, where many spellings mean more than they seem to.

All of this is decided before any system call: merely opening a path such as ``//host/share`` makes
Windows introduce itself to that host. It is tested on every system.

Source: Microsoft, "Naming Files, Paths, and Namespaces".
"""

from __future__ import annotations

import re

from jido_server.errors import InvalidPath, PathEscapesBoundary, PathOutsideBoundary
from jido_server.project.names import RootNames, leads_above, refusal, shown, split

_DRIVE = re.compile(r"[A-Za-z]:")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>"|?*]')
_NUMBERS = "0123456789\u00b9\u00b2\u00b3"
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {port + number for port in ("com", "lpt") for number in _NUMBERS}
)
_LONG_FORM = re.compile(r"\A//\?/(?=[A-Za-z]:/)")


def name_refusal(name: str) -> str | None:
    """Return why a name can't be that of a file in a folder, or None."""
    if ":" in name:
        return "it names an alternate stream"
    if _NOT_IN_NAMES.search(name):
        return "it holds a character that no name has"
    if name.endswith((".", " ")):
        return "a name ends in a dot or a space, which Windows would drop"
    if name.partition(".")[0].rstrip(" ").lower() in _DEVICES:
        return "it names a device"
    return None


class WindowsRootNames(RootNames):
    """How absolute paths may spell the root, where case doesn't count and slashes go both ways."""

    @classmethod
    def of(cls, *roots: str) -> WindowsRootNames:
        """Take the spellings that mean the same whatever links they go through."""
        known = RootNames.of(*(_plain(root) for root in roots))
        return cls(tuple(tuple(map(str.lower, spelling)) for spelling in known.spellings))

    @staticmethod
    def is_absolute(path: str) -> bool:
        """Tell whether a path starts anywhere but where it stands."""
        plain = _plain(path)
        return plain.startswith("/") or _DRIVE.match(plain) is not None

    @staticmethod
    def split(path: str) -> list[str]:
        """Return the components of a path."""
        return split(_plain(path))

    def inside(self, path: str) -> list[str] | None:
        """Return the components of an absolute path beneath the root, or None if it is outside."""
        parts = self.split(path)
        for root in self.spellings:
            if tuple(map(str.lower, parts[: len(root)])) == root:
                rest = parts[len(root) :] or ["."]
                return None if leads_above(rest) else rest
        return None

    def relative(self, path: str) -> list[str]:
        """Return the components of a client's path, relative to the root.

        Raises:
            InvalidPath: It is no usable path anywhere, or not on Windows.
            PathEscapesBoundary: It is relative and ``..`` leads above the root.
            PathOutsideBoundary: It is absolute and not inside the root.
        """
        reason = refusal(path) or _form_refusal(_plain(path))
        if reason is not None:
            raise InvalidPath(shown(path), reason)
        if self.is_absolute(path):
            parts = self.inside(path)
            if parts is None:
                raise PathOutsideBoundary(path)
        else:
            parts = self.split(path)
            if leads_above(parts):
                raise PathEscapesBoundary(path)
        for part in parts:
            if part not in {".", ".."} and (reason := name_refusal(part)) is not None:
                raise InvalidPath(path, reason)
        return parts


def _plain(path: str) -> str:
    """Return a path with one kind of slash, and without the mark of long paths."""
    return _LONG_FORM.sub("", path.replace("\\", "/"), count=1)


def _form_refusal(path: str) -> str | None:
    """Return why a path starts at a place that can't be told from its text, or None."""
    if path.startswith("//"):
        return "it names another machine or a device"
    if path.startswith("/"):
        return "it starts at the root of some drive"
    if _DRIVE.match(path) and path[2:3] != "/":
        return "it is relative to a drive"
    return None
