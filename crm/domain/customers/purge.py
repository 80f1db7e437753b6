"""Customers that leave the recycle bin for good: with their follow-ups and shares. The log keeps that they were."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import delete, select, update

from crm.domain.confirming.models import PendingChange
from crm.domain.customers.events import CustomerPurged
from crm.domain.customers.models import Customer
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record_many
from crm.kernel.permissions import Permission
from crm.kernel.sharing import Share
from crm.kernel.text import N_


def purge(actor: Actor, customer: Customer) -> None:
    """It cannot be taken back, so it takes the right to delete every customer."""
    if actor.reach_of(Permission.CUSTOMERS_DELETE) is not Reach.ALL:
        raise RuleBroken(N_("Only those who may delete every record may purge one."))
    if customer.deleted_at is None:
        raise RuleBroken(N_("Only what is in the recycle bin can be purged."))
    _remove(actor, {customer.id: customer.number})


def purge_old(actor: Actor, before: dt.datetime, limit: int) -> int:
    """Purge some of those that were deleted before a moment; returns how many."""
    statement = (
        select(Customer.id, Customer.number)
        .where(Customer.deleted_at < before)
        .order_by(Customer.deleted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with unscoped("the recycle bins of everybody"):
        old = {row.id: row.number for row in db.session.execute(statement)}
    _remove(actor, old)
    return len(old)


def _remove(actor: Actor, customers: Mapping[int, str]) -> None:
    ids = list(customers)
    statements = (
        delete(FollowUp).where(FollowUp.subject_type == "customers", FollowUp.subject_id.in_(ids)),
        delete(PendingChange).where(PendingChange.subject_type == "customers", PendingChange.subject_id.in_(ids)),
        delete(Share).where(Share.subject_type == "customers", Share.subject_id.in_(ids)),
        update(Customer).where(Customer.parent_id.in_(ids)).values(parent_id=None),
        delete(Customer).where(Customer.id.in_(ids)),
    )
    with unscoped("what hangs on a record goes with it, whoever has it"):
        for each in statements:
            db.session.execute(each.execution_options(synchronize_session=False))
    record_many(actor, "customers", [(id_, CustomerPurged(number)) for id_, number in customers.items()])
