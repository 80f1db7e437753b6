"""The fields of a product, declared once for form, page, list, filter, sort and import."""

from crm.domain.products.models import Product
from crm.domain.records.fields import name_field, owner_field, system_fields
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.text import N_

_PRODUCT = (
    name_field(Product, headings=("产品名称", "产品", "商品名称", "品名", "Product Name", "Product", "Name", "Item")),
    Field(
        key="code",
        label=N_("Code"),
        kind=FieldKind.TEXT,
        column=Product.code,
        max_length=60,
        help=N_("As your other systems call it; no two %(products)s have the same."),
        headings=("产品编码", "产品代码", "商品编码", "货号", "物料编码", "Product Code", "Code", "SKU", "Item Code"),
    ),
    Field(
        key="category",
        label=N_("Category"),
        kind=FieldKind.TEXT,
        column=Product.category,
        headings=("产品类别", "产品分类", "产品类型", "类别", "分类", "Category", "Product Category", "Product Family"),
    ),
    Field(
        key="unit",
        label=N_("Unit"),
        kind=FieldKind.TEXT,
        column=Product.unit,
        max_length=20,
        headings=("单位", "产品单位", "计量单位", "Unit", "Unit of Measure", "UoM"),
    ),
    Field(
        key="price",
        label=N_("Price"),
        kind=FieldKind.MONEY,
        column=Product.price,
        headings=("价格", "单价", "标准价格", "售价", "Price", "Unit Price", "List Price", "Standard Price"),
    ),
    Field(
        key="on_sale",
        label=N_("On sale"),
        kind=FieldKind.YES_NO,
        column=Product.on_sale,
        default=True,
        headings=("在售", "是否上架", "上架", "On Sale", "Active", "Product Active"),
    ),
)
_MORE = (
    owner_field(Product),
    Field(
        key="description",
        label=N_("Description"),
        kind=FieldKind.LONG_TEXT,
        column=Product.description,
        max_length=20_000,
        headings=("产品描述", "描述", "说明", "Description", "Product Description"),
    ),
)

SECTIONS = (Section("product", N_("Product"), _PRODUCT), Section("more", N_("More"), _MORE))
EDITABLE = _PRODUCT + _MORE
PRODUCT_FIELDS = EDITABLE + system_fields(Product)
