"""Everything that can be done to orders: the verbs of every record, and what follows for the customer's value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.domain.orders.choices import CURRENCIES
from crm.domain.orders.events import FACTS
from crm.domain.orders.fields import EDITABLE
from crm.domain.orders.models import NUMBERS, Order
from crm.domain.orders.rules import check, refuse_taken
from crm.domain.orders.value import count_anew
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Values, Verbs
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.company import company

RECIPE = Recipe(texts=("external_number",))
_VALUED = frozenset({"customer", "ordered_on", "status", "amount", "currency"})


def complete(actor: Actor, columns: dict[str, Any], order: Order | None) -> None:
    """What was left empty and cannot be: the number is the subject, today the day."""
    fallback: dict[str, Callable[[], Any]] = {
        "name": lambda: columns["number"] if order is None else order.number,
        "ordered_on": company.today,
        "amount": lambda: 0,
        "status": lambda: "open",
        "currency": lambda: CURRENCIES[0].key,
    }
    for name, otherwise in fallback.items():
        if name in columns and columns[name] is None:
            columns[name] = otherwise()


def then(
    actor: Actor, written: Sequence[tuple[int, Values]], before: Mapping[int, Mapping[str, list[Any]]] | None
) -> None:
    if before is None:
        count_anew([values.get("customer") for _, values in written])
        return
    changed = {id_: changes for id_, changes in before.items() if not _VALUED.isdisjoint(changes)}
    if changed:
        db.session.flush()
        with unscoped("the customers of orders that were just changed"):
            now = db.session.scalars(select(Order.customer_id).where(Order.id.in_(changed))).all()
        count_anew({*now, *(each["customer"][0] for each in changed.values() if "customer" in each)})


class OrderVerbs(Verbs):
    def create_many(self, actor: Actor, rows: Sequence[Values], **origin: Any) -> list[int]:
        refuse_taken(rows)
        return super().create_many(actor, rows, **origin)


VERBS = OrderVerbs(
    entity=Order,
    fields=EDITABLE,
    facts=FACTS,
    numbers=NUMBERS,
    recipe=RECIPE,
    check=check,
    complete=complete,
    then=then,
    binned=lambda actor, order: count_anew([order.customer_id]),
)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
