import pytest

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.contact import Phone


@pytest.fixture
def make(cast):
    def make(who, name, **values):
        if "phone" in values:
            values["phone"] = Phone(values["phone"], values["phone"])
        return customers.create(who.actor, {"name": name} | values)

    return make


@pytest.fixture
def row():
    """A record by its id, whoever's, as the database has it now."""

    def row(id_, entity=Customer):
        with unscoped("a test looks at everything"):
            return db.session.get(entity, id_, populate_existing=True)

    return row
