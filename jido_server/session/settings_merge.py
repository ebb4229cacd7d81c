"""What holds: the settings of the project's own file on top of the user's.

A key of the project's own replaces the global one. What comes with a project is not trusted: it
can't say where a model's key is sent, nor loosen a permission. What is wrong in a file is left out
and warned of; where that hides what the user forbade, what would ask is denied.
"""

from __future__ import annotations

from typing import Any

import attrs

from jido_server.errors import InvalidParams
from jido_server.model import Settings
from jido_server.naming import camel_case
from jido_server.protocol import codec
from jido_server.protocol.settings import KnownSettings, Permission
from jido_server.session.settings_text import Said, Warnings

GLOBAL_ONLY = ("baseUrl", "apiKeyEnv", "lua")
KNOWN = frozenset(camel_case(field.name) for field in attrs.fields(KnownSettings))
STRICTNESS: dict[Permission, int] = {"allow": 0, "ask": 1, "deny": 2}
PERMISSIONS: dict[str, Permission] = {"allow": "allow", "ask": "ask", "deny": "deny"}
ALLOWED_BY_DEFAULT = frozenset(
    {"read_file", "list_directory", "find_files", "search_files", "update_todos"}
)
"""All other tools ask, those that the server doesn't know too."""
ASK_BY_DEFAULT = frozenset({"write_file", "edit_file", "run_lua", "run_command"})
"""Of the others, those that the server knows."""


def merge(user: Said, own: Said, warnings: Warnings) -> Settings:
    """Return what holds.

    Args:
        user: What the user's own file says.
        own: What the project's file says.
        warnings: Are added to where something is ignored.
    """
    merged = sound(user.settings, "global", warnings)
    for key, value in sound(own.settings, "local", warnings).items():
        if key in GLOBAL_ONLY:
            warnings.add(f"The project's own {key} is ignored: only the global one counts")
        else:
            merged[key] = value
    permissions = _permissions(user, own, warnings)
    return merged | {"permissions": permissions} if permissions else merged


def sound(settings: Settings, whose: str, warnings: Warnings) -> Settings:
    """Return ``settings`` without the known keys that don't fit, and without the permissions."""
    fitting = {}
    for key, value in settings.items():
        if key not in KNOWN:
            fitting[key] = value
        elif key != "permissions":
            fitting |= _known(key, value, whose, warnings)
    return fitting


def _known(key: str, value: Any, whose: str, warnings: Warnings) -> Settings:  # noqa: ANN401 - any JSON value
    """Return a known key with its value as the server understands it; nothing if it doesn't fit."""
    try:
        understood = codec.structure({key: value}, KnownSettings, whose)
    except InvalidParams as error:
        for problem in error.problems:
            warnings.add(f"The {whose} setting {problem.path} is ignored: {problem.message}")
        return {}
    settings: Settings = codec.unstructure(understood)
    return settings


def _permissions(user: Said, own: Said, warnings: Warnings) -> dict[str, Permission]:
    """Return the user's permissions as the project's own tighten them."""
    given = _entries(user, "global", warnings)
    # A word that isn't understood may have been meant to forbid.
    merged = {tool: PERMISSIONS.get(word, "deny") for tool, word in (given or {}).items()}
    tightening = _entries(own, "local", warnings) or {}
    for tool, word in tightening.items():
        permission = PERMISSIONS.get(word)
        if permission is None:
            continue
        if STRICTNESS[permission] < STRICTNESS[merged.get(tool, _by_default(tool))]:
            warnings.add(f'The project\'s own "{word}" for {tool} is ignored: it loosens')
        else:
            merged[tool] = permission
    if given is None:
        for tool in ASK_BY_DEFAULT | tightening.keys():
            if merged.get(tool, _by_default(tool)) == "ask":
                merged[tool] = "deny"
    return merged


def _entries(said: Said, whose: str, warnings: Warnings) -> dict[str, str] | None:
    """Return what a file says of each tool, "" for what is no word; None if that can't be known."""
    if not said.has_all_permissions:
        return None
    path = f"{whose}.permissions"
    try:
        given = codec.structure(said.settings.get("permissions", {}), dict[str, Any], path)
    except InvalidParams as error:
        for problem in error.problems:
            warnings.add(f"The {whose} setting {problem.path} is ignored: {problem.message}")
        return None
    instead = "counts as deny" if whose == "global" else "is ignored"
    for tool, word in given.items():
        if not isinstance(word, str) or word not in PERMISSIONS:
            warnings.add(f"The {whose} setting {path}.{tool} {instead}: {_EXPECTED}")
    return {tool: word if isinstance(word, str) else "" for tool, word in given.items()}


def _by_default(tool: str) -> Permission:
    return "allow" if tool in ALLOWED_BY_DEFAULT else "ask"


_EXPECTED = 'expected one of "allow", "ask", "deny"'
