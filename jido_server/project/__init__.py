"""Promise 1: no path leaves the project."""

from __future__ import annotations
