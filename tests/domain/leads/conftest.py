import pytest
from sqlalchemy import select

from crm.domain.leads import actions
from crm.domain.leads.models import Lead, LeadStatus
from crm.infra.db import db
from crm.kernel.access import unscoped


class Leads:
    """What the tests ask of leads, whoever has them."""

    def one(self, id_):
        with unscoped("a test looks at everything"):
            return db.session.scalars(
                select(Lead).where(Lead.id == id_).execution_options(populate_existing=True)
            ).one()

    def create(self, who, **values):
        return self.one(actions.create(who.actor, {"name": "Lead"} | values))

    def history(self, lead):
        rows = db.session.scalars(select(LeadStatus).filter_by(lead_id=lead.id).order_by(LeadStatus.id))
        return [(each.status, each.owner_id, each.left_at is not None) for each in rows]

    def seen(self, who):
        return set(db.session.scalars(Lead.visible_to(who.actor).with_only_columns(Lead.id)))


@pytest.fixture
def leads(cast):
    return Leads()
