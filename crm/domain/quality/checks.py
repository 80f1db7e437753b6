"""What makes a record less than good: a line a check, each a question that its list can be asked as well.

So every number is a list: the count is made by the very comparisons the list filters by.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.asking import Query
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.operators import OPERATORS, criterion
from crm.kernel.records import RecordType
from crm.kernel.text import N_

COMPLETE, VALID, FRESH = "complete", "valid", "fresh"
# Types that are looked at, with what is to be filled in where nobody says otherwise.
STANDARD: Mapping[str, tuple[str, ...]] = {
    "customers": ("phone", "email", "industry", "region", "level"),
    "contacts": ("phone", "email", "position"),
    "leads": ("phone", "company", "source"),
    "opportunities": ("amount", "closes_on", "source"),
}
_OPEN: Mapping[str, Filters] = {"opportunities": (("closed", "empty", "1"),)}  # what is over is not looked at
_MISSING = N_("%(field)s is missing")
_RETIRED = N_("%(field)s has a choice that is not used any more")
_PAST = N_("%(field)s is in the past")
_QUIET = N_("No follow-up for %(days)s days")


@dataclass(frozen=True)
class Check:
    """All of `filters` and, where there are any, one of `group` hold for a record that fails it. `label` is a gettext
    id, `params` fill it; `asks` are the keys of the fields it looks at."""

    key: str
    part: str
    label: str
    filters: Filters
    group: Filters = ()
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asks(self) -> set[str]:
        return {name for name, _, _ in (*self.filters, *self.group)}

    def query(self, *more: tuple[str, str, str]) -> Query:
        """As its list is asked, with what else is to hold."""
        groups = (tuple(sorted(self.group)),) if self.group else ()
        return Query(filters=tuple(sorted((*self.filters, *more))), groups=groups)

    def criterion(self, fields: Mapping[str, Field], context: Context) -> ColumnElement[bool]:
        all_ = [criterion(fields[name], operator, value, context) for name, operator, value in self.filters]
        any_ = [criterion(fields[name], operator, value, context) for name, operator, value in self.group]
        return and_(*all_, *([or_(*any_)] if any_ else []))


def looked_at(actor: Actor) -> list[RecordType]:
    return [RECORD_TYPES[key] for key in STANDARD if actor.may(RECORD_TYPES[key].may_read)]


def countable(fields: Mapping[str, Field]) -> list[Field]:
    """Those that can be asked for being filled in."""
    return [
        each
        for each in fields.values()
        if each.editable and not each.required and each.filterable and "empty" in OPERATORS[each.kind]
    ]


def checks_of(
    type_: RecordType, fields: Mapping[str, Field], wanted: Sequence[str], stale_days: int, today: dt.date
) -> list[Check]:
    """Of the fields that whoever asks may compare: what looks at another one is left out."""
    only = _OPEN.get(type_.key, ())
    able = {each.key for each in countable(fields)}
    found = [
        Check(f"missing:{key}", COMPLETE, _MISSING, ((key, "empty", "1"), *only), params={"field": fields[key].label})
        for key in wanted
        if key in able
    ]
    for each in fields.values():
        gone = [choice.key for choice in each.choices if choice.retired]
        if gone and each.kind is FieldKind.CHOICE and each.filterable:
            asked = ((each.key, "in", ",".join(sorted(gone))), *only)
            found.append(Check(f"retired:{each.key}", VALID, _RETIRED, asked, params={"field": each.label}))
    if type_.key == "opportunities" and "closes_on" in fields:
        asked = (("closes_on", "during", "before_today"), *only)
        found.append(Check("past:closes_on", VALID, _PAST, asked, params={"field": fields["closes_on"].label}))
    last = (today - dt.timedelta(days=stale_days)).isoformat()
    group = (("last_follow_up", "empty", "1"), ("last_follow_up", "lte", last))
    found.append(Check("quiet", FRESH, _QUIET, only, group, params={"days": stale_days}))
    return [each for each in found if each.asks <= fields.keys() and all(fields[key].filterable for key in each.asks)]
