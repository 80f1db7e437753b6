"""The fields of a customer, declared once for form, page, list, filter, sort and import."""

from functools import partial

from crm.domain.customers.choices import LEVELS, LIFECYCLE_STAGES, SOURCES, TYPES
from crm.domain.customers.headings import HEADINGS
from crm.domain.customers.models import Customer
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.records.fields import owner_field, system_fields, tags_field
from crm.domain.reference.sources import INDUSTRIES, REGIONS
from crm.domain.tags.queries import configured
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.shaping import configurations
from crm.kernel.text import N_

_BASICS = (
    Field(
        key="name",
        core=True,
        label=N_("Full name"),
        kind=FieldKind.TEXT,
        column=Customer.name,
        sort_column=Customer.sort_key,
        required=True,
        sortable=True,
        max_length=300,
        headings=HEADINGS["name"],
    ),
    Field(
        key="type",
        label=N_("Type"),
        kind=FieldKind.CHOICE,
        column=Customer.type,
        choices=TYPES,
        required=True,
        default="company",
        headings=HEADINGS["type"],
    ),
    Field(
        key="industry",
        label=N_("Industry"),
        kind=FieldKind.REFERENCE,
        column=Customer.industry_code,
        source=INDUSTRIES,
        help=N_("Code or name in GB/T 4754-2017; pinyin works too."),
        headings=HEADINGS["industry"],
    ),
    Field(
        key="level",
        label=N_("Level"),
        kind=FieldKind.CHOICE,
        column=Customer.level,
        choices=LEVELS,
        headings=HEADINGS["level"],
    ),
    Field(
        key="lifecycle_stage",
        label=N_("Lifecycle stage"),
        kind=FieldKind.CHOICE,
        column=Customer.lifecycle_stage,
        choices=LIFECYCLE_STAGES,
        headings=HEADINGS["lifecycle_stage"],
    ),
    Field(
        key="source",
        label=N_("Source"),
        kind=FieldKind.CHOICE,
        column=Customer.source,
        choices=SOURCES,
        headings=HEADINGS["source"],
    ),
    tags_field(Customer, headings=HEADINGS["tags"]),
)

_REACH = (
    Field(
        key="phone",
        label=N_("Phone"),
        kind=FieldKind.PHONE,
        column=Customer.phone,
        headings=HEADINGS["phone"],
    ),
    Field(
        key="email",
        label=N_("E-mail"),
        kind=FieldKind.EMAIL,
        column=Customer.email,
        max_length=254,
        headings=HEADINGS["email"],
    ),
    Field(
        key="website",
        label=N_("Website"),
        kind=FieldKind.URL,
        column=Customer.website,
        max_length=500,
        headings=HEADINGS["website"],
    ),
    Field(
        key="region",
        label=N_("Region"),
        kind=FieldKind.REFERENCE,
        column=Customer.region_code,
        source=REGIONS,
        help=N_("Province, city or county: code, name or pinyin."),
        headings=HEADINGS["region"],
    ),
    Field(
        key="address",
        label=N_("Address"),
        kind=FieldKind.TEXT,
        column=Customer.address,
        max_length=1000,
        headings=HEADINGS["address"],
    ),
)

_BELONGING = (
    owner_field(Customer, headings=HEADINGS["owner"]),
    Field(
        key="parent",
        label=N_("Parent company"),
        kind=FieldKind.LINK,
        column=Customer.parent_id,
        links="customers",
        source=CUSTOMERS_AS_VALUES,
        help=N_("Name or number of one of the %(customers)s."),
        max_length=400,
        headings=HEADINGS["parent"],
    ),
    Field(
        key="competitor",
        label=N_("Competitor"),
        kind=FieldKind.TEXT,
        column=Customer.competitor,
        max_length=300,
        headings=HEADINGS["competitor"],
    ),
    Field(
        key="remarks",
        label=N_("Remarks"),
        kind=FieldKind.LONG_TEXT,
        column=Customer.remarks,
        max_length=20_000,
        headings=HEADINGS["remarks"],
    ),
)

SECTIONS = (
    Section("basics", N_("Basics"), _BASICS),
    Section("reach", N_("How to reach them"), _REACH),
    Section("belonging", N_("Belonging"), _BELONGING),
)
EDITABLE = _BASICS + _REACH + _BELONGING
CUSTOMER_FIELDS = EDITABLE + system_fields(Customer)
configurations["customers"] = partial(configured, "customers")
