"""Contacts, as the surfaces that serve every type of record see them."""

from crm.domain.contacts.actions import VERBS
from crm.domain.contacts.fields import SECTIONS
from crm.domain.contacts.likeness import LIKENESS
from crm.domain.contacts.models import Contact
from crm.domain.contacts.queries import BIN, CONTACTS, FINDER
from crm.domain.records.matching import Matching
from crm.domain.records.source import RecordSource
from crm.kernel.records import RecordType
from crm.kernel.text import N_

CONTACTS_AS_VALUES = RecordSource(Contact, "CONT", FINDER)
CONTACT = RecordType(
    key="contacts",
    entity=Contact,
    label=N_("Contact"),
    label_plural=N_("Contacts"),
    icon="user",
    letter="p",
    list=CONTACTS,
    bin=BIN,
    sections=SECTIONS,
    badges=("role",),
    beside=("position", "role", "phone"),
    verbs=VERBS,
    matching=Matching(Contact, "phone", Contact.phone),
    likeness=LIKENESS,
)
