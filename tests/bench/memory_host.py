"""A project for scripts that costs nothing: what is measured is the sandbox."""

from __future__ import annotations

from types import SimpleNamespace


class MemoryHost:
    content = b"x" * ((16 << 20) - 100)

    def project_root(self) -> str:
        return "/"

    async def read_file(self, path: str, offset: int | None, limit: int | None) -> bytes:
        del path, offset, limit
        return self.content

    async def write_file(self, path: str, content: bytes) -> None:
        del path, content

    async def list_dir(self, path: str) -> list[tuple[str, str]]:
        return [(path, "file")] * 10_000

    async def glob(self, pattern: str, path: str) -> list[str]:
        return [f"{path}/{pattern}"] * 10_000

    async def stat(self, path: str) -> SimpleNamespace:
        return SimpleNamespace(type=path, size=0, modified_at="", mode=0)

    async def make_dir(self, path: str) -> None: ...

    async def delete_file(self, path: str) -> None: ...
