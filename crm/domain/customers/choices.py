"""The choices of a customer's fields, with the spellings other systems use for them."""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

TYPES = (
    Choice("company", N_("Company"), aliases=("企业", "公司", "企业客户", "organisation", "organization", "business")),
    Choice("person", N_("Person"), aliases=("个人", "个人客户", "individual", "consumer")),
)
LEVELS = (
    Choice("a", N_("A – key"), "ok", ("A", "A级", "A（重点客户）", "重点客户", "VIP", "重要客户", "hot", "高")),
    Choice("b", N_("B – regular"), "info", ("B", "B级", "B（普通客户）", "普通客户", "一般客户", "warm", "中")),
    Choice(
        "c", N_("C – small"), "", ("C", "C级", "C（小客户）", "C（非优先客户）", "小客户", "非优先客户", "cold", "低")
    ),
)
LIFECYCLE_STAGES = (
    Choice("potential", N_("Potential"), "info", ("潜在", "潜在客户", "prospect", "lead")),
    Choice("interested", N_("Interested"), "info", ("意向", "意向客户", "opportunity", "qualified")),
    Choice("active", N_("Active"), "ok", ("成交", "成交客户", "活跃", "customer", "已成交")),
    Choice("loyal", N_("Loyal"), "ok", ("忠诚", "忠诚客户", "老客户", "evangelist")),
    Choice("at_risk", N_("At risk"), "warn", ("流失预警", "预警")),
    Choice("lost", N_("Lost"), "bad", ("流失", "流失客户", "已流失", "churned", "former")),
)
SOURCES = (
    Choice("website", N_("Website"), aliases=("网站", "官网", "web", "线上注册")),
    Choice("advertising", N_("Advertising"), aliases=("广告", "advertisement")),
    Choice("search", N_("Search engine"), aliases=("搜索引擎", "百度", "google")),
    Choice("exhibition", N_("Exhibition"), aliases=("展会", "trade show", "conference", "市场活动")),
    Choice(
        "referral",
        N_("Referral"),
        aliases=("转介绍", "客户介绍", "推荐", "word of mouth", "employee referral", "external referral", "partner"),
    ),
    Choice("cold_call", N_("Cold call"), aliases=("电话营销", "陌生拜访", "电销", "phone inquiry")),
    Choice("wecom", N_("WeCom"), aliases=("企业微信", "微信", "wechat")),
    Choice("store", N_("Shop"), aliases=("门店", "线下门店")),
    Choice("other", N_("Other"), aliases=("其他", "其它")),
)
