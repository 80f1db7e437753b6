"""The chain: SHA-256(hash before ‖ canonical JSON of the event); before the first stand 32 zero bytes.

Canonical JSON of an event: one object with its columns that are not NULL, keys sorted by code point at every level,
no white space, UTF-8 and nothing escaped that need not be, `occurred_at` in UTC as 2026-11-22T01:02:03.000004+00:00.
In Python: json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False). A column that a later
release adds is not NULL only in events written since, so old hashes stay true.
"""

import datetime as dt
import hashlib
from typing import Any

import orjson

from crm.kernel.events import Event

START = bytes(32)
COLUMNS = tuple(Event.__table__.columns)
_AT = [column.key for column in COLUMNS].index("occurred_at")
_KEYS = tuple(column.key for column in COLUMNS)


def canonical(row: Any) -> bytes:
    """`row` has the values of COLUMNS, in their order."""
    kept = {key: value for key, value in zip(_KEYS, row, strict=True) if value is not None}
    kept["occurred_at"] = row[_AT].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


def link(before: bytes, row: Any) -> bytes:
    return hashlib.sha256(before + canonical(row)).digest()
