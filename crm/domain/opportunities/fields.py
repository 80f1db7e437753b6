"""The fields of an opportunity, declared once for form, page, list, filter, sort and import.

Which pipelines and stages there are, is configuration: pipelines.py puts their choices in.
"""

from crm.domain.customers.choices import SOURCES
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.opportunities import pipelines  # noqa: F401 - says which choices there are
from crm.domain.opportunities.choices import LOST_REASONS
from crm.domain.opportunities.models import Opportunity
from crm.domain.records.fields import name_field, owner_field, remarks_field, system_fields, tags_field
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.text import N_

_DEAL = (
    name_field(
        Opportunity,
        headings=(
            "商机名称",
            "商机",
            "机会名称",
            "销售机会",
            "Opportunity Name",
            "Deal Name",
            "Opportunity",
            "Deal",
            "Name",
        ),
    ),
    Field(
        key="customer",
        label=N_("Customer"),
        kind=FieldKind.LINK,
        column=Opportunity.customer_id,
        source=CUSTOMERS_AS_VALUES,
        links="customers",
        required=True,
        max_length=400,
        help=N_("Name or number of one of the %(customers)s."),
        headings=(
            *("客户名称", "客户", "公司名称", "所属客户", "Account Name", "Account", "Company", "Customer"),
            *("Associated Company", "Company Name", "Partner"),
        ),
    ),
    Field(
        key="pipeline",
        label=N_("Pipeline"),
        kind=FieldKind.CHOICE,
        column=Opportunity.pipeline,
        headings=("销售流程", "流程", "Pipeline", "Sales Process"),
    ),
    Field(
        key="stage",
        label=N_("Stage"),
        kind=FieldKind.CHOICE,
        column=Opportunity.stage,
        sort_column=Opportunity.stage_rank,
        sortable=True,
        help=N_("Empty: the first of the pipeline."),
        headings=("销售阶段", "商机阶段", "阶段", "Stage", "Deal Stage", "Sales Stage"),
    ),
    Field(
        key="lost_reason",
        label=N_("Lost because"),
        kind=FieldKind.CHOICE,
        column=Opportunity.lost_reason,
        choices=LOST_REASONS,
        headings=("输单原因", "丢单原因", "失败原因", "Loss Reason", "Lost Reason", "Closed Lost Reason"),
    ),
    Field(
        key="amount",
        label=N_("Amount"),
        kind=FieldKind.MONEY,
        column=Opportunity.amount,
        sortable=True,
        help=N_("Where products are listed, what they sum up to."),
        headings=("金额", "预计金额", "商机金额", "销售金额", "Amount", "Deal Amount", "Value", "Expected Revenue"),
    ),
    Field(
        key="closes_on",
        label=N_("Expected close"),
        kind=FieldKind.DATE,
        column=Opportunity.closes_on,
        sortable=True,
        headings=(
            "预计成交日期",
            "预计签单日期",
            "预计结单日期",
            "Close Date",
            "Expected Close Date",
            "Expected Close",
        ),
    ),
)
_CIRCUMSTANCES = (
    Field(
        key="competitors",
        label=N_("Competitors"),
        kind=FieldKind.TEXT,
        column=Opportunity.competitors,
        headings=("竞争对手", "竞品", "Competitor", "Competitors", "Main Competitors"),
    ),
    Field(
        key="source",
        label=N_("Source"),
        kind=FieldKind.CHOICE,
        column=Opportunity.source,
        choices=SOURCES,
        headings=("商机来源", "来源", "Lead Source", "Source", "Original Source"),
    ),
    owner_field(Opportunity),
    tags_field(Opportunity),
    remarks_field(Opportunity),
)

SECTIONS = (
    Section("deal", N_("Deal"), _DEAL),
    Section("circumstances", N_("Circumstances"), _CIRCUMSTANCES),
)
EDITABLE = _DEAL + _CIRCUMSTANCES
_FOLLOWING = (
    Field(
        key="probability",
        label=N_("Probability in percent"),
        kind=FieldKind.NUMBER,
        column=Opportunity.probability,
        editable=False,
        filterable=False,
    ),
    Field(
        key="stage_since",
        label=N_("In this stage since"),
        kind=FieldKind.DATETIME,
        column=Opportunity.stage_since,
        editable=False,
        sortable=True,
    ),
    Field(
        key="closed",
        label=N_("Closed"),
        kind=FieldKind.DATETIME,
        column=Opportunity.closed_at,
        editable=False,
        sortable=True,
    ),
)
OPPORTUNITY_FIELDS = EDITABLE + _FOLLOWING + system_fields(Opportunity)
