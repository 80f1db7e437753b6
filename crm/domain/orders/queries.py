"""Reading orders: the list, its recycle bin, and the lines of one."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.domain.orders.fields import ORDER_FIELDS
from crm.domain.orders.models import Order, OrderLine
from crm.domain.records.queries import bin_of
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_

FINDER = Finder(Order)
ORDERS = ListSpec(
    entity=Order,
    fields=ORDER_FIELDS,
    columns=("customer", "ordered_on", "status", "amount", "owner", "updated"),
    always=(Order.name, Order.number, Order.owner_id, Order.department_id),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
)
BIN = bin_of(Order, FINDER, N_("Subject"))


def lines_of(order: Order) -> Sequence[OrderLine]:
    statement = select(OrderLine).filter_by(order_id=order.id)
    return db.session.scalars(statement.order_by(OrderLine.position, OrderLine.id)).all()
