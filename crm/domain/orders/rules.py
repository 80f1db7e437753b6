"""What may be written into an order besides what its fields say."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from crm.domain.orders.lines import sum_of_lines
from crm.domain.orders.models import Order
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

_TAKEN = N_("Another of the %(orders)s has the number “%(number)s” of that system already.")


def check(actor: Actor, values: Mapping[str, Any], order: Order | None) -> None:
    """Of one that is there; new ones are looked at together, by `refuse_taken`."""
    if order is None:
        return
    place = {key: values.get(key, getattr(order, key)) for key in ("external_number", "external_source")}
    if _place(place) != (order.external_number, order.external_source or ""):
        refuse_taken([place])
    if values.get("amount", order.amount) != order.amount:
        lines = sum_of_lines(order)
        if lines is not None and lines != values["amount"]:
            raise Invalid(N_("The amount is the sum of the lines: change these."), key="amount")


def refuse_taken(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises Invalid for the first number of another system that another order has, in the recycle bin too, or another
    of `rows`. Whoever writes numbers of a system waits for others who do, so that two at once cannot both find one
    free.
    """
    places = [_place(each) for each in rows if each.get("external_number") is not None]
    if not places:
        return
    for source in sorted({source for _, source in places}):
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"numbers of orders of {source}"))))
    stored = select(Order.external_number, func.coalesce(Order.external_source, ""))
    with unscoped("a number is taken, whoever's order has it"):
        rows_there = db.session.execute(stored.where(Order.external_number.in_({number for number, _ in places})))
        seen = {(number, source) for number, source in rows_there}
    for place in places:
        if place in seen:
            raise Invalid(_TAKEN, number=str(place[0]), key="external_number")
        seen.add(place)


def _place(values: Mapping[str, Any]) -> tuple[str | None, str]:
    return values.get("external_number"), values.get("external_source") or ""
