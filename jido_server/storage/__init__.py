"""Promise 3: what was acknowledged is kept."""

from __future__ import annotations
