"""Leads, as the surfaces that serve every type of record see them."""

from crm.domain.leads.actions import VERBS
from crm.domain.leads.fields import SECTIONS
from crm.domain.leads.likeness import LIKENESS
from crm.domain.leads.models import Lead
from crm.domain.leads.queries import BIN, FINDER, LEADS
from crm.domain.records.matching import Matching
from crm.domain.records.source import RecordSource
from crm.kernel.records import RecordType
from crm.kernel.text import N_

LEADS_AS_VALUES = RecordSource(Lead, "LEAD", FINDER)
LEAD = RecordType(
    key="leads",
    entity=Lead,
    label=N_("Lead"),
    label_plural=N_("Leads"),
    icon="users",
    letter="l",
    list=LEADS,
    bin=BIN,
    sections=SECTIONS,
    badges=("status",),
    beside=("company", "status", "phone"),
    verbs=VERBS,
    matching=Matching(Lead, "phone", Lead.phone),
    likeness=LIKENESS,
)
