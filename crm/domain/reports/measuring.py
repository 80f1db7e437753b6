"""What a report may measure, as SQL over the values of a group."""

from typing import Any

from sqlalchemy import case, func

from crm.domain.orders.choices import SUMMED
from crm.domain.reports.asking import COUNT, DISTINCT, LEAST, MEAN, MOST, SUM, Measure
from crm.domain.reports.grouping import comparable
from crm.kernel.arguments import Filters
from crm.kernel.fields import NO_CURRENCY, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec

AMOUNTS = (FieldKind.NUMBER, FieldKind.MONEY)
_SEVERAL = (FieldKind.MULTI_CHOICE, FieldKind.TAGS, FieldKind.ENCRYPTED)
CURRENCY = "currency"
_TELL: dict[str, Any] = {
    SUM: func.sum,
    MEAN: func.avg,
    LEAST: func.min,
    MOST: func.max,
    DISTINCT: lambda column: func.count(column.distinct()),
}


def may_measure(spec: ListSpec, field: Field, how: str) -> bool:
    """Amounts in whatever currency are told in the one that sums are in, by a field that must be open as well."""
    if not comparable(field):
        return False
    if how == DISTINCT:
        return field.kind not in _SEVERAL
    if field.kind not in AMOUNTS:
        return False
    return field.unit != NO_CURRENCY or (CURRENCY in spec.by_key and comparable(spec.by_key[CURRENCY]))


def value(spec: ListSpec, measure: Measure) -> Any:
    """Of one record."""
    column: Any = spec.by_key[measure.field].column
    if asks_currency(spec, measure):
        currency: Any = spec.by_key[CURRENCY].column
        return case((currency == SUMMED, column))
    return column


def told(measure: Measure, column: Any) -> Any:
    return func.count() if measure.how == COUNT else _TELL[measure.how](column)


def asks_currency(spec: ListSpec, measure: Measure) -> bool:
    return measure.how not in (COUNT, DISTINCT) and spec.by_key[measure.field].unit == NO_CURRENCY


def filters(spec: ListSpec, measure: Measure) -> Filters:
    """Which records of a group it is about."""
    return ((CURRENCY, "in", SUMMED),) if asks_currency(spec, measure) else ()


def unit(spec: ListSpec, measure: Measure) -> str:
    """The currency it is told in; nothing for what is no money."""
    if measure.how in (COUNT, DISTINCT) or spec.by_key[measure.field].kind is not FieldKind.MONEY:
        return ""
    own = spec.by_key[measure.field].unit
    return SUMMED if own in ("", NO_CURRENCY) else own
