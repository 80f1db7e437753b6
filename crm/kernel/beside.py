"""A table beside that of a record, with at most one row for each, whose columns are fields of the record's list.

What is counted for a record changes far more often than the record: kept in a row of its own, it writes none of the
record's many indexes anew and waits for nobody who edits it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from crm.kernel.fields import Field


@dataclass(frozen=True)
class Beside:
    """`key` is the column with the record's id."""

    table: Any
    key: Any

    def has(self, field: Field | None) -> bool:
        return field is not None and getattr(field.column, "class_", None) is self.table

    def id_of(self, field: Field) -> Any:
        """The id to order by after this field: of its own table, so that both are one range of one index."""
        return self.key if self.has(field) else None

    def joined(self, statement: Select[Any], entity: Any, asked: Iterable[Field | None]) -> Select[Any]:
        """`statement` with the table, where one of the fields asked for stands in it."""
        if not any(map(self.has, asked)):
            return statement
        return statement.outerjoin(self.table, self.key == entity.id)
