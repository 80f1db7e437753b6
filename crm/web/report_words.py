"""What the parts of a report are called."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.domain.reports.asking import COUNT, HOW, MEAN, Measure
from crm.domain.reports.counting import ALL
from crm.domain.reports.grouping import LEVELS, REST, TIMES, UNITS
from crm.domain.reports.measuring import unit
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_
from crm.web.fields import show
from crm.web.formats import date, decimal, money, number, short_month
from crm.web.i18n import gettext

Value = Decimal | int | None
_HALF = Decimal("0.01")


def names(actor: Actor, field: Field, unit_: str, keys: Sequence[Any], left_out: int) -> dict[Any, str]:
    """Group → words."""
    values = [each for each in keys if each is not None and each is not REST]
    labels = field.source.labels(actor, values) if field.source is not None and values else {}
    found = {each: _name(field, unit_, each, labels) for each in values}
    found[None] = gettext(N_("none"))
    found[REST] = gettext(N_("others (%(count)s)"), count=number(left_out))
    found[ALL] = gettext(N_("Total"))
    return found


def _name(field: Field, unit_: str, key: Any, labels: Any) -> str:
    if field.kind in TIMES:
        return _days(unit_, key)
    if field.source is not None and not labels.get(key):
        return gettext(N_("not open to you"))
    return show(field, key, {field.key: labels}) or str(key)


def _days(unit_: str, first: dt.date) -> str:
    if unit_ == "month":
        return short_month(first, year=True)
    if unit_ == "quarter":
        return gettext(N_("Quarter %(quarter)s of %(year)s"), quarter=str((first.month + 2) // 3), year=str(first.year))
    if unit_ == "year":
        return str(first.year)
    return gettext(N_("week of %(day)s"), day=date(first)) if unit_ == "week" else date(first)


def dimension_words(field: Field, unit_: str) -> str:
    how = UNITS.get(unit_, "") if field.kind in TIMES else LEVELS[unit_] if field.kind is FieldKind.REFERENCE else ""
    label = gettext(field.label)
    return gettext(N_("%(field)s, %(how)s"), field=label, how=gettext(how)) if how else label


def measure_words(spec: ListSpec, measure: Measure) -> str:
    if measure.how == COUNT:
        return gettext(HOW[COUNT])
    label = gettext(spec.by_key[measure.field].label)
    return gettext(N_("%(field)s: %(how)s"), field=label, how=gettext(HOW[measure.how]))


def number_words(spec: ListSpec, measure: Measure, value: Value) -> str:
    if value is None:
        return "–"
    if currency := unit(spec, measure):
        return money(Decimal(value), currency)
    told = rounded(measure, value)
    return number(told) if isinstance(told, int) else decimal(told)


def rounded(measure: Measure, value: Decimal | int) -> Decimal | int:
    """An average to two places; whole numbers without any."""
    told = Decimal(value).quantize(_HALF) if measure.how == MEAN else Decimal(value)
    return int(told) if told == told.to_integral_value() else told
