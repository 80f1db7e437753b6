"""Reading layouts, and from their rows to what the kernel arranges fields by."""

from sqlalchemy import select

from crm.domain.layouts import models
from crm.infra.db import db
from crm.kernel.language import words_in
from crm.kernel.layouts import Block, Layout


def layouts(record_type: str, *, retired: bool = False) -> list[models.Layout]:
    """In the order in which they count; or those that were removed."""
    state = models.Layout.retired_at.is_not(None) if retired else models.Layout.retired_at.is_(None)
    statement = select(models.Layout).where(models.Layout.record_type == record_type, state)
    return list(db.session.scalars(statement.order_by(models.Layout.position, models.Layout.id)))


def in_order(record_type: str) -> tuple[Layout, ...]:
    return tuple(map(layout_of, layouts(record_type)))


def layout_of(row: models.Layout) -> Layout:
    blocks = tuple(Block(each["key"], words_in(each["label"]), tuple(each["fields"])) for each in row.sections)
    return Layout(blocks, frozenset(row.wide), frozenset(row.left_out), frozenset(row.roles))
