"""Exports of other systems, known by their headings: which system it is, where its ids stand, what they lead to.

The columns themselves are matched by the headings of the fields (`Field.headings`). A recipe adds what no single
heading can say. Headings are public knowledge of these systems; each set holds those that few others use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from crm.domain.imports.headings import heading_key
from crm.domain.records.external import ExternalId
from crm.infra.db import db
from crm.kernel.text import fold


@dataclass(frozen=True)
class Recipe:
    """`marks`: headings that tell it, of which `least` must be there; `own`: where the id of a row's record stands, the
    first that is there; `links`: heading of another record's id → the field that leads to it."""

    system: str
    type: str
    marks: frozenset[str]
    least: int
    own: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)


def _marks(text: str) -> frozenset[str]:
    return frozenset(heading_key(each) for each in text.split("|"))


_SALESFORCE_PLACES = "Billing Street|Billing City|Billing State/Province|Billing Zip/Postal Code|Billing Country"
_MAILING = "Mailing Street|Mailing City|Mailing State/Province|Mailing Zip/Postal Code|Mailing Country"
_ESPO = "Created At|Modified At|Created By|Modified By|Assigned User|Original Lead|Campaign"
_ZOHO = "Record Id|Created Time|Modified Time|Last Activity Time|Created By.id|Modified By.id|Tag"
_HUBSPOT = "Record ID|Create Date|Last Activity Date|Last Modified Date|Lifecycle Stage|Original Source"
_TO_ACCOUNT = {"accountid": "customer", "accountnameid": "customer"}

RECIPES = (
    Recipe(
        "Salesforce",
        "customers",
        _marks(f"Account ID|Account Name|Account Owner|Annual Revenue|SIC Code|Ticker Symbol|{_SALESFORCE_PLACES}"),
        4,
        ("accountid", "id"),
        {"parentaccountid": "parent"},
    ),
    Recipe(
        "Salesforce",
        "contacts",
        _marks(f"Contact ID|Account Name|Account ID|Lead Source|Email Opt Out|Do Not Call|Asst. Phone|{_MAILING}"),
        4,
        ("contactid", "id"),
        _TO_ACCOUNT,
    ),
    Recipe(
        "Salesforce",
        "opportunities",
        _marks(
            "Opportunity ID|Opportunity Name|Opportunity Owner|Account Name|Close Date|Fiscal Period|Probability (%)"
        ),
        4,
        ("opportunityid", "id"),
        _TO_ACCOUNT,
    ),
    Recipe(
        "HubSpot",
        "customers",
        _marks(f"Company name|Company Domain Name|Company owner|Number of Employees|{_HUBSPOT}"),
        3,
        ("recordid",),
    ),
    Recipe(
        "HubSpot",
        "contacts",
        _marks(f"Contact owner|Associated Company|Associated Company IDs|Lead Status|Country/Region|{_HUBSPOT}"),
        4,
        ("recordid",),
        {"associatedcompanyids": "customer", "associatedcompanyid": "customer"},
    ),
    Recipe(
        "HubSpot",
        "opportunities",
        _marks(f"Deal Name|Deal Stage|Deal owner|Pipeline|Associated Company|{_HUBSPOT}"),
        4,
        ("recordid",),
        {"associatedcompanyids": "customer", "associatedcompanyid": "customer"},
    ),
    Recipe(
        "Zoho",
        "customers",
        _marks(f"Account Owner Id|Account Owner.id|Account Owner|Account Type|Account Site|Tasks Involved|{_ZOHO}"),
        3,
        ("recordid", "accountid"),
        {"parentaccountid": "parent"},
    ),
    Recipe(
        "Zoho",
        "contacts",
        _marks(f"Contact Owner Id|Contact Owner.id|Contact Owner|Account Name.id|Lead Source|{_ZOHO}"),
        3,
        ("recordid", "contactid"),
        _TO_ACCOUNT,
    ),
    Recipe(
        "Zoho",
        "opportunities",
        _marks(f"Deal Owner|Deal Owner.id|Deal Name|Closing Date|Account Name.id|Expected Revenue|{_ZOHO}"),
        3,
        ("recordid",),
        _TO_ACCOUNT,
    ),
    Recipe(
        "Odoo",
        "customers",
        _marks("External ID|Is a Company|Related Company|Address Type|Display Name|Company Type|Salesperson|Tags"),
        3,
        ("externalid",),
    ),
    Recipe(
        "Odoo",
        "contacts",
        _marks("External ID|Is a Company|Related Company|Address Type|Display Name|Company Type|Job Position|Title"),
        3,
        ("externalid",),
        {"relatedcompanyexternalid": "customer", "relatedcompanyid": "customer"},
    ),
    Recipe("EspoCRM", "customers", _marks(f"Sic Code|Postal Code|Street (Shipping)|{_ESPO}"), 4, ("id",)),
    Recipe("EspoCRM", "contacts", _marks(f"Account Type|Do Not Call|{_ESPO}"), 4, ("id",), _TO_ACCOUNT),
    Recipe(
        "EspoCRM",
        "opportunities",
        _marks(f"Last Stage|Amount (converted)|Contact (Primary)|Probability, %|{_ESPO}"),
        4,
        ("id",),
        _TO_ACCOUNT,
    ),
    Recipe("悟空CRM", "customers", _marks("客户名称|客户级别|客户行业|客户来源|下次联系时间|最后跟进记录"), 4),
    Recipe("悟空CRM", "contacts", _marks("姓名|客户名称|是否关键决策人|职务|下次联系时间|性别"), 4),
    Recipe("悟空CRM", "opportunities", _marks("商机名称|客户名称|商机金额|预计成交日期|商机状态组|商机阶段"), 3),
)


def recognised(type_: str, headings: Sequence[str]) -> Recipe | None:
    """The one of which most is there; None where two are as likely, or none is."""
    keys = {heading_key(each) for each in headings}
    fits = [(len(each.marks & keys), each) for each in RECIPES if each.type == type_]
    best = max((count for count, each in fits if count >= each.least), default=0)
    likely = [each for count, each in fits if best and count == best and count >= each.least]
    return likely[0] if len(likely) == 1 else None


def own_column(recipe: Recipe, headings: Sequence[str]) -> int | None:
    """Where the ids of the rows stand."""
    keys = [heading_key(each) for each in headings]
    return next((keys.index(each) for each in recipe.own if each in keys), None)


def links_of(recipe: Recipe, headings: Sequence[str]) -> dict[int, str]:
    """Column → field, of ids that lead somewhere: where records with ids of that system are here already."""
    keys = [heading_key(each) for each in headings]
    found = {keys.index(key): to for key, to in recipe.links.items() if key in keys}
    return found if found and _has_ids(recipe.system) else {}


def _has_ids(system: str) -> bool:
    there = select(ExternalId.id).where(ExternalId.subject_type == "customers", ExternalId.source_key == fold(system))
    return db.session.scalar(there.limit(1)) is not None
