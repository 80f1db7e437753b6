"""The version of everything administrators shape: roles, departments, fields, layouts, modules.

Whoever changes any of it calls `reshaped()` in the same transaction. A process keeps what it has
read under the version it read; a request asks for the version with its first query, so a change is
obeyed by every process with the next request, and nothing is restarted.
"""

from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, Sequence, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Base, Model, db

VERSIONS = Sequence("shape_versions", start=2, metadata=Base.metadata)


class Shape(Model):
    __tablename__ = "shape"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    version: Mapped[int] = mapped_column(BigInteger)


def version() -> "ScalarSelect[Any]":
    """To be read along with something else."""
    return select(Shape.version).where(Shape.id == 1).scalar_subquery()


def reshaped() -> None:
    # From a sequence, so that a version that was rolled back never comes again with other content.
    db.session.execute(update(Shape).where(Shape.id == 1).values(version=VERSIONS.next_value()))
