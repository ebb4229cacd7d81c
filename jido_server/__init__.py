"""A backend for AI coding sessions that an editor starts over stdio."""

from __future__ import annotations

__version__ = "0.1.0"
