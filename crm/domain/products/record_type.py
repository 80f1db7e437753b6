"""Products, as the surfaces that serve every type of record see them."""

from crm.domain.products import matching
from crm.domain.products.actions import VERBS
from crm.domain.products.fields import SECTIONS
from crm.domain.products.models import Product
from crm.domain.products.queries import BIN, FINDER, PRODUCTS
from crm.domain.records.source import RecordSource
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.records import RecordType
from crm.kernel.text import N_

PRODUCTS_AS_VALUES = RecordSource(Product, "PROD", FINDER)
PRODUCT = RecordType(
    key="products",
    entity=Product,
    label=N_("Product"),
    label_plural=N_("Products"),
    icon="tag",
    letter="q",
    list=PRODUCTS,
    bin=BIN,
    sections=SECTIONS,
    beside=("code", "price"),
    verbs=VERBS,
    matching=matching,
)


def product_field(column: object = None) -> Field:
    """A product, as it stands on a line of an order."""
    return Field(
        key="product",
        label=N_("Product"),
        kind=FieldKind.LINK,
        column=column,  # type: ignore[arg-type]
        source=PRODUCTS_AS_VALUES,
        max_length=400,
    )
