"""``python -m jido_server``."""

from __future__ import annotations

from jido_server.cli import main

if __name__ == "__main__":
    main()
