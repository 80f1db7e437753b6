"""The fields of an order, declared once for form, page, list, filter, sort and import."""

from decimal import Decimal

from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.orders.choices import CURRENCIES, STATUSES
from crm.domain.orders.models import Order
from crm.domain.records.fields import owner_field, remarks_field, system_fields
from crm.kernel.fields import NO_CURRENCY, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.text import N_

_ORDER = (
    Field(
        key="name",
        core=True,
        label=N_("Subject"),
        kind=FieldKind.TEXT,
        column=Order.name,
        sort_column=Order.sort_key,
        sortable=True,
        max_length=300,
        help=N_("Left empty, it is the number."),
        headings=("订单主题", "订单标题", "主题", "订单名称", "合同名称", "Subject", "Order Name", "Title"),
    ),
    Field(
        key="customer",
        label=N_("Customer"),
        kind=FieldKind.LINK,
        column=Order.customer_id,
        source=CUSTOMERS_AS_VALUES,
        links="customers",
        required=True,
        max_length=400,
        help=N_("Name or number of one of the %(customers)s."),
        headings=(
            *("客户名称", "客户", "公司名称", "公司", "购货单位", "买方", "客户编号"),
            *("Account Name", "Account", "Company", "Customer", "Customer Name", "Bill To"),
        ),
    ),
    Field(
        key="ordered_on",
        label=N_("Ordered on"),
        kind=FieldKind.DATE,
        column=Order.ordered_on,
        required=True,
        sortable=True,
        headings=("下单日期", "订单日期", "成交日期", "交易日期", "下单时间", "Order Date", "Ordered On", "Date"),
    ),
    Field(
        key="status",
        label=N_("Status"),
        kind=FieldKind.CHOICE,
        column=Order.status,
        choices=STATUSES,
        required=True,
        default="open",
        help=N_("What is cancelled or returned is not counted."),
        headings=("订单状态", "状态", "交易状态", "Status", "Order Status"),
    ),
    Field(
        key="amount",
        label=N_("Amount"),
        kind=FieldKind.MONEY,
        column=Order.amount,
        unit=NO_CURRENCY,
        sortable=True,
        default=Decimal(0),
        help=N_("Where there are lines, it is their sum."),
        headings=(
            "订单金额",
            "合同金额",
            "金额",
            "总金额",
            "成交金额",
            "合计",
            "Amount",
            "Total",
            "Order Total",
            "Grand Total",
        ),
    ),
    Field(
        key="currency",
        label=N_("Currency"),
        kind=FieldKind.CHOICE,
        column=Order.currency,
        choices=CURRENCIES,
        required=True,
        default="CNY",
        headings=("币种", "货币", "Currency"),
    ),
)
_BELONGING = (
    Field(
        key="external_number",
        label=N_("Number elsewhere"),
        kind=FieldKind.TEXT,
        column=Order.external_number,
        max_length=100,
        help=N_("Its number in the system it comes from; an import finds it by this."),
        headings=(
            *("订单号", "订单编号", "合同编号", "单号", "外部订单号", "ERP单号", "交易编号"),
            *("Order Number", "Order No", "Order ID", "Order", "External ID", "Invoice", "InvoiceNo"),
        ),
    ),
    Field(
        key="external_source",
        label=N_("Comes from"),
        kind=FieldKind.TEXT,
        column=Order.external_source,
        max_length=60,
        help=N_("The system with that number, such as ERP: two systems may use the same one."),
        headings=("来源系统", "订单来源", "系统", "Source System", "Origin"),
    ),
    owner_field(Order),
    remarks_field(Order),
)

SECTIONS = (Section("order", N_("Order"), _ORDER), Section("belonging", N_("Belonging"), _BELONGING))
EDITABLE = _ORDER + _BELONGING
ORDER_FIELDS = EDITABLE + system_fields(Order)
