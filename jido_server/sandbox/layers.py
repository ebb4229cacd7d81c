"""The layers of the lock-down, by name."""

from __future__ import annotations

LAYERS = ("limits", "no_new_privs", "landlock", "seccomp")
"""In the order of taking effect; where the system is not Linux, there is only the first."""
