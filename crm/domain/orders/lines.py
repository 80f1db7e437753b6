"""The lines of an order: a product or free words, how many and for how much. The order's amount is their sum."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select

from crm.domain.orders.events import OrderLinesChanged
from crm.domain.orders.models import Order, OrderLine
from crm.domain.orders.queries import lines_of
from crm.domain.orders.value import count_anew
from crm.domain.products.models import Product
from crm.domain.products.record_type import product_field
from crm.domain.records.changing import touch
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import plain, record
from crm.kernel.fields import NO_CURRENCY, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_

MOST = 200
LINE_FIELDS = (
    product_field(OrderLine.product_id),
    Field(
        key="description", label=N_("Description"), kind=FieldKind.TEXT, column=OrderLine.description, max_length=500
    ),
    Field(key="quantity", label=N_("Quantity"), kind=FieldKind.NUMBER, column=OrderLine.quantity, max_length=20),
    Field(
        key="price", label=N_("Price"), kind=FieldKind.MONEY, column=OrderLine.price, unit=NO_CURRENCY, max_length=20
    ),
)
_CENT, _LARGEST = Decimal("0.01"), Decimal(10) ** 11
Values = Mapping[str, Any]


def set_lines(actor: Actor, order: Order, rows: Sequence[Values]) -> bool:
    """All lines as they are to be, by key of LINE_FIELDS; what is missing in one comes from its product. False: nothing
    differed."""
    if len(rows) > MOST:
        raise Invalid(N_("An order has at most %(most)s lines."), most=MOST)
    products = _products(actor, {product for each in rows if (product := each.get("product"))})
    wanted = [_whole(each, products) for each in rows]
    before = [told(each) for each in lines_of(order)]
    after = [{key: plain(value) for key, value in each.items()} for each in wanted]
    if before == after:
        return False
    db.session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
    if wanted:
        numbered = ({"order_id": order.id, "position": at} | each for at, each in enumerate(wanted, 1))
        db.session.execute(insert(OrderLine), list(numbered))
    was = order.amount
    order.amount = sum((each["amount"] for each in wanted), Decimal(0))
    touch(order)
    changes = {"amount": [plain(was), plain(order.amount)]} if order.amount != was else {}
    record(actor, order, OrderLinesChanged(before, after, changes))
    count_anew([order.customer_id])
    return True


def told(line: OrderLine) -> dict[str, Any]:
    """As the log keeps it, equal where lines are equal."""
    values = {key: getattr(line, key) for key in ("product_id", "description", "quantity", "price", "amount")}
    return {
        key: plain(value.quantize(_places(key)) if isinstance(value, Decimal) else value)
        for key, value in values.items()
    }


def _places(key: str) -> Decimal:
    return Decimal("0.001") if key == "quantity" else _CENT


def sum_of_lines(order: Order) -> Decimal | None:
    """None where there are no lines."""
    statement = select(func.sum(OrderLine.amount)).where(OrderLine.order_id == order.id)
    return db.session.scalar(statement)


def _products(actor: Actor, ids: set[int]) -> dict[int, Product]:
    if not ids:
        return {}
    return {each.id: each for each in db.session.scalars(Product.visible_to(actor).where(Product.id.in_(ids)))}


def _whole(row: Values, products: Mapping[int, Product]) -> dict[str, Any]:
    product = products.get(row.get("product") or 0)
    description = row.get("description") or (product.name if product else "")
    if not description:
        raise Invalid(N_("Each line needs a product or a description."))
    quantity = Decimal(1) if row.get("quantity") is None else row["quantity"]
    price = row.get("price")
    if price is None:
        price = product.price if product and product.price is not None else Decimal(0)
    quantity, price = quantity.quantize(_places("quantity"), ROUND_HALF_UP), price.quantize(_CENT)
    amount = (quantity * price).quantize(_CENT, ROUND_HALF_UP)
    if max(abs(quantity), abs(price), abs(amount)) >= _LARGEST:
        raise Invalid(N_("“%(value)s” is too large a number."), value=str(max(quantity, price)))
    kept = {"product_id": product.id if product else None, "description": description}
    return kept | {"quantity": quantity, "price": price, "amount": amount}
