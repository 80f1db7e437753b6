"""The products of a deal: what they sum up to is its amount."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select

from crm.domain.opportunities.actions import VERBS
from crm.domain.opportunities.events import OpportunityLineAdded, OpportunityLineChanged, OpportunityLineRemoved
from crm.domain.opportunities.models import Opportunity, OpportunityLine
from crm.domain.opportunities.rules import total_of
from crm.domain.records.changing import touch
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import plain, record
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_

MOST = 200
_CENT = Decimal("0.01")
LINE_FIELDS = (
    Field(key="product", label=N_("Product"), kind=FieldKind.TEXT, required=True),
    Field(key="quantity", label=N_("Quantity"), kind=FieldKind.NUMBER, required=True, default=Decimal(1)),
    Field(key="price", label=N_("Price of one"), kind=FieldKind.MONEY, required=True),
    Field(key="discount", label=N_("Discount in percent"), kind=FieldKind.NUMBER),
)


def lines_of(one: Opportunity) -> list[OpportunityLine]:
    """`one` must have been fetched through visible_to."""
    statement = select(OpportunityLine).where(OpportunityLine.opportunity_id == one.id)
    return list(db.session.scalars(statement.order_by(OpportunityLine.id)))


def add_line(actor: Actor, one: Opportunity, values: Mapping[str, Any]) -> OpportunityLine:
    """`values` by field key, as read by LINE_FIELDS; `one` is locked."""
    if one.line_count >= MOST:
        raise RuleBroken(N_("At most %(most)s products fit into one deal."), most=MOST)
    line = OpportunityLine(opportunity_id=one.id, **_reckoned(values))
    db.session.add(line)
    record(actor, one, OpportunityLineAdded(line.product, _told(values)))
    _sum_up(actor, one)
    return line


def change_line(actor: Actor, one: Opportunity, line: OpportunityLine, values: Mapping[str, Any]) -> None:
    before, after = _told(line.as_values()), _told(values)
    differs = {key: [before.get(key), after.get(key)] for key in after if before.get(key) != after.get(key)}
    if not differs:
        return
    for key, value in _reckoned(values).items():
        setattr(line, key, value)
    record(actor, one, OpportunityLineChanged(line.product, differs))
    _sum_up(actor, one)


def remove_line(actor: Actor, one: Opportunity, line: OpportunityLine) -> None:
    db.session.delete(line)
    record(actor, one, OpportunityLineRemoved(line.product, _told(line.as_values())))
    _sum_up(actor, one)


def _reckoned(values: Mapping[str, Any]) -> dict[str, Any]:
    quantity, price, discount = values["quantity"], values["price"], values.get("discount") or Decimal(0)
    if quantity <= 0:
        raise Invalid(N_("A quantity is more than nothing."), key="quantity")
    if not 0 <= discount <= 100:
        raise Invalid(N_("A discount is between 0 and 100 percent."), key="discount")
    amount = (quantity * price * (100 - discount) / 100).quantize(_CENT, ROUND_HALF_UP)
    return {"product": values["product"], "quantity": quantity, "price": price, "discount": discount, "amount": amount}


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain(_same(value)) for key, value in values.items()}


def _same(value: Any) -> Any:
    """However many zeros the database keeps."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def _sum_up(actor: Actor, one: Opportunity) -> None:
    """The last one that goes leaves the amount as it was."""
    db.session.flush()
    counted = select(func.count()).where(OpportunityLine.opportunity_id == one.id)
    one.line_count = db.session.scalar(counted) or 0
    if not (one.line_count and VERBS.change(actor, one, {"amount": total_of(one.id)})):
        touch(one)
