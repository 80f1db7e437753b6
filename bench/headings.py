"""Columns of other systems' exports and templates, matched without a click: how many of those we have a field for, and
how many of the matches are right.

The truth beside the headings is their collector's; where our model differs it is corrected here, with the reason.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.result import Measured
from crm.config import LANGUAGES
from crm.domain.imports.mapping import suggest
from crm.domain.imports.targets import TARGETS
from crm.kernel.access import Actor
from crm.kernel.fields import Context
from crm.web.i18n import delivered

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "import_headings" / "headings.csv"
# What the object of another system is with us; the first word of what the collector calls it. Receivables are nothing.
OBJECTS = {
    "lead": "leads",
    "account": "customers",
    "contact": "contacts",
    "product": "products",
    "opportunity": "opportunities",
    "contract": "orders",
    "visit": "follow_ups",
    "ticket": "tickets",
}
# The collector's name of a field → ours, by type; a name that is not here is something we have no field for.
_EVERYWHERE = {"owner": "owner", "remark": "remarks", "phone": "phone", "mobile": "phone", "email": "email"}
_PLACE = {"region": "region", "province": "region", "city": "region"}
CANONICAL: dict[str, dict[str, str]] = {
    "customers": _EVERYWHERE
    | _PLACE
    | {"company_name": "name", "website": "website", "industry": "industry", "level": "level", "source": "source"}
    | {"address": "address", "customer_type": "type", "parent_company": "parent"},
    "contacts": _EVERYWHERE
    | {"person_name": "name", "first_name": "name", "last_name": "name", "company_name": "customer"}
    | {"job_title": "position", "birth_date": "birthday", "gender": "gender", "salutation": "gender"}
    | {"wechat": "wecom"},
    "leads": _EVERYWHERE
    | _PLACE
    | {"lead_name": "name", "person_name": "name", "first_name": "name", "last_name": "name"}
    | {"company_name": "company", "job_title": "position", "website": "website", "industry": "industry"}
    | {"source": "source", "status": "status", "wechat": "wecom"},
    "opportunities": _EVERYWHERE
    | {"opportunity_name": "name", "company_name": "customer", "amount": "amount", "close_date": "closes_on"}
    | {"stage": "stage", "source": "source"},
    "orders": {"company_name": "customer", "remark": "remarks"},
    "products": {},
    "tickets": {"status": "status", "remark": "description", "customer_type": "type", "company_name": "customer"},
    "follow_ups": {"company_name": "about"},
}
# (type, heading) → our field, or "" where there is none: what the collector left open, or saw otherwise.
_OPEN = {
    "contacts": {"Account": "customer", "Assigned User": "owner", "Name": "name"},
    "customers": {"Account Type": "type", "Assigned User": "owner", "Name": "name", "name": "name"}
    | dict.fromkeys(
        ("Billing City", "Billing State", "Billing State/Province", "billing_city", "billing_state"), "region"
    )
    | {"Billing Street": "address", "billing_street": "address", "account_source": "source"}
    | {"成交状态": "lifecycle_stage"}  # whether there was a deal, which is what our stages begin with
    | {"Related company": "parent"},  # of a person, or of a branch
    "leads": {"Assigned User": "owner", "Campaign": "campaign", "Name": "name", "Source": "source"}
    | {"Opportunity Amount": "expected_amount"},
    "opportunities": {"Account": "customer", "Assigned User": "owner", "Name": "name"},
    "orders": {"下单时间": "ordered_on", "合同名称": "name", "合同金额": "amount", "合同编号": "external_number"},
    "products": {"产品名称": "name", "产品类型": "category", "产品单位": "unit", "产品编码": "code", "价格": "price"}
    | {"产品描述": "description"},
    "tickets": {"Account": "customer", "Contact": "contact", "Name": "name", "Priority": "priority"}
    | {"Assigned User": "owner"},
    "follow_ups": {"回访人": "author", "回访形式": "kind", "回访时间": "happened_at", "客户反馈": "body"},
}
CORRECTED = {(type_, heading): key for type_, some in _OPEN.items() for heading, key in some.items()}


@dataclass
class Judged:
    """`right`, `missed` and `wrong` are “type: heading → field”."""

    right: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.missed))

    @property
    def precision(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.wrong))


def heading_mapping_recall() -> Measured:
    """Value: the share of columns we have a field for that are matched to it without a click."""
    judged = judge(rows())
    detail = {"missed": judged.missed, "right": len(judged.right)}
    return Measured("heading_mapping_recall", judged.recall, "share", len(judged.right) + len(judged.missed), detail)


def heading_mapping_precision() -> Measured:
    """Value: the share of columns matched without a click that are matched to the right field."""
    judged = judge(rows())
    detail = {"wrong": judged.wrong, "right": len(judged.right)}
    return Measured(
        "heading_mapping_precision", judged.precision, "share", len(judged.right) + len(judged.wrong), detail
    )


def rows() -> list[dict[str, str]]:
    with SHARED.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def judge(found: Sequence[dict[str, str]]) -> Judged:
    judged = Judged()
    for type_, some in _files(found):
        taken = _taken(type_, [each["heading"] for each in some])
        gold = [_gold(type_, each) for each in some]
        filled = {key for key in taken if key}
        for row, key, wanted in zip(some, taken, gold, strict=True):
            told = f"{type_}: {row['heading']} → {key or wanted}"
            if key and key == wanted:
                judged.right.append(told)
            elif key:
                judged.wrong.append(told)
            elif wanted and wanted not in filled:  # a field that another column of the file fills has what it needs
                judged.missed.append(told)
    return judged


def _files(found: Sequence[dict[str, str]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    files: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in found:
        files.setdefault((row["system"], row["object"]), []).append(row)
    for (_, name), some in files.items():
        if (type_ := OBJECTS.get(name.partition(" ")[0])) is not None:
            yield type_, some


def _taken(type_: str, headings: Sequence[str]) -> list[str]:
    fields = [each for each in TARGETS[type_].fields if each.editable]
    labels = {each.key: {delivered(language, each.label) for language in LANGUAGES} for each in fields}
    found: Any = suggest(fields, headings, [], Context(Actor(None)), labels)
    return [found[at].key if at in found and found[at].is_taken else "" for at in range(len(headings))]


def _gold(type_: str, row: dict[str, str]) -> str:
    if (said := CORRECTED.get((type_, row["heading"]))) is not None:
        return said
    return CANONICAL[type_].get(row["canonical_guess"], "")
