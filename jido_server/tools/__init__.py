"""The catalogue of tools, and the deprecated global manager."""

from __future__ import annotations
