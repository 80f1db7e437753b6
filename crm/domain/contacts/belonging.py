"""What follows when contacts come to a customer, leave it or become its main one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update

from crm.domain.contacts.events import FACTS
from crm.domain.contacts.models import Contact, ContactCustomer
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.events import record_many

Written = Sequence[tuple[int, Mapping[str, Any]]]
Before = Mapping[int, Mapping[str, list[Any]]] | None


def follow(actor: Actor, written: Written, before: Before) -> None:
    _remember(written, before)
    _one_main(actor, written, before)


def _remember(written: Written, before: Before) -> None:
    """Where each works from now on, and until when it worked elsewhere."""
    moved = {id_: values["customer"] for id_, values in written if "customer" in values}
    if before is not None:
        moved = {id_: customer for id_, customer in moved.items() if "customer" in before[id_]}
        if moved:
            ended = ContactCustomer.contact_id.in_(moved), ContactCustomer.until.is_(None)
            db.session.execute(update(ContactCustomer).where(*ended).values(until=clock.now()))
    rows = [{"contact_id": id_, "customer_id": customer} for id_, customer in moved.items() if customer is not None]
    if rows:
        db.session.flush()
        db.session.execute(insert(ContactCustomer), rows)


def _one_main(actor: Actor, written: Written, before: Before) -> None:
    """Whoever is made the main contact of a customer takes the place of the one before; the last of several wins."""
    chosen = [id_ for id_, values in written if _may_matter(values, None if before is None else before[id_])]
    if not chosen:
        return
    db.session.flush()
    with unscoped("a customer has one main contact, whoever owns the others"):
        rows = db.session.execute(
            select(Contact.id, Contact.customer_id).where(Contact.id.in_(chosen), Contact.main, Contact.customer_id > 0)
        ).all()
        mains = {row.customer_id: row.id for row in sorted(rows)}
        for customer in sorted(mains):  # whoever makes another one main at this moment waits for us
            db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"main contact {customer}"))))
        others = Contact.customer_id.in_(mains), Contact.main, Contact.id.not_in(mains.values())
        statement = update(Contact).where(*others).values(main=False, version=Contact.version + 1)
        gone = db.session.scalars(statement.returning(Contact.id).execution_options(synchronize_session=False)).all()
    if gone:
        db.session.expire_all()
    record_many(actor, "contacts", [(id_, FACTS.changed({"main": [True, False]})) for id_ in gone])


def _may_matter(values: Mapping[str, Any], changes: Mapping[str, list[Any]] | None) -> bool:
    """Of new ones those said to be main; of changed ones those that became so or came to another customer."""
    return bool(values.get("main")) if changes is None else not changes.keys().isdisjoint(("main", "customer"))
