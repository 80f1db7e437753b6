"""The recycle bin of a type of record, as a list."""

from typing import Any

from sqlalchemy import Select

from crm.domain.people.queries import PEOPLE
from crm.domain.records.search import Finder
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_


def bin_of(entity: Any, finder: Finder, label: str = N_("Name")) -> ListSpec:
    """The same table through its other door."""

    class Bin:
        __tablename__, __table__ = entity.__tablename__, entity.__table__
        id = entity.id
        visible_to = entity.binned_for

        @staticmethod
        def branches(actor: Actor) -> "list[Select[Any]]":
            return [entity.binned_for(actor)]

    name, owner, deleted = entity.name, entity.owner_id, entity.deleted_at
    fields = (
        Field(key="name", label=label, kind=FieldKind.TEXT, column=name, sort_column=entity.sort_key),
        Field(key="owner", label=N_("Owner"), kind=FieldKind.PERSON, column=owner, source=PEOPLE),
        Field(key="deleted", label=N_("Deleted"), kind=FieldKind.DATETIME, column=deleted, sortable=True),
    )
    return ListSpec(
        entity=Bin,
        fields=fields,
        columns=("owner", "deleted"),
        always=(entity.name, entity.number),
        search=finder.matching,
        called=finder.called,
        sort="-deleted",
    )
