"""A record as the API shows it to somebody who is not asking: to a rule of automation, for its webhooks."""

from typing import Any

from flask import g

from crm.domain.webhooks.actions import describers
from crm.kernel.access import Actor
from crm.kernel.kinds import FieldKind
from crm.kernel.records import RecordType
from crm.web.api.values import described

_MISSING = object()


def describe(type_: RecordType, record: Any, actor: Actor) -> dict[str, Any]:
    """Without what is encrypted: a message lies in the outbox as it is sent."""
    before = g.get("actor", _MISSING)
    g.actor = actor
    try:
        whole = described(type_, [record])[0]
    finally:
        if before is _MISSING:
            g.pop("actor")
        else:
            g.actor = before
    secret = {each.key for each in type_.fields if each.kind is FieldKind.ENCRYPTED}
    return {key: value for key, value in whole.items() if key not in secret}


describers[:] = [describe]
