"""The choices of an order's fields, with the spellings other systems use for them."""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

STATUSES = (
    Choice(
        "open",
        N_("Placed"),
        "info",
        ("未完成", "进行中", "待付款", "待处理", "已下单", "新建", "pending", "new", "placed"),
    ),
    Choice("paid", N_("Paid"), "ok", ("已付款", "已支付", "付款完成", "processing", "invoiced")),
    Choice("shipped", N_("Shipped"), "ok", ("已发货", "发货中", "in transit", "fulfilled", "delivered")),
    Choice("done", N_("Done"), "ok", ("已完成", "完成", "交易成功", "已签收", "completed", "complete", "closed")),
    Choice("cancelled", N_("Cancelled"), "", ("已取消", "取消", "交易关闭", "作废", "canceled", "void")),
    Choice("returned", N_("Returned"), "warn", ("已退货", "退货", "退款", "已退款", "refunded", "return")),
)
COUNTED = ("open", "paid", "shipped", "done")
"""What has been bought; what was cancelled or returned has not."""
CURRENCIES = (
    Choice("CNY", N_("Yuan (CNY)"), aliases=("人民币（CNY）", "CNY", "人民币", "RMB", "元", "¥", "￥")),
    Choice("USD", N_("US dollar (USD)"), aliases=("美元（USD）", "USD", "美元", "$")),
    Choice("EUR", N_("Euro (EUR)"), aliases=("欧元（EUR）", "EUR", "欧元", "€")),
    Choice("HKD", N_("Hong Kong dollar (HKD)"), aliases=("港元（HKD）", "HKD", "港币", "港元")),
    Choice("GBP", N_("Pound (GBP)"), aliases=("英镑（GBP）", "GBP", "英镑", "£")),
    Choice(
        "JPY",
        N_("Yen (JPY)"),
        aliases=("JPY", "日元（JPY）", "日元"),
    ),
)
SUMMED = "CNY"
"""Sums are of amounts in this currency: there are no rates to make others of it."""
