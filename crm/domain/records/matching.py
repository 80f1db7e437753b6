"""Exact duplicates: what two records of a type have in common when they are the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, any_, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY

from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.text import name_key

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Matching:
    """The same name (apart from width, case, blanks, punctuation: the column `name_key`) and the same value in
    another column, such as the phone; `beside` is that field's key and that column."""

    entity: Any
    beside: str
    column: Any
    name: Callable[[str], str] = name_key

    def match_key(self, values: Mapping[str, Any]) -> str | None:
        """None when there is nothing to go by."""
        key = self.name(values.get("name") or "")
        value = values.get(self.beside)
        value = getattr(value, "e164", value)
        return f"{key}{_SEPARATOR}{'' if value is None else value}" if key else None

    def matches(self, actor: Actor, keys: Collection[str]) -> dict[str, int]:
        """match_key → id of the oldest record the actor may see that has it.

        The keys go over as one array: thousands of parameters would take longer to write down than to look up.
        """
        wanted = {key.partition(_SEPARATOR)[0] for key in keys}
        if not wanted:
            return {}
        entity = self.entity
        key = entity.name_key + _SEPARATOR + func.coalesce(cast(self.column, Text), "")
        statement = entity.visible_to(actor).with_only_columns(entity.id, key.label("key"))
        named = entity.name_key == any_(literal(list(wanted), ARRAY(Text)))
        rows = db.session.execute(statement.where(named).order_by(entity.id.desc()))
        return {row.key: row.id for row in rows if row.key in keys}
