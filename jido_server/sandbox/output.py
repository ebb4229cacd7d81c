"""What a script prints."""

from __future__ import annotations


class Output:
    """Keeps what was printed, up to a limit.

    Args:
        most_bytes: What follows after so many bytes is dropped, and a last line says so.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept = bytearray()
        self._cut = False

    def add(self, printed: bytes | bytearray) -> None:
        """Keep what fits."""
        room = self._most_bytes - len(self._kept)
        self._kept += printed[:room]
        self._cut = self._cut or len(printed) > room

    @property
    def text(self) -> str:
        """All that was kept; bytes that are not UTF-8 are replaced."""
        if not self._cut:
            return self._kept.decode(errors="replace")
        whole = self._kept.decode(errors="replace").removesuffix("\ufffd")  # half a character
        return f"{whole}\n[output cut at {self._most_bytes} bytes]"
