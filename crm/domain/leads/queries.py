"""Reading leads: the list, its recycle bin, and the statuses one has been in."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.domain.leads.fields import LEAD_FIELDS
from crm.domain.leads.models import Lead, LeadStatus
from crm.domain.records.queries import bin_of
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_

FINDER = Finder(Lead)
LEADS = ListSpec(
    entity=Lead,
    fields=LEAD_FIELDS,
    columns=("company", "phone", "status", "source", "score", "owner", "updated"),
    always=(Lead.name, Lead.number, Lead.owner_id, Lead.department_id),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
)
BIN = bin_of(Lead, FINDER, N_("Name or topic"))


def statuses_of(lead: Lead) -> Sequence[LeadStatus]:
    """The oldest first."""
    statement = select(LeadStatus).filter_by(lead_id=lead.id)
    return db.session.scalars(statement.order_by(LeadStatus.entered_at, LeadStatus.id)).all()
