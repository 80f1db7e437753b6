import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_rules import Rule
from crm.domain.people.models import Department
from crm.domain.pool import ruling, running
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.pool import sweep
from crm.kernel.access import unscoped
from crm.kernel.events import Event

NIGHT = dt.datetime(2026, 11, 20, 17, 15, tzinfo=dt.UTC)  # a quarter past one of the 21st in Shanghai


class Pool:
    """What the tests do with customers and nights."""

    def __init__(self, cast):
        self.cast = cast

    def rule(self, department_id=None, **said):
        department = db.session.get(Department, department_id) if department_id else None
        ruling.save(self.cast.administrator.actor, department, Rule(**{"days": 30, "warned_days": 0} | said))
        db.session.commit()

    def customer(self, who, ago=100, name="One", **values):
        """Made so many days before the night."""
        with clock.frozen(NIGHT - dt.timedelta(days=ago)):
            id_ = actions.create(who.actor, {"name": name} | values)
        db.session.commit()
        return self.one(id_)

    def one(self, id_):
        with unscoped("a test looks at everything"):
            return db.session.scalars(
                select(Customer).where(Customer.id == id_).execution_options(populate_existing=True)
            ).one()

    def night(self, later=0):
        """All of it, so many days after the first; returns the run."""
        with clock.frozen(NIGHT + dt.timedelta(days=later)):
            running.begin(dt.date(2026, 11, 21) + dt.timedelta(days=later))
            db.session.commit()
            sweep()
            return running.last_run()

    def told(self, customer):
        statement = select(Event.name).where(Event.subject_type == "customers", Event.subject_id == customer.id)
        return list(db.session.scalars(statement.order_by(Event.id)))


@pytest.fixture
def pool(cast):
    return Pool(cast)
