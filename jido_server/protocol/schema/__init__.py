"""The wire contract as text for others: a schema, types for the editors' clients, a reference."""

from __future__ import annotations
