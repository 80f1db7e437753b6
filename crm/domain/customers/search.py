"""Finding customers by a few characters of anything that names them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, cast, false, func, or_
from sqlalchemy.dialects.postgresql import TSQUERY

from crm.domain.customers.models import Customer
from crm.kernel.access import Actor, FieldRight
from crm.kernel.text import name_key, needle, sort_key, tsquery

_LAST = "\U0010ffff"


def matching(statement: Select[Any], text: str, actor: Actor) -> Select[Any]:
    """Narrow to what the text names: the index finds, strpos makes exact where pairs of characters could mislead.

    Nobody finds a customer by what they may not read of it.
    """
    unread = {key for key in ("phone", "email") if actor.right_to("customers", key) < FieldRight.READ}
    question = tsquery(text, unread)
    if question is None:
        return statement.where(false())
    statement = statement.where(Customer.search.op("@@")(cast(question, TSQUERY)))
    if exact := needle(text):
        statement = statement.where(func.strpos(Customer.search_text, exact) > 0)
    return statement


def named(text: str) -> list[ColumnElement[bool]]:
    """First the number or the whole name, then names that begin so, in characters or in pinyin; nobody is kept from
    seeing either."""
    start = sort_key(text)
    whole = [Customer.number == text.strip().upper(), Customer.name_key == name_key(text)]
    if not start:
        return [or_(*whole)]
    # The order tells whole names too, whether they are written in simplified or in traditional characters.
    return [or_(*whole, Customer.sort_key == start), Customer.sort_key.between(start, start + _LAST)]
