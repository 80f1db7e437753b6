"""Reading opportunities: the list and its recycle bin. The board is in board.py."""

from crm.domain.opportunities.fields import OPPORTUNITY_FIELDS
from crm.domain.opportunities.models import Opportunity
from crm.domain.records.queries import bin_of
from crm.domain.records.search import Finder
from crm.kernel.listing import ListSpec

FINDER = Finder(Opportunity)
OPPORTUNITIES = ListSpec(
    entity=Opportunity,
    fields=OPPORTUNITY_FIELDS,
    columns=("customer", "stage", "amount", "closes_on", "next_follow_up", "owner", "updated"),
    always=(Opportunity.name, Opportunity.number, Opportunity.owner_id, Opportunity.department_id),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
)
BIN = bin_of(Opportunity, FINDER)
