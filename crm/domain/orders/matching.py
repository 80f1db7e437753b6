"""The same order: the same number in the same other system; where none is given, our own number as its subject."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, any_, func, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.orders.models import Order
from crm.infra.db import db
from crm.kernel.access import Actor

_SEPARATOR = "\x1f"
_OURS = re.compile(r"ORD\d{12,}$", re.IGNORECASE)


def match_key(values: Mapping[str, Any]) -> str | None:
    """None when there is nothing to go by: two orders of one customer on one day are two."""
    if number := values.get("external_number"):
        return f"{number}{_SEPARATOR}{values.get('external_source') or ''}"
    name = (values.get("name") or "").strip()
    return name.upper() if _OURS.match(name) else None


def matches(actor: Actor, keys: Collection[str]) -> dict[str, int]:
    """match_key → id of the order, if the actor may see it. Both ways by a unique index."""
    theirs = list({key.partition(_SEPARATOR)[0] for key in keys if _SEPARATOR in key})
    ours = [key for key in keys if _SEPARATOR not in key]
    if not theirs and not ours:
        return {}
    key = Order.external_number + _SEPARATOR + func.coalesce(Order.external_source, "")
    statement = Order.visible_to(actor).with_only_columns(Order.id, Order.number, key.label("key"))
    elsewhere = Order.external_number == any_(literal(theirs, ARRAY(Text)))
    here = Order.number == any_(literal(ours, ARRAY(Text)))
    rows = db.session.execute(statement.where(or_(elsewhere, here))).all()
    found = {row.number: row.id for row in rows if row.number in keys}
    return found | {row.key: row.id for row in rows if row.key in keys}
