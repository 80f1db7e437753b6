"""Fields that administrators made, and how they changed the standard ones."""

import datetime as dt
from typing import Any

from sqlalchemy import UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class FieldDefinition(Model):
    """One field of a type. Records keep its values in `custom` under `key`, which never changes.

    `label` and `help` are {language: words}; `choices` is [{key, label: {language: words}, tone, retired}] in their
    order; `required_from` and `shown_if` are {field: key, values: [stored values]}.
    """

    __tablename__ = "field_definitions"
    __table_args__ = (UniqueConstraint("record_type", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    key: Mapped[str]
    label: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str]
    help: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    required: Mapped[bool] = mapped_column(default=False)
    is_unique: Mapped[bool] = mapped_column(default=False)
    default_text: Mapped[str | None]  # as it would be typed
    required_from: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    shown_if: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    link_type: Mapped[str | None]
    sensitive: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[str | None]  # the currency of an amount
    section: Mapped[str]
    position: Mapped[int]
    index_state: Mapped[str | None]  # queued, building, ready, failed: of the index that makes it sortable
    retired_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class FieldOverride(Model):
    """What a company wants different about a standard field; an empty label and no `required` leave it as it is."""

    __tablename__ = "field_overrides"
    __table_args__ = (UniqueConstraint("record_type", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    key: Mapped[str]
    label: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    hidden: Mapped[bool] = mapped_column(default=False)
    required: Mapped[bool | None]
    sensitive: Mapped[bool] = mapped_column(default=False)


class KeyRotation(Model):
    """Every encrypted value on its way to a new key. The checkpoint is a field and, of it, a record."""

    __tablename__ = "key_rotations"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str]  # the new key
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    unreadable: Mapped[int] = mapped_column(default=0)  # left as they are: their key is missing, or they were changed
    at_field: Mapped[int] = mapped_column(default=0)
    at_record: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
