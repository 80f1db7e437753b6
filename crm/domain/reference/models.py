"""The reference trees in the database, for foreign keys, joins and totals. Not scoped: everybody sees them."""

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class _ReferenceMixin:
    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(index=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    name_en: Mapped[str]
    path: Mapped[str]
    """Codes from the root, ``C/13/131/1311``: everything below 13 begins with ``C/13/``."""


class Industry(_ReferenceMixin, Model):
    """One of the 20 sections, 97 divisions, 473 groups and 1,381 classes of GB/T 4754-2017."""

    __tablename__ = "industries"


class Region(_ReferenceMixin, Model):
    """A province, city or county."""

    __tablename__ = "regions"

    full_name: Mapped[str]
    """As shown: ``广东省 深圳市 南山区``."""
