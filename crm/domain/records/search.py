"""Finding records by a few characters of anything that names them."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, any_, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from crm.domain.records.external import LONGEST, ExternalId
from crm.kernel.access import Actor, FieldRight
from crm.kernel.text import clean, name_key, needle, sort_key, tsquery

_LAST = "\U0010ffff"


class Finder:
    """`matching`, `named` and `called` of a type's list."""

    def __init__(self, entity: Any) -> None:
        self.entity = entity

    def matching(self, text: str, actor: Actor) -> ColumnElement[bool]:
        """What the text names: the index finds, strpos makes exact where pairs of characters could mislead.

        Nobody finds a record by what they may not read of it.
        """
        type_ = self.entity.__tablename__
        unread = {key for key in ("phone", "email") if actor.right_to(type_, key) < FieldRight.READ}
        question = tsquery(text, unread)
        if question is None:
            return false()
        found: ColumnElement[bool] = self.entity.search.bool_op("@@")(cast(question, TSQUERY))
        if exact := needle(text):
            found = and_(found, func.strpos(self.entity.search_text, exact) > 0)
        return found

    def named(self, text: str) -> list[ColumnElement[bool]]:
        """First the number, the whole name or the id in another system, then names that begin so, in characters or in
        pinyin; nobody is kept from seeing any of them."""
        entity, start = self.entity, sort_key(text)
        whole = [entity.number == text.strip().upper()]
        if hasattr(entity, "name_key"):
            whole.append(entity.name_key == name_key(text))
        whole.append(self.called(text))
        if not start:
            return [or_(*whole)]
        # The order tells whole names too, whether they are written in simplified or in traditional characters.
        return [or_(*whole, entity.sort_key == start), entity.sort_key.between(start, start + _LAST)]

    def called(self, text: str) -> ColumnElement[bool]:
        """What another system calls exactly so. The array is made first, by one look into the index of these ids; with
        the ids in hand records are found by theirs."""
        of_type = ExternalId.subject_type == self.entity.__tablename__
        ids = select(ExternalId.subject_id).where(of_type, ExternalId.external_id == clean(text)[:LONGEST])
        array: Any = func.array(ids.scalar_subquery(), type_=ARRAY(BigInteger))
        called: ColumnElement[bool] = self.entity.id == any_(array)
        return called
