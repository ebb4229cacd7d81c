"""The command line, where everything is put together."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from jido_server import __version__

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_M_ARENA_MAX = -8
LOG_LEVELS = ("debug", "info", "warning", "error")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line says, and exit."""
    options = _parser().parse_args(arguments)
    _set_up_logging(options.log_level, options.log_file)
    command: Callable[[argparse.Namespace], int] = options.command
    sys.exit(command(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jido-server",
        description="A backend for AI coding sessions. Without a command it serves over stdio, "
        "as an editor expects.",
    )
    parser.add_argument("--version", action="version", version=f"jido-server {__version__}")
    parser.add_argument(
        "--log-level", choices=LOG_LEVELS, default="info", help="what is logged (default: info)"
    )
    parser.add_argument("--log-file", metavar="FILE", help="log there rather than to stderr")
    parser.set_defaults(command=_serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    try_ = commands.add_parser("try", help="start a server, use it on a folder, and show it work")
    try_.add_argument("path", nargs="?", default=".", metavar="PATH", help="the folder (here)")
    try_.set_defaults(command=_try)

    doctor = commands.add_parser("doctor", help="say what holds on this machine, by trying it")
    doctor.set_defaults(command=_doctor)

    stored = commands.add_parser("sessions", help="list, show, export or delete what is stored")
    stored.add_argument(
        "action", nargs="?", choices=("list", "show", "export", "delete"), default="list"
    )
    stored.add_argument("id", nargs="?", metavar="ID", help="a session's id, or its beginning")
    stored.add_argument("--format", choices=("markdown", "json"), default="markdown")
    stored.set_defaults(command=_sessions)

    schema = commands.add_parser("schema", help="print the protocol for machines or people")
    schema.add_argument(
        "--format", choices=("json", "typescript", "lua", "markdown"), default="json"
    )
    schema.set_defaults(command=_schema)
    return parser


def _set_up_logging(level: str, file: str | None) -> None:
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    handler.setLevel(level.upper())
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    logging.getLogger().addHandler(handler)
    # A client is told from `info` up, however little goes to the handler here.
    logging.getLogger("jido_server").setLevel(min(handler.level, logging.INFO))


# Each command imports what it needs and no other does: an editor waits for the server to start.


def _serve(_: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415

    from jido_server.server.app import Server  # noqa: PLC0415
    from jido_server.storage.folder import state_folder  # noqa: PLC0415
    from jido_server.storage.sqlite import SqliteStorage  # noqa: PLC0415

    _share_one_heap()
    read_fd, write_fd = _take_stdio()

    async def serve() -> NoReturn:
        code = await Server(read_fd, write_fd, SqliteStorage(state_folder())).serve()
        logging.shutdown()
        # A thread may still hang in a pipe or a file system; nothing waits for it.
        os._exit(code)

    asyncio.run(serve())


def _try(options: argparse.Namespace) -> int:
    from jido_server.commands.try_ import try_server  # noqa: PLC0415

    return try_server(options.path)


def _doctor(_: argparse.Namespace) -> int:
    from jido_server.commands.doctor import doctor  # noqa: PLC0415

    return doctor()


def _sessions(options: argparse.Namespace) -> int:
    from jido_server.commands.sessions import sessions  # noqa: PLC0415

    return sessions(options.action, options.id, options.format)


def _schema(options: argparse.Namespace) -> int:
    from jido_server.protocol.schema.emitters import emit  # noqa: PLC0415

    sys.stdout.write(emit(options.format))
    return 0


def _share_one_heap() -> None:
    """Let all threads use one heap of glibc's: what a worker frees, the others can use again.

    Only one thread at a time is in Python anyway. With a heap for each, a server that opens and
    closes sessions grows by a fifth.
    """
    if sys.platform.startswith("linux"):
        import ctypes  # noqa: PLC0415

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, nor many heaps
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)


def _take_stdio() -> tuple[int, int]:
    """Return descriptors for the protocol alone; what prints goes to stderr from now on."""
    if sys.platform == "win32":  # pragma: no cover - not run here
        import msvcrt  # noqa: PLC0415

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
    read_fd, write_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return read_fd, write_fd
