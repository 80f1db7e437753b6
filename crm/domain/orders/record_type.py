"""Orders, as the surfaces that serve every type of record see them."""

from crm.domain.orders import matching
from crm.domain.orders.actions import VERBS
from crm.domain.orders.fields import SECTIONS
from crm.domain.orders.models import Order
from crm.domain.orders.queries import BIN, FINDER, ORDERS
from crm.domain.records.source import RecordSource
from crm.kernel.records import RecordType
from crm.kernel.text import N_

ORDERS_AS_VALUES = RecordSource(Order, "ORD", FINDER)
ORDER = RecordType(
    key="orders",
    entity=Order,
    label=N_("Order"),
    label_plural=N_("Orders"),
    icon="shopping-cart",
    letter="o",
    list=ORDERS,
    bin=BIN,
    sections=SECTIONS,
    badges=("status",),
    beside=("ordered_on", "status", "amount"),
    verbs=VERBS,
    matching=matching,
)
