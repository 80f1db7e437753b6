"""Reading contacts: the list, its recycle bin, and where one has worked."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.domain.contacts.fields import CONTACT_FIELDS
from crm.domain.contacts.models import Contact, ContactCustomer
from crm.domain.records.queries import bin_of
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.listing import ListSpec

FINDER = Finder(Contact)
CONTACTS = ListSpec(
    entity=Contact,
    fields=CONTACT_FIELDS,
    columns=("customer", "position", "role", "phone", "email", "owner", "updated"),
    always=(Contact.name, Contact.number, Contact.owner_id, Contact.department_id),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
)
BIN = bin_of(Contact, FINDER)


def employers(contact: Contact) -> Sequence[ContactCustomer]:
    """Every customer it has belonged to, the newest first; who may see which of them is for whoever asks."""
    statement = select(ContactCustomer).filter_by(contact_id=contact.id)
    return db.session.scalars(statement.order_by(ContactCustomer.since.desc(), ContactCustomer.id.desc())).all()
