"""Six fields of the company's own, and what stands in them."""

import datetime as dt
from decimal import Decimal
from typing import Any

from crm.demo.dice import Weighted, dice
from crm.domain.fields import actions
from crm.domain.fields.drafts import ChoiceDraft, Draft
from crm.kernel.access import Actor
from crm.kernel.kinds import FieldKind

_TERMS = Weighted([("prepaid", 20), ("30_days", 45), ("60_days", 20), ("cash_on_delivery", 15)])
_CERTIFICATES = ("iso_9001", "iso_14001", "ccc", "ce")
_EMPTY = 0.3  # of the customers in each field, as nobody fills in everything

FIELDS = (
    Draft({"en": "Annual purchases", "zh_CN": "年采购额"}, FieldKind.MONEY, "basics", unit="CNY"),
    Draft(
        {"en": "Payment terms", "zh_CN": "付款方式"},
        FieldKind.CHOICE,
        "basics",
        choices=(
            ChoiceDraft({"en": "Prepaid", "zh_CN": "预付"}, "prepaid", "ok"),
            ChoiceDraft({"en": "30 days", "zh_CN": "月结30天"}, "30_days", "info"),
            ChoiceDraft({"en": "60 days", "zh_CN": "月结60天"}, "60_days", "warn"),
            ChoiceDraft({"en": "Cash on delivery", "zh_CN": "货到付款"}, "cash_on_delivery"),
        ),
    ),
    Draft({"en": "Contract until", "zh_CN": "合同到期日"}, FieldKind.DATE, "belonging"),
    Draft(
        {"en": "Certificates", "zh_CN": "资质认证"},
        FieldKind.MULTI_CHOICE,
        "basics",
        choices=tuple(ChoiceDraft({"en": key.upper().replace("_", " ")}, key) for key in _CERTIFICATES),
    ),
    Draft({"en": "Visited our plant", "zh_CN": "已参观工厂"}, FieldKind.YES_NO, "belonging"),
    Draft(
        {"en": "Number of employees", "zh_CN": "员工人数"},
        FieldKind.NUMBER,
        "basics",
        help={"en": "About, all sites together.", "zh_CN": "大约，所有地点合计。"},
        shown_if=("type", ("company",)),
    ),
)


def make_fields(actor: Actor) -> list[str]:
    """Their keys, in the order of FIELDS."""
    return [actions.make(actor, "customers", draft).key for draft in FIELDS]


def filled_in(seed: int, index: int, keys: list[str], today: dt.date, *, company: bool) -> dict[str, Any]:
    """What the customer of this number has in them. Only a company has employees."""
    rng = dice(seed, "own fields", index)
    values = (
        Decimal(rng.randrange(5, 900)) * 10_000,
        _TERMS.draw(rng),
        today + dt.timedelta(days=rng.randrange(-200, 700)),
        [key for key in _CERTIFICATES if rng.random() < 0.4] or None,
        rng.random() < 0.35,
        Decimal(rng.choice((12, 35, 80, 150, 400, 1_200))) if company else None,
    )
    return {key: value for key, value in zip(keys, values, strict=True) if rng.random() >= _EMPTY}
