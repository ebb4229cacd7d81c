"""How a Python name is spelled on the wire."""

from __future__ import annotations


def camel_case(name: str) -> str:
    """Return ``project_path`` as ``projectPath``; a name without underscores stays as it is."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)
