"""The fields of a lead, declared once for form, page, list, filter, sort and import."""

from functools import partial

from crm.domain.contacts.record_type import CONTACTS_AS_VALUES
from crm.domain.customers.choices import SOURCES
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.leads.choices import DISCARDED, NEW, REASONS, STATUSES, WON
from crm.domain.leads.headings import HEADINGS
from crm.domain.leads.models import Lead
from crm.domain.opportunities.record_type import OPPORTUNITIES_AS_VALUES
from crm.domain.records.fields import name_field, owner_field, remarks_field, system_fields, tags_field
from crm.domain.reference.sources import INDUSTRIES, REGIONS
from crm.domain.tags.queries import configured
from crm.kernel.conditions import Condition
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.shaping import configurations
from crm.kernel.text import N_

_IF_DISCARDED = Condition("status", frozenset({DISCARDED}))
_IF_WON = Condition("status", frozenset({WON}))

_LEAD = (
    name_field(Lead, N_("Name or topic"), headings=HEADINGS["name"]),
    Field(
        key="company",
        label=N_("Company"),
        kind=FieldKind.TEXT,
        column=Lead.company,
        max_length=300,
        headings=HEADINGS["company"],
    ),
    Field(
        key="position", label=N_("Position"), kind=FieldKind.TEXT, column=Lead.position, headings=HEADINGS["position"]
    ),
    Field(key="phone", label=N_("Phone"), kind=FieldKind.PHONE, column=Lead.phone, headings=HEADINGS["phone"]),
    Field(
        key="email",
        label=N_("E-mail"),
        kind=FieldKind.EMAIL,
        column=Lead.email,
        max_length=254,
        headings=HEADINGS["email"],
    ),
    Field(
        key="wecom",
        label=N_("WeCom"),
        kind=FieldKind.TEXT,
        column=Lead.wecom,
        help=N_("Their id in WeCom."),
        headings=HEADINGS["wecom"],
    ),
    Field(
        key="website",
        label=N_("Website"),
        kind=FieldKind.URL,
        column=Lead.website,
        max_length=500,
        headings=HEADINGS["website"],
    ),
)
_INTEREST = (
    Field(
        key="source",
        label=N_("Source"),
        kind=FieldKind.CHOICE,
        column=Lead.source,
        choices=SOURCES,
        headings=HEADINGS["source"],
    ),
    Field(
        key="campaign", label=N_("Campaign"), kind=FieldKind.TEXT, column=Lead.campaign, headings=HEADINGS["campaign"]
    ),
    Field(
        key="industry",
        label=N_("Industry"),
        kind=FieldKind.REFERENCE,
        column=Lead.industry_code,
        source=INDUSTRIES,
        help=N_("Code or name in GB/T 4754-2017; pinyin works too."),
        headings=HEADINGS["industry"],
    ),
    Field(
        key="region",
        label=N_("Region"),
        kind=FieldKind.REFERENCE,
        column=Lead.region_code,
        source=REGIONS,
        help=N_("Province, city or county: code, name or pinyin."),
        headings=HEADINGS["region"],
    ),
    Field(
        key="expected_amount",
        label=N_("Expected amount"),
        kind=FieldKind.MONEY,
        column=Lead.expected_amount,
        sortable=True,
        headings=HEADINGS["expected_amount"],
    ),
)
_STATUS = (
    Field(
        key="status",
        label=N_("Status"),
        kind=FieldKind.CHOICE,
        column=Lead.status,
        choices=STATUSES,
        default=NEW,
        required=True,
        headings=HEADINGS["status"],
    ),
    Field(
        key="discard_reason",
        label=N_("Reason for discarding"),
        kind=FieldKind.CHOICE,
        column=Lead.discard_reason,
        choices=REASONS,
        shown_if=_IF_DISCARDED,
        required_from=_IF_DISCARDED,
        headings=HEADINGS["discard_reason"],
    ),
    Field(
        key="discard_text",
        label=N_("Why exactly"),
        kind=FieldKind.TEXT,
        column=Lead.discard_text,
        max_length=500,
        shown_if=_IF_DISCARDED,
        headings=HEADINGS["discard_text"],
    ),
)
_OF_THE_SYSTEM = (
    Field(key="score", label=N_("Score"), kind=FieldKind.NUMBER, column=Lead.score, editable=False, sortable=True),
    Field(
        key="customer",
        label=N_("Customer"),
        kind=FieldKind.LINK,
        column=Lead.customer_id,
        source=CUSTOMERS_AS_VALUES,
        links="customers",
        editable=False,
        shown_if=_IF_WON,
    ),
    Field(
        key="contact",
        label=N_("Contact"),
        kind=FieldKind.LINK,
        column=Lead.contact_id,
        source=CONTACTS_AS_VALUES,
        links="contacts",
        editable=False,
        shown_if=_IF_WON,
    ),
    Field(
        key="opportunity",
        label=N_("Opportunity"),
        kind=FieldKind.LINK,
        column=Lead.opportunity_id,
        source=OPPORTUNITIES_AS_VALUES,
        links="opportunities",
        editable=False,
        shown_if=_IF_WON,
    ),
)
_BELONGING = (owner_field(Lead, headings=HEADINGS["owner"]), tags_field(Lead), remarks_field(Lead))

SECTIONS = (
    Section("lead", N_("Who they are"), _LEAD),
    Section("interest", N_("What they want"), _INTEREST),
    Section("status", N_("Where it stands"), _STATUS + _OF_THE_SYSTEM),
    Section("belonging", N_("Belonging"), _BELONGING),
)
EDITABLE = _LEAD + _INTEREST + _STATUS + _BELONGING
LEAD_FIELDS = EDITABLE + _OF_THE_SYSTEM + system_fields(Lead)
configurations["leads"] = partial(configured, "leads")
