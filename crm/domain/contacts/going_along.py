"""Contacts go along when their customer changes hands: those that were the same person's, or nobody's like it."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import update

from crm.domain.contacts.events import FACTS
from crm.domain.contacts.models import Contact
from crm.domain.customers.holding import Move
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record_many


def go_along(actor: Actor, moves: Sequence[Move]) -> None:
    def whose(each: Move) -> tuple[int, int, int]:
        return each.before or 0, each.after or 0, each.department_id or 0

    for _, group in groupby(sorted(moves, key=whose), whose):
        some = list(group)
        one = some[0]
        values = {"owner_id": one.after, "department_id": one.department_id}
        theirs = (
            Contact.customer_id.in_([each.customer_id for each in some]),
            Contact.owner_id.is_not_distinct_from(one.before),
        )
        change = update(Contact).where(*theirs, Contact.deleted_at.is_(None))
        change = change.values(values | {"version": Contact.version + 1, "updated_at": clock.now()})
        given = change.returning(Contact.id).execution_options(scoped=True, synchronize_session=False)
        ids = sorted(db.session.scalars(given))
        fact = FACTS.changed({"owner": [one.before, one.after]})
        record_many(actor, "contacts", [(each, fact) for each in ids])
        for contact in db.session.identity_map.values():
            if isinstance(contact, Contact) and contact.id in ids:
                db.session.expire(contact)
