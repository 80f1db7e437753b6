"""Changes that wait for a second person, on a record's page and in the list of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import flash, g, url_for

from crm.domain.confirming.actions import is_overtaken, may_decide, may_withdraw
from crm.domain.confirming.holding import value_of
from crm.domain.confirming.models import PendingChange
from crm.domain.confirming.queries import of_record
from crm.domain.people.queries import names
from crm.kernel.events import plain
from crm.kernel.fields import Field
from crm.kernel.parsing import restored
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.fields import Labels, labels_for, show
from crm.web.formats import ago, instant, moment
from crm.web.i18n import gettext


@dataclass(frozen=True)
class Item:
    """One change as a reader has it: every value by their right to its field."""

    id: int
    record: Any
    record_url: str
    label: str
    before: str
    after: str
    now: str  # what the record has by now; said where it is neither
    overtaken: bool
    who: str
    iso: str
    ago: str
    exact: str
    may_decide: bool
    may_withdraw: bool


def items(type_: RecordType, records: Mapping[int, Any], pending: Sequence[PendingChange]) -> list[Item]:
    """`type_` is open to the reader, `records` are those they can see; of another's nothing is told."""
    fields = type_.by_key()
    told = [each for each in pending if each.field in fields and each.subject_id in records]
    people = names({each.asked_by_id for each in told})
    return [_item(type_, fields[each.field], records[each.subject_id], each, people) for each in told]


def _item(type_: RecordType, field: Field, record: Any, pending: PendingChange, people: Mapping[int, str]) -> Item:
    values = [value_of(field, pending.before), value_of(field, pending.after), field.value_in(record)]
    shown = [restored(field.kind, plain(value)) for value in values]
    labels = labels_for([field], [{field.key: value} for value in shown])
    before, after, now = (_words(field, value, labels) for value in shown)
    return Item(
        id=pending.id,
        record=record,
        record_url=f"{url_for(f'{type_.key}.index')}{record.id}",
        label=gettext(field.label),
        before=before,
        after=after,
        now=now,
        overtaken=is_overtaken(record, pending, field),
        who=people.get(pending.asked_by_id or 0, gettext(N_("System"))),
        iso=instant(pending.asked_at),
        ago=ago(pending.asked_at),
        exact=moment(pending.asked_at),
        may_decide=may_decide(g.actor, record, pending, field) and not g.actor.read_only,
        may_withdraw=may_withdraw(g.actor, pending) and not g.actor.read_only,
    )


def _words(field: Field, value: Any, labels: Labels) -> str:
    """What is there is not to look empty because the reader may not see it, such as a link to another's record."""
    return show(field, value, labels) or ("" if value is None else gettext(N_("something you cannot see")))


class Waiting:
    """What waits of one record that the reader can see; `confirming/_card.html` shows it."""

    def __init__(self, type_: RecordType, record: Any) -> None:
        self.type, self.record = type_, record

    @cached_property
    def items(self) -> list[Item]:
        sensitive = [each.key for each in self.type.fields if each.sensitive]
        if not sensitive:  # a field stays so while anything waits in it
            return []
        return items(self.type, {self.record.id: self.record}, of_record(self.type.key, self.record.id, sensitive))


def kept_words(type_: RecordType, waiting: Sequence[str]) -> str:
    """“Kept for confirmation: Level, Phone”; nothing where nothing waits."""
    if not waiting:
        return ""
    fields = gettext(N_(", ")).join(gettext(each.label) for each in type_.fields if each.key in waiting)
    return gettext(N_("Kept for confirmation by a second person: %(fields)s."), fields=fields)


def tell_kept(type_: RecordType, waiting: Sequence[str]) -> None:
    if words := kept_words(type_, waiting):
        flash(words, "info")
