"""Every error a client can see: one class each, with its code, its kind and its data.

A class is a row of the table in the wire contract. Its fields are the ``data`` of the answer (in
camelCase, a field that still has its default left out), its docstring says when it is raised, and
``says`` is the sentence that a person reads.
"""

from __future__ import annotations

from typing import Any, ClassVar, dataclass_transform

import attrs

from jido_server.naming import camel_case


@attrs.frozen
class Problem:
    """One thing that is wrong with a value.

    Attributes:
        path: Where, as in ``params.message.role``.
        message: What is wrong there.
    """

    path: str
    message: str


LONGEST_IN_A_SENTENCE = 300


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_IN_A_SENTENCE:
        return value[:LONGEST_IN_A_SENTENCE] + " …"
    return value


@dataclass_transform()
class JidoError(Exception):
    """A failure that clients can tell apart by its kind.

    Attributes:
        code: The code of the JSON-RPC answer.
        kind: The name by which a client knows what happened.
        says: The sentence for people; ``{field}`` stands for a field of the error.
    """

    __attrs_attrs__: ClassVar[Any] = ()
    code: ClassVar[int]
    kind: ClassVar[str]
    says: ClassVar[str]

    def __init_subclass__(cls, *, code: int = 0, kind: str = "", says: str = "") -> None:
        """Make a class with fields of its own into a row of the table."""
        super().__init_subclass__()
        cls.code, cls.kind, cls.says = code, kind, says
        attrs.define(cls, slots=False, eq=False)

    def __str__(self) -> str:
        """Return the sentence for people; what is long is cut in it, the data has all."""
        return self.says.format_map({name: _short(value) for name, value in vars(self).items()})

    @property
    def data(self) -> dict[str, Any]:
        """The kind and the fields, as plain JSON values under their names on the wire."""
        plain = attrs.asdict(self)
        return {"kind": self.kind} | {
            camel_case(field.name): plain[field.name]
            for field in attrs.fields(type(self))
            if plain[field.name] != field.default
        }


# The connection


class ParseError(
    JidoError, code=-32700, kind="parseError", says="The message is not JSON: {reason}."
):
    """The body of a message can't be read as JSON in UTF-8."""

    reason: str


class InvalidRequest(
    JidoError, code=-32600, kind="invalidRequest", says="Not a valid request: {reason}."
):
    """A message is JSON but not a JSON-RPC message that may be sent now."""

    reason: str


class MethodNotFound(
    JidoError, code=-32601, kind="methodNotFound", says="There is no method {method}."
):
    """The server doesn't know the method."""

    method: str


class InvalidParams(JidoError, code=-32602, kind="invalidParams"):
    """The params don't fit the method; every problem is named."""

    problems: list[Problem]

    def __str__(self) -> str:
        """Return all the problems in one sentence."""
        return "Invalid params: " + "; ".join(f"{p.path}: {p.message}" for p in self.problems) + "."


class ServerNotInitialized(
    JidoError,
    code=-32002,
    kind="serverNotInitialized",
    says="The server was not initialized yet; send `initialize` first.",
):
    """A request came before ``initialize``."""


class RequestCancelled(
    JidoError, code=-32800, kind="requestCancelled", says="The request was cancelled."
):
    """The client cancelled the request, or what it was about has gone."""


class InternalError(
    JidoError,
    code=-32603,
    kind="internalError",
    says="The server made a mistake of its own; its log tells more under {incident}.",
):
    """A fault of the server's own; the traceback is in the log, under ``incident``."""

    incident: str


# Sessions


class SessionNotFound(
    JidoError, code=1001, kind="sessionNotFound", says="There is no session {session_id!r}."
):
    """The session was never opened, or is closed."""

    session_id: str


class SessionLimitReached(
    JidoError,
    code=1002,
    kind="sessionLimitReached",
    says="No more than {limit} sessions can be open at once.",
):
    """As many sessions are open as the server allows."""

    limit: int


class InvalidProjectPath(
    JidoError,
    code=1003,
    kind="invalidProjectPath",
    says="{project_path!r} can't be a project: {reason}.",
):
    """The path is not the absolute path of a directory that can be opened."""

    project_path: str
    reason: str


class SessionInUse(
    JidoError,
    code=1004,
    kind="sessionInUse",
    says="The session {session_id!r} is open in another server (process {pid}).",
):
    """Another living server holds the session."""

    session_id: str
    pid: int | None


class StorageFailed(
    JidoError,
    code=1005,
    kind="storageFailed",
    says="Nothing was changed, storing failed: {reason}.",
):
    """The journal refused; the change was not made."""

    reason: str


# Paths and files


class PathError(JidoError):
    """Whatever concerns one path; ``path`` is as the client gave it."""

    path: str


class PathEscapesBoundary(
    PathError, code=1101, kind="pathEscapesBoundary", says="{path!r} leads out of the project."
):
    """A relative path leads outside."""


class PathOutsideBoundary(
    PathError, code=1102, kind="pathOutsideBoundary", says="{path!r} is outside the project."
):
    """An absolute path is outside."""


class SymlinkEscapesBoundary(
    PathError,
    code=1103,
    kind="symlinkEscapesBoundary",
    says="{path!r} goes through a link that leads out of the project.",
):
    """A symbolic link on the way leads outside."""


class InvalidPath(
    PathError, code=1104, kind="invalidPath", says="{path!r} is not a usable path: {reason}."
):
    """The path is empty, holds a NUL, is too long, or its links go in a circle."""

    reason: str


class FileNotFound(PathError, code=1105, kind="fileNotFound", says="{path!r} does not exist."):
    """Nothing is there."""


class IsDirectory(PathError, code=1106, kind="isDirectory", says="{path!r} is a directory."):
    """A file was needed."""


class NotDirectory(PathError, code=1107, kind="notDirectory", says="{path!r} is not a directory."):
    """A directory was needed, there or on the way."""


class PermissionDenied(
    PathError, code=1108, kind="permissionDenied", says="Permission for {path!r} is denied."
):
    """The operating system, or the file's mode, forbids it."""


class NotRegularFile(
    PathError,
    code=1109,
    kind="notRegularFile",
    says="{path!r} is neither a file nor a directory, but a pipe, a socket or a device.",
):
    """Only regular files are read and written."""


class FileTooLarge(
    PathError,
    code=1110,
    kind="fileTooLarge",
    says="{path!r} has {size} bytes, more than the limit of {limit}.",
):
    """The content is larger than the limit; it is refused, never cut."""

    size: int
    limit: int


class NotText(
    PathError,
    code=1111,
    kind="notText",
    says='{path!r} is not UTF-8 text; ask for encoding "base64".',
):
    """The content can't be given as text."""


class StorageFull(
    PathError, code=1112, kind="storageFull", says="No space is left to write {path!r}."
):
    """The disk or the quota is full; the old content is untouched."""


class StaleFile(
    PathError,
    code=1113,
    kind="staleFile",
    says="{path!r} changed since this session read it, or was never read; read it first.",
):
    """A tool would overwrite what the session has not seen."""


class FileError(
    PathError, code=1199, kind="fileError", says="{path!r}: the operating system says: {reason}."
):
    """Any other failure of the operating system."""

    errno: int
    reason: str


# Lua


class LuaFailure(JidoError):
    """A script that failed; the Lua state is as it was before it."""


class LuaError(LuaFailure, code=1201, kind="luaError", says="The script failed: {lua_message}"):
    """The script doesn't compile, or raised an error."""

    lua_message: str
    traceback: str
    output: str = ""


class LuaTimeout(
    LuaFailure,
    code=1202,
    kind="luaTimeout",
    says="The script was ended after its time limit of {timeout_ms} ms.",
):
    """The script ran longer than it may."""

    timeout_ms: int
    output: str = ""
    state_lost: bool = False


class LuaMemoryExceeded(
    LuaFailure,
    code=1203,
    kind="luaMemoryExceeded",
    says="The script needed more than its {limit_bytes} bytes of memory.",
):
    """The script needed more memory than it may."""

    limit_bytes: int
    output: str = ""
    state_lost: bool = False


class LuaCrashed(
    LuaFailure, code=1204, kind="luaCrashed", says="The script's process ended: {reason}."
):
    """The process of the script ended before it answered."""

    reason: str
    output: str = ""
    state_lost: bool = False


class LuaResultUnsupported(
    LuaFailure,
    code=1205,
    kind="luaResultUnsupported",
    says="The script's result can't be given as JSON: {reason}.",
):
    """The script returned something that the answer can't carry."""

    reason: str
    output: str = ""


class SandboxUnavailable(
    JidoError, code=1206, kind="sandboxUnavailable", says="Lua can't be run here: {reason}."
):
    """The sandbox could not be started."""

    reason: str


# State


class AlreadyStreaming(
    JidoError,
    code=1301,
    kind="alreadyStreaming",
    says="The message {message_id!r} is being streamed; end it first.",
):
    """Another message has not ended; nothing of it is thrown away."""

    message_id: str


class NotStreaming(JidoError, code=1302, kind="notStreaming", says="No message is being streamed."):
    """There is no stream to end."""


class ToolCallNotFound(
    JidoError, code=1303, kind="toolCallNotFound", says="There is no tool call {tool_call_id!r}."
):
    """The session has no tool call with this id."""

    tool_call_id: str


# Settings


class SettingsMalformed(
    JidoError,
    code=1401,
    kind="settingsMalformed",
    says="{path!r} is not valid ({reason}); mend it by hand first, it was left untouched.",
):
    """The project's settings file can't be understood, so it isn't overwritten."""

    path: str
    reason: str


class InvalidSettings(JidoError, code=1402, kind="invalidSettings"):
    """The settings to be saved don't fit the known keys; every problem is named."""

    problems: list[Problem]

    def __str__(self) -> str:
        """Return all the problems in one sentence."""
        return (
            "Invalid settings: " + "; ".join(f"{p.path}: {p.message}" for p in self.problems) + "."
        )


# Tools


class UnknownTool(JidoError, code=1501, kind="unknownTool", says="There is no tool {name!r}."):
    """The catalogue has no such tool."""

    name: str


class ToolFailed(
    JidoError, code=1502, kind="toolFailed", says="The tool {name} failed: {error[message]}"
):
    """The tool was run and failed; ``error`` is its own error: code, kind and message."""

    name: str
    error: dict[str, Any]
