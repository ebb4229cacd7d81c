"""A record as a row of the table, and back.

A row carries what its history amounts to with it, so that nothing has to be counted and a history
cut after any row is whole. Its checksum covers everything in it: what reads well is what was
written, and so it is made into values without asking each field again, in a third of the time.
"""

from __future__ import annotations

from typing import Any, get_args
from zlib import crc32

import attrs
import orjson
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from jido_server.errors import StorageFailed
from jido_server.naming import camel_case
from jido_server.protocol import codec
from jido_server.storage.summary import Summary
from jido_server.storage.trouble import Damaged, NewerVersion
from jido_server.updates import UPDATES, Record

COLUMNS = "seq, timestamp, kind, payload, messages, session, checksum"
"""The columns of the table, in the order of a row."""

INSERT = f"INSERT INTO updates ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names

Row = tuple[int, str, str, bytes, int, int, int]


def encode(record: Record, summary: Summary) -> Row:
    """Return the row of ``record``.

    Args:
        record: What is to be kept.
        summary: What the history amounts to with it.

    Raises:
        StorageFailed: It holds something that JSON can't.
    """
    fields = codec.unstructure(record.update)
    kind = fields.pop("kind")
    try:
        payload = orjson.dumps(fields)
    except TypeError as error:
        raise StorageFailed(f"the update is not JSON: {error}") from None
    row = (record.seq, record.timestamp, kind, payload, summary.messages, summary.session)
    return (*row, _checksum(*row))


def check(row: Row, seq: int) -> None:
    """See to it that ``row`` is what was written as number ``seq``.

    Raises:
        Damaged: It is not.
    """
    try:
        is_whole = row[0] == seq and row[6] == _checksum(*row[:6])
    except TypeError:  # a column has become one of another type
        is_whole = False
    if not is_whole:
        raise Damaged(f"record {seq} is hurt")


def decode(row: Row, session_id: str) -> Record:
    """Return the record of a row that was checked.

    Raises:
        NewerVersion: This server doesn't know the update.
    """
    seq, timestamp, kind, payload, *_ = row
    try:
        update = _TRUSTING.structure(orjson.loads(payload), UPDATES[kind])
    except (KeyError, TypeError):
        raise NewerVersion from None
    return Record(session_id, seq, timestamp, update)


def summary_of(row: Row) -> Summary:
    """Return what a history amounts to that ends with ``row``."""
    return Summary(seq=row[0], messages=row[4], session=row[5])


def _checksum(  # noqa: PLR0913, PLR0917 - the columns
    seq: int, timestamp: str, kind: str, payload: bytes, messages: int, session: int
) -> int:
    return crc32(payload, crc32(f"{seq} {timestamp} {kind} {messages} {session}".encode()))


def _make_trusting() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_structure_hook_func(_is_plain, lambda value, _: value)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _by_wire_names(cls, converter))
    return converter


def _by_wire_names(cls: type[attrs.AttrsInstance], converter: Converter) -> Any:  # noqa: ANN401 - a hook
    names: dict[str, Any] = {
        field.name: override(rename=camel_case(field.name))
        for field in attrs.fields(attrs.resolve_types(cls))
    }
    return make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=False, **names)


def _is_plain(tp: object) -> bool:
    """Whether a value of the type is what the JSON parser gives."""
    return not attrs.has(tp) and all(_is_plain(arg) for arg in get_args(tp))  # type: ignore[arg-type]


_TRUSTING = _make_trusting()
