"""A custom value as SQL sees it: taken out of the record's `custom` with the type that its kind compares by."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Label,
    Numeric,
    Text,
    TypeDecorator,
    cast,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm.infra.db import Base
from crm.kernel.events import plain
from crm.kernel.kinds import FieldKind


class _Iso(TypeDecorator[Any]):
    """Kept as ISO text, whose order is that of time; a cast to date would depend on settings and bear no index."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return plain(value)


class IsoDate(_Iso):
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return dt.date.fromisoformat(value) if value is not None else None


class IsoMoment(_Iso):
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return dt.datetime.fromisoformat(value) if value is not None else None


def column(type_: str, key: str, kind: FieldKind) -> Label[Any]:
    """`key` is written out, not bound: only then does the expression match its index. Keys are ours, never typed."""
    return _typed(type_, key, kind).label(key)


_CASTS: dict[FieldKind, Any] = {
    FieldKind.NUMBER: Numeric,
    FieldKind.MONEY: Numeric,
    FieldKind.YES_NO: Boolean,
    FieldKind.PERSON: BigInteger,
    FieldKind.LINK: BigInteger,
}
_READ_AS: dict[FieldKind, Any] = {FieldKind.DATE: IsoDate, FieldKind.DATETIME: IsoMoment}


def _typed(type_: str, key: str, kind: FieldKind) -> ColumnElement[Any]:
    custom = Base.metadata.tables[type_].c.custom
    place: ColumnElement[str] = literal_column(f"'{key}'")
    if kind is FieldKind.MULTI_CHOICE:
        return custom.op("->", return_type=JSONB())(place)
    text = custom.op("->>", return_type=Text())(place)
    if kind in _CASTS:
        return cast(text, _CASTS[kind])
    return type_coerce(text, _READ_AS[kind]) if kind in _READ_AS else text
