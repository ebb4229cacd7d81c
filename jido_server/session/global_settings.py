"""The user's own settings: ``settings.json`` in the user's configuration folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from jido_server.errors import PathError
from jido_server.project.directory import READ
from jido_server.project.reading import OpenFile
from jido_server.session.settings_text import MAX_BYTES, UNREADABLE, Said, Warnings, said

FILE_NAME = "settings.json"


def global_path() -> Path:
    """Return where the user's own settings are: ``JIDO_CONFIG_DIR``, else the platform's place."""
    folder = os.environ.get("JIDO_CONFIG_DIR")
    base = Path(folder) if folder else platformdirs.user_config_path("jido_code", appauthor=False)
    return base / FILE_NAME


def read_global(warnings: Warnings) -> Said:
    """Return what the user's own file says; without one, nothing.

    Only a regular file is read, and opening it waits for nobody. What else is in its place, or
    can't be understood, is warned of.
    """
    path = global_path()
    try:
        fd = os.open(path, READ)
        with OpenFile(fd, str(path), asked=str(path)) as file:
            return said(file.bytes(MAX_BYTES), "global", warnings)
    except (PathError, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(path):
            return Said({}, has_all_permissions=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        warnings.add(
            f"{path} is ignored: {reason}. Until it is repaired or removed, every tool is denied "
            "that would ask"
        )
        return UNREADABLE
