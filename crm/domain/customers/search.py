"""Finding customers by a few characters of anything that names them."""

from typing import Any

from sqlalchemy import Select, cast, false, func
from sqlalchemy.dialects.postgresql import TSQUERY

from crm.domain.customers.models import Customer
from crm.kernel.access import Actor, FieldRight
from crm.kernel.text import needle, tsquery


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
