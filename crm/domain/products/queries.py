"""Reading products: the list and its recycle bin."""

from crm.domain.products.fields import PRODUCT_FIELDS
from crm.domain.products.models import Product
from crm.domain.records.queries import bin_of
from crm.domain.records.search import Finder
from crm.kernel.listing import ListSpec

FINDER = Finder(Product)
PRODUCTS = ListSpec(
    entity=Product,
    fields=PRODUCT_FIELDS,
    columns=("code", "category", "unit", "price", "on_sale", "updated"),
    always=(Product.name, Product.number, Product.owner_id, Product.department_id),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
)
BIN = bin_of(Product, FINDER)
