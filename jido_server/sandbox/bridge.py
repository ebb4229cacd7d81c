"""What a script may ask of the project: the functions of the table ``jido`` in Lua.

The arguments come from the script's process and are not trusted. A failure reaches Lua as a string
beside nil, never as an object.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

from jido_server.errors import FileNotFound, JidoError, NotDirectory
from jido_server.sandbox import values
from jido_server.sandbox.arguments import Arguments, BadArgument
from jido_server.sandbox.limits import Limits

_QUICK_ITEMS = 1000
"""Lists up to this length are encoded on the event loop, in about a millisecond."""

_ARGUMENT_NODES, _ARGUMENT_DEPTH = 1000, 4

_log = logging.getLogger(__name__)


class FileStat(Protocol):
    """What a host says of a file or folder, as ``jido/manager/stat`` does."""

    @property
    def type(self) -> str:
        """``file``, ``directory``, ``symlink`` or ``other``."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def modified_at(self) -> str:
        """ISO 8601, UTC."""

    @property
    def mode(self) -> int:
        """The permission bits."""


class Host(Protocol):
    """The project as scripts use it; what it raises of ``JidoError`` is told to the script."""

    def project_root(self) -> str:
        """Return the root, absolute."""

    async def read_file(self, path: str, offset: int | None, limit: int | None) -> bytes:
        """Return a file, or ``limit`` lines of it from line ``offset`` on."""

    async def write_file(self, path: str, content: bytes) -> None:
        """Write a file, all or nothing."""

    async def list_dir(self, path: str) -> Sequence[tuple[str, str]]:
        """Return the names and types of a folder's entries."""

    async def glob(self, pattern: str, path: str) -> Sequence[str]:
        """Return the files that fit a pattern, relative to the root."""

    async def stat(self, path: str) -> FileStat:
        """Return what is known of a file or folder."""

    async def make_dir(self, path: str) -> None:
        """Make a folder, its parents too."""

    async def delete_file(self, path: str) -> None:
        """Delete a file or a link."""


class Bridge:
    """Answers the calls of one session's scripts."""

    def __init__(self, host: Host, limits: Limits) -> None:
        self._host = host
        self._most_bytes = limits.bridge_bytes
        self._operations: dict[bytes, Callable[[Arguments], Awaitable[Any]]] = {
            b"read_file": self._read_file,
            b"write_file": self._write_file,
            b"list_dir": self._list_dir,
            b"glob": self._glob,
            b"file_exists": self._file_exists,
            b"is_file": self._is_file,
            b"is_dir": self._is_dir,
            b"file_stat": self._file_stat,
            b"mkdir_p": self._mkdir_p,
            b"delete_file": self._delete_file,
            b"project_root": self._project_root,
        }

    async def answer(self, call: bytearray) -> list[bytes]:
        """Return the encoded answer to an encoded call, in pieces.

        Raises:
            MalformedValue: It is no call; the script's process is not what it was.
        """
        match await self._decoded(call):
            case [bytes(name), *arguments] if name in self._operations:
                operation = self._operations[name]
            case _:
                raise values.MalformedValue("no call that there is")
        try:
            return await self._encoded(await operation(Arguments(arguments)))
        except (JidoError, BadArgument) as error:
            return [values.encode([None, str(error)])]
        except Exception:  # noqa: BLE001  (whatever the host's fault, the script goes on)
            _log.exception("What a script called for failed: %s", name.decode())
            return [values.encode([None, "internal error"])]

    async def _decoded(self, call: bytearray) -> list[Any]:
        decode = partial(values.decode, call, nodes=_ARGUMENT_NODES, depth=_ARGUMENT_DEPTH)
        return decode() if len(call) <= values.QUICK_BYTES else await asyncio.to_thread(decode)

    async def _encoded(self, value: Any) -> list[bytes]:  # noqa: ANN401  (what a host gave)
        if isinstance(value, bytes):
            pieces = values.encode_bytes(value)  # without a copy
        elif isinstance(value, list) and len(value) > _QUICK_ITEMS:
            pieces = [await asyncio.to_thread(values.encode, [value])]
        else:
            pieces = [values.encode([value])]
        size = sum(map(len, pieces))
        if size > self._most_bytes:
            raise BadArgument(f"the answer has {size} bytes, more than {self._most_bytes}")
        return pieces

    async def _read_file(self, given: Arguments) -> bytes:
        path = given.path(0)
        return await self._host.read_file(path, given.option("offset"), given.option("limit"))

    async def _write_file(self, given: Arguments) -> bool:
        await self._host.write_file(given.path(0), given.content(1))
        return True

    async def _list_dir(self, given: Arguments) -> list[dict[str, str]]:
        entries = await self._host.list_dir(given.path(0, "."))
        return [{"name": name, "type": type_} for name, type_ in entries]

    async def _glob(self, given: Arguments) -> list[str]:
        return list(await self._host.glob(given.path(0), given.path(1, ".")))

    async def _file_exists(self, given: Arguments) -> bool:
        return await self._type(given) is not None

    async def _is_file(self, given: Arguments) -> bool:
        return await self._type(given) == "file"

    async def _is_dir(self, given: Arguments) -> bool:
        return await self._type(given) == "directory"

    async def _type(self, given: Arguments) -> str | None:
        try:
            return (await self._host.stat(given.path(0))).type
        except (FileNotFound, NotDirectory):
            return None

    async def _file_stat(self, given: Arguments) -> dict[str, Any]:
        found = await self._host.stat(given.path(0))
        return {name: getattr(found, name) for name in ("type", "size", "modified_at", "mode")}

    async def _mkdir_p(self, given: Arguments) -> bool:
        await self._host.make_dir(given.path(0))
        return True

    async def _delete_file(self, given: Arguments) -> bool:
        await self._host.delete_file(given.path(0))
        return True

    async def _project_root(self, _: Arguments) -> str:
        return self._host.project_root()
