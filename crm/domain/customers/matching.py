"""Exact duplicates: the same name (apart from width, case, blanks, punctuation) and the same phone."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, any_, func, literal
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.text import name_key

_SEPARATOR = "\x1f"


def match_key(values: Mapping[str, Any]) -> str | None:
    """What two rows have in common when they are duplicates; None when there is nothing to go by."""
    key = name_key(values.get("name") or "")
    phone = values.get("phone")
    return f"{key}{_SEPARATOR}{getattr(phone, 'e164', phone) or ''}" if key else None


def matches(actor: Actor, keys: Collection[str]) -> dict[str, int]:
    """match_key → id of the oldest customer the actor may see that has it.

    The keys go over as one array: thousands of parameters would take longer to write down than to look up.
    """
    wanted = {key.partition(_SEPARATOR)[0] for key in keys}
    if not wanted:
        return {}
    key = Customer.name_key + _SEPARATOR + func.coalesce(Customer.phone, "")
    statement = Customer.visible_to(actor).with_only_columns(Customer.id, key.label("key"))
    named = Customer.name_key == any_(literal(list(wanted), ARRAY(Text)))
    rows = db.session.execute(statement.where(named).order_by(Customer.id.desc()))
    return {row.key: row.id for row in rows if row.key in keys}
