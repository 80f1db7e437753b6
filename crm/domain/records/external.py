"""What records are called by in other systems: kept for each system, so that its next file finds the same records.

`source` is what people call the system; systems of one name but for case and width are one.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model, db
from crm.kernel.access import Actor
from crm.kernel.text import fold

LONGEST = 200  # characters of an id
LONGEST_SOURCE = 60


class ExternalId(Model):
    __tablename__ = "external_ids"
    __table_args__ = (
        # The id first: it is asked for alone, too, whichever system has it.
        Index("uq_external_ids", "external_id", "subject_type", "source_key", unique=True),
        Index("ix_external_ids_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    source: Mapped[str]
    source_key: Mapped[str]
    external_id: Mapped[str]
    import_id: Mapped[int | None]  # that said so
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


def records_called(actor: Actor, entity: Any, source: str, ids: Collection[str]) -> dict[str, int]:
    """External id → record, of those the actor may see."""
    if not ids or not source:
        return {}
    type_ = entity.__tablename__
    named = select(ExternalId.external_id, ExternalId.subject_id).where(
        ExternalId.subject_type == type_,
        ExternalId.source_key == fold(source),
        ExternalId.external_id.in_(list(ids)),
    )
    found = {row.external_id: row.subject_id for row in db.session.execute(named)}
    statement = entity.visible_to(actor).with_only_columns(entity.id).where(entity.id.in_(set(found.values())))
    seen = set(db.session.scalars(statement)) if found else set()
    return {called: id_ for called, id_ in found.items() if id_ in seen}


def called_otherwise(type_: str, source: str, record_ids: Collection[int]) -> set[int]:
    """Those of the records that have an id of this system already."""
    statement = select(ExternalId.subject_id).where(
        ExternalId.subject_type == type_,
        ExternalId.source_key == fold(source),
        ExternalId.subject_id.in_(list(record_ids)),
    )
    return set(db.session.scalars(statement)) if record_ids else set()


def keep_called(
    type_: str, source: str, pairs: Sequence[tuple[int, str]], import_id: int | None = None, *, again: bool = False
) -> None:
    """(record, external id) each. An id that another record had is this one's from now on: that one is in the bin, or
    nobody who brings the file may see it. `again`: what another record has got meanwhile stays its own."""
    by_id = {called: id_ for id_, called in pairs}
    if not by_id:
        return
    common = {"subject_type": type_, "source": source, "source_key": fold(source), "import_id": import_id}
    rows = [{"subject_id": id_, "external_id": called, **common} for called, id_ in by_id.items()]
    statement = insert(ExternalId).values(rows)
    if again:
        db.session.execute(statement.on_conflict_do_nothing())
        return
    new = statement.excluded
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["subject_type", "source_key", "external_id"],
            set_={"subject_id": new.subject_id, "import_id": new.import_id},
            where=ExternalId.subject_id != new.subject_id,
        )
    )


def forget_called(type_: str, record_ids: Collection[int], import_id: int) -> None:
    """What this import has said of the records; what was known before it stays."""
    of_records = (ExternalId.subject_type == type_) & ExternalId.subject_id.in_(list(record_ids))
    if record_ids:
        db.session.execute(delete(ExternalId).where(of_records, ExternalId.import_id == import_id))


def ids_of(type_: str, record_id: int) -> Sequence[tuple[str, str]]:
    """(system, id there) of a record, by system."""
    statement = select(ExternalId.source, ExternalId.external_id).where(
        ExternalId.subject_type == type_, ExternalId.subject_id == record_id
    )
    rows = db.session.execute(statement.order_by(ExternalId.source_key, ExternalId.id)).all()
    return [(row.source, row.external_id) for row in rows]


_speaking: ContextVar[str] = ContextVar("speaking", default="")


@contextmanager
def in_words_of(source: str) -> Iterator[None]:
    """Records may be named in the block by their ids in that system."""
    token = _speaking.set(source)
    try:
        yield
    finally:
        _speaking.reset(token)


def named(actor: Actor, entity: Any, texts: Collection[str]) -> Mapping[str, int]:
    """Of those that are ids in the system whose words are read, the records."""
    return records_called(actor, entity, _speaking.get(), texts)
