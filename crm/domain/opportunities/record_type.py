"""Opportunities, as the surfaces that serve every type of record see them."""

from crm.domain.opportunities.actions import VERBS
from crm.domain.opportunities.fields import SECTIONS
from crm.domain.opportunities.models import Opportunity
from crm.domain.opportunities.queries import BIN, FINDER, OPPORTUNITIES
from crm.domain.records.matching import Matching
from crm.domain.records.source import RecordSource
from crm.kernel.records import RecordType
from crm.kernel.text import N_

OPPORTUNITIES_AS_VALUES = RecordSource(Opportunity, "OPP", FINDER)
OPPORTUNITY = RecordType(
    key="opportunities",
    entity=Opportunity,
    label=N_("Opportunity"),
    label_plural=N_("Opportunities"),
    icon="arrow-right",
    letter="o",
    list=OPPORTUNITIES,
    bin=BIN,
    sections=SECTIONS,
    badges=("stage",),
    beside=("stage", "amount", "closes_on"),
    verbs=VERBS,
    matching=Matching(Opportunity, "customer", Opportunity.customer_id),
)
