"""Finding records by a few characters of anything that names them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, cast, false, func, or_
from sqlalchemy.dialects.postgresql import TSQUERY

from crm.kernel.access import Actor, FieldRight
from crm.kernel.text import name_key, needle, sort_key, tsquery

_LAST = "\U0010ffff"


class Finder:
    """`matching` and `named` of a type's list."""

    def __init__(self, entity: Any) -> None:
        self.entity = entity

    def matching(self, statement: Select[Any], text: str, actor: Actor) -> Select[Any]:
        """Narrow to what the text names: the index finds, strpos makes exact where pairs of characters could mislead.

        Nobody finds a record by what they may not read of it.
        """
        type_ = self.entity.__tablename__
        unread = {key for key in ("phone", "email") if actor.right_to(type_, key) < FieldRight.READ}
        question = tsquery(text, unread)
        if question is None:
            return statement.where(false())
        statement = statement.where(self.entity.search.op("@@")(cast(question, TSQUERY)))
        if exact := needle(text):
            statement = statement.where(func.strpos(self.entity.search_text, exact) > 0)
        return statement

    def named(self, text: str) -> list[ColumnElement[bool]]:
        """First the number or the whole name, then names that begin so, in characters or in pinyin; nobody is kept from
        seeing either."""
        entity, start = self.entity, sort_key(text)
        whole = [entity.number == text.strip().upper()]
        if hasattr(entity, "name_key"):
            whole.append(entity.name_key == name_key(text))
        if not start:
            return [or_(*whole)]
        # The order tells whole names too, whether they are written in simplified or in traditional characters.
        return [or_(*whole, entity.sort_key == start), entity.sort_key.between(start, start + _LAST)]
