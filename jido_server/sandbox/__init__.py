"""Promise 2: a failed script never happened."""

from __future__ import annotations
