"""Columns that say what other systems call the records: one for each system, so that a file leads back into it."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, select

from crm.domain.imports.models import Import
from crm.domain.records.external import LONGEST, ExternalId
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.language import Filled
from crm.kernel.records import RecordType
from crm.kernel.text import N_, fold

ID_IN = N_("Id in %(system)s")
ID_IN_KEY = "id_in:%(system)s"


def columns_called(type_: RecordType) -> Iterator[Field]:
    """Of the systems whose ids an import has brought to records of the type."""
    brought = Import.created + Import.updated + Import.merged + Import.skipped > 0
    own_ids = Import.source_column.is_not(None)  # else the file only names other records by their ids
    named = select(Import.source).where(Import.record_type == type_.key, own_ids, brought).distinct()
    with unscoped("which systems there are is no secret: the pages of records say it"):
        sources = db.session.scalars(named.order_by(Import.source)).all()
    spelled: dict[str, str] = {}
    for each in sources:
        spelled.setdefault(fold(each), each)
    for key, source in spelled.items():
        label = Filled(ID_IN, system=source)
        column = _called(type_, key)
        yield Field(
            key=ID_IN_KEY % {"system": key},
            label=label,
            kind=FieldKind.TEXT,
            column=column,
            filterable=False,
            max_length=LONGEST,
        )


def _called(type_: RecordType, source_key: str) -> ColumnElement[str]:
    """The id, of several the first: a cell leads to one record."""
    of_record = (ExternalId.subject_type == type_.key) & (ExternalId.subject_id == type_.entity.id)
    called = select(ExternalId.external_id).where(of_record, ExternalId.source_key == source_key)
    # The record is that of the statement around it, which is scoped.
    return called.order_by(ExternalId.id).limit(1).execution_options(scoped=True).scalar_subquery()
