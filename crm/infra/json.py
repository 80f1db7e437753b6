"""JSON, fast: imports and events write and read it a million times."""

from typing import Any

import orjson

loads = orjson.loads


def dumps(value: Any) -> str:
    """Compact, as UTF-8 text; a named tuple as a list, what JSON has no word for as its str()."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | set | frozenset) else str(value)
