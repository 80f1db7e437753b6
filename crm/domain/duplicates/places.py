"""Every place that may lead to a record: what a merge moves from one to the other, and what stays.

Columns with a foreign key are found by themselves, so a new table's records come along. What a table says of the record
as a part of it stays with it (`STAYS`); a test names the table that is in neither.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from crm.domain.fields.models import FieldDefinition
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import Base, db
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.shaping import link_sources

# What was counted, noted or decided of the record itself; it is there again when the merge is undone.
STAYS = frozenset(
    {
        "customer_values.customer_id",  # counted anew
        "customer_holds.customer_id",  # how long somebody has had each of the two is not the other's
        "customer_formers.customer_id",
        "lead_conversions.lead_id",
        "lead_statuses.lead_id",
        "ticket_statuses.ticket_id",  # its clocks are its own
        "ticket_steps.ticket_id",
        "events.subject_id",  # nobody changes what is in the log
        "pending_changes.subject_id",  # there is none that waits, or no merge
        "notifications.subject_id",  # what somebody was told; the address leads on
        "tasks.subject_id",  # computed from `about`
    }
)
_NOT_TWICE = {
    # A row that the other one has already stays where it is.
    "opportunity_contacts.contact_id": "NOT EXISTS (SELECT FROM opportunity_contacts AS there"
    " WHERE there.contact_id = :to AND there.opportunity_id = opportunity_contacts.opportunity_id)",
    "ticket_watchers.ticket_id": "NOT EXISTS (SELECT FROM ticket_watchers AS there"
    " WHERE there.ticket_id = :to AND there.person_id = ticket_watchers.person_id)",
    "satisfaction_surveys.ticket_id": "NOT EXISTS (SELECT FROM satisfaction_surveys AS there"
    " WHERE there.ticket_id = :to AND there.solved_at = satisfaction_surveys.solved_at)",
    "shares.subject_id": "NOT EXISTS (SELECT FROM shares AS there WHERE there.subject_type = :type AND"
    " there.subject_id = :to AND there.person_id IS NOT DISTINCT FROM shares.person_id"
    " AND there.department_id IS NOT DISTINCT FROM shares.department_id)",
    # What has been answered is settled, for the record it was answered for.
    "access_requests.subject_id": "answered_at IS NULL AND NOT EXISTS (SELECT FROM access_requests AS there WHERE"
    " there.subject_type = :type AND there.subject_id = :to AND there.answered_at IS NULL"
    " AND there.person_id = access_requests.person_id)",
}
_ROW = {"opportunity_contacts.contact_id": "opportunity_id", "ticket_watchers.ticket_id": "person_id"}


@dataclass(frozen=True)
class Place:
    """`holds` is true of rows that lead to :of, `becomes` makes them lead to :to, `empties` to nothing, and `empty` is
    true then; `row` is the column that names a row.

    `field` is that of a record which says so on its page, if it is one; `known` fills what else the statements name.
    """

    name: str
    table: str
    holds: str
    becomes: str
    row: str = "id"
    but: str = "TRUE"
    field: str = ""
    empties: str = ""
    empty: str = ""
    known: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def is_of_records(self) -> bool:
        return self.table in RECORD_TYPES


def places(type_: str) -> list[Place]:
    return [*_links(type_), *_subjects(type_), *_about(type_), *_own_links(type_)]


def _links(type_: str) -> Iterator[Place]:
    for table in Base.metadata.sorted_tables:
        for column in linked(table, type_):
            name = f"{table.name}.{column}"
            if name not in STAYS:
                yield Place(
                    name,
                    table.name,
                    f"{column} = :of",
                    f"{column} = :to",
                    _ROW.get(name, "id"),
                    _but(table.name, column, type_, name),
                    _field(table.name, column),
                    f"{column} = NULL",
                    f"{column} IS NULL",
                )
    if type_ == "customers":  # on whose timeline it stands too
        yield Place("follow_ups.customer_id", "follow_ups", "customer_id = :of", "customer_id = :to")


def _but(table: str, column: str, type_: str, name: str) -> str:
    """No record comes to lead to itself."""
    return "id <> :to" if table == type_ and column != "id" else _NOT_TWICE.get(name, "TRUE")


def linked(table: Table, type_: str) -> list[str]:
    """The columns of a table that name records of the type."""
    return [key.parent.name for key in table.foreign_keys if key.column.table.name == type_]


def leads_to(field: Field, type_: str) -> bool:
    return field.kind is FieldKind.LINK and (field.links == type_ or field.source is link_sources[type_])


def _field(table: str, column: str) -> str:
    if table not in RECORD_TYPES:
        return ""
    keys = (each.key for each in RECORD_TYPES[table].fields if each.column is not None and each.column.key == column)
    return next(keys, "")


def _subjects(type_: str) -> Iterator[Place]:
    for table in Base.metadata.sorted_tables:
        name = f"{table.name}.subject_id"
        if {"subject_type", "subject_id"} <= set(table.c.keys()) and name not in STAYS:
            holds = "subject_type = :type AND subject_id = :of"
            yield Place(name, table.name, holds, "subject_id = :to", but=_NOT_TWICE.get(name, "TRUE"))


def _about(type_: str) -> Iterator[Place]:
    holds = "subject_type = :type AND subject_id = :of"
    yield Place("tasks.about", "tasks", holds, "about = CAST(:type AS text) || ':' || CAST(:to AS text)", field="about")


def _own_links(type_: str) -> Iterator[Place]:
    """Fields of the company's own that name such a record, retired ones too: they may be brought back."""
    asked = select(FieldDefinition).filter_by(kind=FieldKind.LINK, link_type=type_).order_by(FieldDefinition.id)
    for each in db.session.scalars(asked):
        yield Place(
            f"{each.record_type}.custom.{each.key}",
            each.record_type,
            "custom @> jsonb_build_object(CAST(:key AS text), CAST(:of AS bigint))",
            "custom = custom || jsonb_build_object(CAST(:key AS text), CAST(:to AS bigint))",
            but=_but(each.record_type, each.key, type_, ""),
            field=each.key if each.retired_at is None else "",
            empties="custom = custom - CAST(:key AS text)",
            empty="custom -> CAST(:key AS text) IS NULL",
            known={"key": each.key},
        )
