"""Customers, as the surfaces that serve every type of record see them."""

from crm.domain.customers import actions, matching, purge
from crm.domain.customers.fields import SECTIONS
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import BIN, CUSTOMERS
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_

CUSTOMER = RecordType(
    key="customers",
    entity=Customer,
    label=N_("Customer"),
    label_plural=N_("Customers"),
    icon="building-2",
    list=CUSTOMERS,
    bin=BIN,
    sections=SECTIONS,
    may_read=Permission.CUSTOMERS_READ,
    may_create=Permission.CUSTOMERS_CREATE,
    may_edit=Permission.CUSTOMERS_EDIT,
    may_delete=Permission.CUSTOMERS_DELETE,
    may_import=Permission.CUSTOMERS_IMPORT,
    create_many=actions.create_many,
    change_many=actions.change_many,
    change=actions.change,
    confirm=actions.confirm,
    delete=actions.delete,
    restore=actions.restore,
    purge=purge.purge,
    purge_old=purge.purge_old,
    match_key=matching.match_key,
    matches=matching.matches,
)
