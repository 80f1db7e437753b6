"""The choices of an opportunity's fields, with the spellings other systems use for them."""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

LOST_REASONS = (
    Choice("price", N_("Price"), aliases=("价格", "价格太高", "价格原因", "too expensive")),
    Choice("competitor", N_("Chose a competitor"), aliases=("竞争对手", "选择了竞争对手", "competition")),
    Choice("no_budget", N_("No budget"), aliases=("无预算", "没有预算", "预算不足")),
    Choice("no_need", N_("No need any more"), aliases=("不再需要", "无需求", "需求取消", "项目取消", "cancelled")),
    Choice(
        "product",
        N_("Product does not fit"),
        aliases=("产品不符合需求", "产品不符", "产品不满足", "功能不满足", "missing feature"),
    ),
    Choice("silence", N_("No answer"), aliases=("失联", "联系不上", "no response")),
    Choice("other", N_("Other"), aliases=("其他", "其它")),
)
