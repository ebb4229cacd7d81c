"""What is asked and answered: typed definitions of every method, and the one strict converter."""

from __future__ import annotations
