"""The server on pygls: intake, transport and handlers."""

from __future__ import annotations
