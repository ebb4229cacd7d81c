"""What a person does with the server at a terminal."""

from __future__ import annotations
