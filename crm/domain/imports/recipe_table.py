"""What the exports of other systems are headed with, where they keep ids, and what their delivered values are with us.

Headings in any case, width and punctuation: `Account ID`, `AccountId` and `ACCOUNT_ID` are one. A recipe's marks are
few, since people choose the columns of an export; but no other system's file of that type has all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.domain.imports.headings import heading_key
from crm.domain.imports.recipe_meanings import ACCOUNT, DEAL, DISCARDED, GENDER, LEAD, LOST, NO_OWNER, TITLES
from crm.kernel.text import N_

Meanings = Mapping[str, Mapping[str, str]]  # field key → {their text: what our field reads}, "" for nothing


@dataclass(frozen=True)
class Recipe:
    """`marks`: sets of headings, one of which its files have as a whole. `ids`: headings of the row's own id.
    `columns`: heading → field, where only in this system it means that; ids of other records among them. `fallbacks`:
    what a field of ours must have and theirs does not know."""

    system: str
    record_type: str
    marks: tuple[frozenset[str], ...]
    ids: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    meanings: Meanings = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)


def _marks(*some: str) -> tuple[frozenset[str], ...]:
    """Each a line of headings, with commas between."""
    return tuple(frozenset(map(heading_key, each.split(","))) for each in some)


def _columns(**by_field: str) -> dict[str, str]:
    return {heading_key(each): field for field, some in by_field.items() for each in some.split(",")}


def _of(system: str, record_type: str, *marks: str, ids: str = "", **more: Mapping[str, object]) -> Recipe:
    found: tuple[str, ...] = tuple(heading_key(each) for each in ids.split(",") if each)
    return Recipe(system, record_type, _marks(*marks), found, **more)  # type: ignore[arg-type]


SALESFORCE, HUBSPOT, ZOHO, ODOO, ESPO, WUKONG = "Salesforce", "HubSpot", "Zoho", "Odoo", "EspoCRM", N_("WuKong CRM")
SYSTEMS = (SALESFORCE, HUBSPOT, ZOHO, ODOO, ESPO, WUKONG)
RECIPES: tuple[Recipe, ...] = (
    # Data Export and Data Loader write names of the programming interface, reports write labels.
    _of(
        *(SALESFORCE, "customers", "Id,Name,OwnerId,BillingCity", "Account Owner,Account Name,Billing State/Province"),
        *(
            "Id,Name,ParentId,OwnerId",
            "Account Name,Ticker Symbol,SIC Code",
        ),
        ids="Id,Account ID",
        columns=_columns(parent="ParentId,Parent Account ID"),
        meanings=ACCOUNT,
    ),
    _of(
        *(SALESFORCE, "contacts", "Id,AccountId,LastName,OwnerId", "Last Name,Account Name,Mailing State/Province"),
        *(
            "Contact ID,Last Name,Account Name,Account Owner",
            "Contact ID,Account ID,Last Name,Mailing City",
            "Last Name,Account Name,Asst. Phone",
        ),
        ids="Id,Contact ID",
        columns=_columns(customer="AccountId,Account ID"),
        meanings=GENDER,
    ),
    _of(
        *(SALESFORCE, "leads", "Id,LastName,Company,IsConverted", "Lead Owner,Last Name,Company / Account"),
        ids="Id,Lead ID",
        meanings=LEAD,
        fallbacks=DISCARDED,
    ),
    _of(
        *(SALESFORCE, "opportunities", "Id,AccountId,StageName,CloseDate", "Opportunity Name,Opportunity Owner,Stage"),
        ids="Id,Opportunity ID",
        columns=_columns(customer="AccountId,Account ID", stage="StageName"),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    _of(
        *(SALESFORCE, "tickets", "Id,CaseNumber,Subject,Status", "Case Number,Subject,Case Owner"),
        ids="Id,Case ID",
        columns=_columns(
            customer="AccountId,Account ID", contact="ContactId,Contact ID", opened="CreatedDate", channel="Origin"
        ),
        meanings={"status": {"new": "new", "escalated": "open"}},
    ),
    _of(
        *(SALESFORCE, "tasks", "Id,WhatId,Subject,ActivityDate"),
        ids="Id",
        columns=_columns(about="AccountId,WhatId", due="ActivityDate"),
        meanings={"status": {"waiting on someone else": "open"}},
    ),
    _of(
        *(HUBSPOT, "customers", "Record ID,Company name,Company owner", "Company ID,Company owner,Name"),
        *("Record ID,Company name,Company Domain Name",),
        ids="Record ID,Company ID",
        columns=_columns(parent="Parent Company ID,Associated Parent Company ID"),
        meanings={**ACCOUNT, **NO_OWNER},
    ),
    _of(
        *(HUBSPOT, "contacts", "Record ID,Contact owner,Create Date", "Record ID,Contact owner,Associated Company"),
        *("Contact ID,Contact owner,Create Date", "Record ID,Contact owner,Lead Status,Email,Lifecycle Stage"),
        ids="Record ID,Contact ID",
        columns=_columns(customer="Associated Company ID,Associated Company IDs,Primary Associated Company ID"),
        meanings={**GENDER, **NO_OWNER},
    ),
    _of(
        *(HUBSPOT, "opportunities", "Record ID,Deal Name,Deal Stage", "Deal ID,Deal Name,Deal Stage"),
        ids="Record ID,Deal ID",
        columns=_columns(customer="Associated Company ID,Associated Company IDs,Primary Associated Company ID"),
        meanings={**DEAL, **NO_OWNER, "pipeline": {"sales pipeline": "", "default": ""}},
        fallbacks=LOST,
    ),
    _of(
        *(HUBSPOT, "tickets", "Record ID,Ticket name,Ticket status", "Ticket ID,Ticket name,Ticket status"),
        ids="Record ID,Ticket ID",
        columns=_columns(
            customer="Associated Company ID,Associated Company IDs", contact="Associated Contact", opened="Create date"
        ),
        meanings={"status": {"waiting on us": "open", "waiting on us (support pipeline)": "open"}},
    ),
    _of(
        *(ZOHO, "customers", "Record Id,Account Name,Account Owner", "ACCOUNTID,Account Name,Account Owner Id"),
        ids="Record Id,ACCOUNTID",
        columns=_columns(parent="Parent Account.id"),
        meanings=ACCOUNT,
    ),
    _of(
        *(ZOHO, "contacts", "Record Id,Contact Owner,Account Name", "Record Id,Contact Owner,Contact Owner.id"),
        *("CONTACTID,Contact Owner,Contact Owner Id,Last Name",),
        ids="Record Id,CONTACTID",
        columns=_columns(customer="Account Name.id,Account Id"),
        meanings=GENDER,
    ),
    _of(
        *(
            ZOHO,
            "leads",
            "Record Id,Lead Owner,Lead Status",
            "LEADID,Lead Owner,Company",
            "Record Id,Lead Owner,Company",
        ),
        ids="Record Id,LEADID",
        meanings=LEAD,
        fallbacks=DISCARDED,
    ),
    _of(
        *(ZOHO, "opportunities", "Record Id,Deal Name,Closing Date", "Record Id,Deal Name,Deal Owner,Stage"),
        ids="Record Id",
        columns=_columns(customer="Account Name.id", closes_on="Closing Date"),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    _of(*(ZOHO, "tasks", "Record Id,Task Owner,Subject"), ids="Record Id", columns=_columns(about="Related To.id")),
    _of(
        *(ODOO, "customers", "External ID,Name,Is a Company", "id,name,is_company", "Is a company,Related company"),
        *("External ID,Display Name,Is a Company", "External ID,Complete Name,Is a Company"),
        ids="External ID,id",
        columns=_columns(
            type="Is a Company",
            parent="parent_id/id,Related Company/External ID",
            name="Display Name,Complete Name",
            owner="user_id",
            region="state_id",
            remarks="comment",
        ),
        meanings=ACCOUNT,
    ),
    _of(
        *(ODOO, "contacts", "External ID,Name,Related Company", "External ID,Display Name,Related Company"),
        *("id,name,parent_id/id", "id,name,parent_id", "External ID,Name,Related Company/External ID"),
        *("External ID,Complete Name,Company Name",),
        ids="External ID,id",
        columns=_columns(
            customer="parent_id/id,Related Company/External ID,Related Company,parent_id,Company Name",
            name="Display Name,Complete Name",
            position="function,Job Position",
            gender="title",
            owner="user_id",
            remarks="comment",
        ),
        meanings={
            "gender": {**TITLES, "doctor": "", "professor": "", "madam": "Female", "mister": "Male", "miss": "Female"}
        },
    ),
    _of(
        *(ODOO, "opportunities", "Opportunity,Expected Revenue,Stage", "name,partner_id,expected_revenue"),
        *("id,name,partner_id/id,stage_id", "name,partner_id/id,expected_revenue"),
        ids="External ID,id",
        columns=_columns(
            customer="partner_id/id,Customer/External ID,partner_id",
            stage="stage_id,stage_id/name",
            amount="expected_revenue",
            closes_on="Expected Closing,date_deadline",
            owner="user_id",
        ),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    # CSV has the attributes, a spreadsheet the labels.
    _of(
        *(ESPO, "customers", "id,name,billingAddressCity", "id,name,assignedUserName,industry"),
        *("Name,Assigned User,Modified At,Industry", "Name,Assigned User,Created At,Website"),
        ids="id",
        meanings=ACCOUNT,
    ),
    _of(
        *(ESPO, "contacts", "id,lastName,accountName,assignedUserName", "id,lastName,accountId,assignedUserId"),
        *("Name,Account,Assigned User,Modified At,Salutation", "Name,Account,Assigned User,Created At,Email"),
        ids="id",
        columns=_columns(customer="accountId"),
        meanings=GENDER,
    ),
    _of(
        *(ESPO, "leads", "id,lastName,status,assignedUserName", "Name,Status,Assigned User,Created At,Source"),
        ids="id",
        meanings=LEAD,
        fallbacks=DISCARDED,
    ),
    _of(
        *(ESPO, "opportunities", "id,name,stage,closeDate", "Name,Stage,Assigned User,Close Date"),
        ids="id",
        columns=_columns(customer="accountId"),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    _of(
        *(ESPO, "tickets", "id,number,status,assignedUserName", "Number,Status,Priority,Assigned User"),
        ids="id",
        columns=_columns(customer="accountId", contact="contactId", opened="createdAt,Created At"),
        meanings={"status": {"assigned": "open", "rejected": "closed", "duplicate": "closed"}},
    ),
    _of(
        *(ESPO, "tasks", "id,name,status,dateEnd", "id,name,parentName,dateEnd"),
        ids="id",
        columns=_columns(due="dateEnd"),
    ),
    _of(WUKONG, "customers", "客户名称,客户级别,下次联系时间", "客户名称,客户级别,成交状态"),
    _of(WUKONG, "contacts", "姓名,客户名称,是否关键决策人", columns=_columns(role="是否关键决策人")),
    _of(WUKONG, "leads", "线索名称,客户级别,下次联系时间", "线索名称,客户行业,线索来源"),
    _of(WUKONG, "opportunities", "商机名称,客户名称,商机金额,预计成交日期", fallbacks=LOST),
    _of(WUKONG, "orders", "合同编号,合同名称,客户签约人", "合同编号,合同名称,公司签约人"),
    _of(WUKONG, "products", "产品名称,产品类型,产品单位,产品编码"),
    _of(WUKONG, "follow_ups", "回访编号,回访时间,回访人"),
)
