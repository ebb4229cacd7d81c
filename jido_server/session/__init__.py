"""One session: its Manager, its State and its settings; and the dictionary of sessions."""

from __future__ import annotations
