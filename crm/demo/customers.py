"""One customer after another, each from its number alone, so that any part of a million can be made by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from crm.demo import names, reach
from crm.demo.dice import Weighted, dice
from crm.demo.places import Place, abroad, at_home
from crm.demo.trades import Trade
from crm.demo.words import RIVALS, TAGS
from crm.kernel.contact import parse_phone

GROUP_EVERY = 50
"""Each so-manieth customer is a holding that later ones may belong to."""
_SORTS = Weighted([("chinese company", 74), ("english company", 12), ("chinese person", 11), ("english person", 3)])
_LEVELS = Weighted([("a", 10), ("b", 34), ("c", 42), (None, 14)])
_STAGES = Weighted(
    [("potential", 28), ("interested", 24), ("active", 26), ("loyal", 8), ("at_risk", 5), ("lost", 5), (None, 4)]
)
_SOURCES = Weighted(
    [
        ("website", 17),
        ("exhibition", 16),
        ("referral", 20),
        ("cold_call", 14),
        ("wecom", 12),
        ("search", 8),
        ("advertising", 6),
        ("store", 3),
        ("other", 2),
        (None, 2),
    ]
)
_REMARKS = {
    "zh": (
        "年采购额约 {amount} 万元，每季度对账一次。",
        "联系人{contact}，上午联系比较方便。",
        "主要需求：{goods}。目前由{rival}供货。",
        "发票抬头与合同主体不同，开票前请确认。",
        "{contact}介绍，希望先小批量试用{goods}。",
    ),
    "en": (
        "Buys for about {amount}0,000 yuan a year; accounts are settled quarterly.",
        "Ask for {contact}, mornings are best.",
        "Wants {goods}. Buys from {rival} at present.",
        "Invoices go to another entity: check before sending.",
        "Introduced by {contact}; wants a small trial of {goods} first.",
    ),
}


@dataclass(frozen=True)
class Sketch:
    """A made-up customer. `texts` are by field key as a person would type them; codes and choices are stored values."""

    index: int
    language: str
    """zh or en: the language people there speak with us."""
    trade: Trade
    place: Place
    contact: str
    parent: int | None
    """Index of the customer it belongs to, always a lower one."""
    texts: Mapping[str, Any]

    @property
    def values(self) -> dict[str, Any]:
        """By field key as `create_many` takes them; without owner and parent, which are ids."""
        values = {key: value for key, value in self.texts.items() if value}
        if "phone" in values:
            values["phone"] = parse_phone(values["phone"])
        return values


def customers(seed: int, count: int, start: int = 0) -> Iterator[Sketch]:
    return (customer(seed, index) for index in range(start, start + count))


def customer(seed: int, index: int) -> Sketch:
    """Equal arguments, equal customer. Nearly all names differ; all mobiles do."""
    rng = dice(seed, "customer", index)
    group = index % GROUP_EVERY == 0
    sort = "chinese company" if group else _SORTS.draw(rng)
    chinese, company = sort.startswith("chinese"), sort.endswith("company")
    place = at_home(rng) if chinese or rng.random() < 0.45 else abroad(rng)
    what = names.trade(rng)
    parent = _parent(rng, index) if sort == "chinese company" and not group else None
    named = _named(rng, sort, place, what, group=group, own=_brand_of(seed, parent))
    contact = (names.chinese_person if chinese else names.english_person)(rng).name
    sketch = Sketch(index, "zh" if chinese else "en", what, place, contact, parent, {})
    texts = {"name": named.name, "type": "company" if company else "person"}
    return replace(sketch, texts=texts | _reached(rng, sketch, named, company=company) | _judged(rng, sketch, company))


def _parent(rng: Random, index: int) -> int | None:
    groups = (index - 1) // GROUP_EVERY
    return rng.randint(max(0, groups - 20), groups) * GROUP_EVERY if rng.random() < 0.04 else None


def _brand_of(seed: int, index: int | None) -> str:
    """The brand of a group's name, drawn again as it was drawn there."""
    if index is None:
        return ""
    rng = dice(seed, "customer", index)
    place, what = at_home(rng), names.trade(rng)
    return names.chinese_company(rng, place, what, group=True).brand


def _named(rng: Random, sort: str, place: Place, what: Trade, *, group: bool, own: str) -> names.Named:
    if sort == "chinese company":
        return names.chinese_company(rng, place, what, own, group=group)
    if sort == "english company":
        return names.english_company(rng, place, what)
    return names.chinese_person(rng) if sort == "chinese person" else names.english_person(rng)


def _reached(rng: Random, sketch: Sketch, named: names.Named, *, company: bool) -> dict[str, Any]:
    email, website = reach.mailbox(rng, named.stem, sketch.index, company=company)
    place = sketch.place
    return {
        "phone": reach.phone(rng, sketch.index, place, company=company) if rng.random() < 0.94 else None,
        "email": email if rng.random() < 0.7 else None,
        "website": website if rng.random() < 0.6 else None,
        "region": place.region,
        "address": (place.address_zh if sketch.language == "zh" else place.address_en) if rng.random() < 0.8 else None,
    }


def _judged(rng: Random, sketch: Sketch, company: bool) -> dict[str, Any]:
    """What our own people noted about them."""
    goods = rng.choice(sketch.trade.goods_zh if sketch.language == "zh" else sketch.trade.goods_en)
    rival = rng.choice(RIVALS)
    remark = rng.choice(_REMARKS[sketch.language]).format(
        amount=rng.randint(1, 30) * 5, contact=sketch.contact, goods=goods, rival=rival
    )
    return {
        "industry": rng.choice(sketch.trade.codes) if company and rng.random() < 0.9 else None,
        "level": _LEVELS.draw(rng),
        "lifecycle_stage": _STAGES.draw(rng),
        "source": _SOURCES.draw(rng),
        "tags": list(TAGS.draw(rng)) if rng.random() < 0.35 else None,
        "competitor": rival if rng.random() < 0.1 else None,
        "remarks": remark if rng.random() < 0.3 else None,
    }
