"""Sending what lies in the outbox of webhooks, signed as Standard Webhooks has it, and trying again where it fails."""

import base64
import datetime as dt
import hmac
from collections.abc import Collection

from sqlalchemy import delete, select

from crm.config import Settings
from crm.domain.webhooks.actions import endpoint_of, secret_of
from crm.domain.webhooks.models import WebhookDelivery
from crm.infra import clock, json, outgoing
from crm.infra.db import db
from crm.infra.outgoing import NotDelivered, Refused
from crm.infra.vault import KeysLost, Unreadable

# After the first attempt; a day and a bit altogether.
PAUSES = tuple(dt.timedelta(seconds=each) for each in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000))
_KEPT = dt.timedelta(days=90)
_GOOD = range(200, 300)


def signature(secret: bytes, key: str, timestamp: int, body: bytes) -> str:
    signed = hmac.digest(secret, f"{key}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def waits(silent: Collection[int] | None = None) -> WebhookDelivery | None:
    """What is due longest, locked until the transaction ends, but for those endpoints."""
    due = select(WebhookDelivery).where(WebhookDelivery.run_at <= clock.now()).order_by(WebhookDelivery.run_at)
    if silent:
        due = due.where(WebhookDelivery.endpoint_id.not_in(silent))
    return db.session.scalars(due.limit(1).with_for_update(skip_locked=True)).first()


def send_next(settings: Settings, silent: set[int] | None = None) -> bool:
    """Send one that is due; False where there is none. Whoever calls commits at once: the row is locked until then.

    `silent` are endpoints that did not answer a moment ago: what waits for them is left to a later turn, so that they
    hold up nobody else. One that does not answer now joins them.

    A worker that dies after the other side has taken it and before the commit sends it again under the same
    webhook-id, by which the other side knows it.
    """
    one = waits(silent)
    if one is None:
        return False
    endpoint = endpoint_of(one.endpoint_id)
    if endpoint is None:
        one.run_at, one.error = None, "removed"
        return True
    body, moment = json.dumps(one.body).encode(), int(clock.now().timestamp())
    one.attempts += 1
    try:
        signed = signature(secret_of(endpoint), one.key, moment, body)
        headers = {"webhook-id": one.key, "webhook-timestamp": str(moment), "webhook-signature": signed}
        one.answer = outgoing.post(settings, endpoint.url, body, headers)
        one.error = None
    except Refused as error:
        one.run_at, one.answer, one.error = None, None, str(error)[:500]
        return True
    except (NotDelivered, Unreadable, KeysLost) as error:
        one.answer, one.error = None, str(error)[:500]
        if silent is not None:
            silent.add(one.endpoint_id)
    if one.answer in _GOOD:
        one.sent_at, one.run_at = clock.now(), None
    else:
        pause = PAUSES[one.attempts - 1] if one.attempts <= len(PAUSES) else None
        one.run_at = clock.now() + pause if pause is not None else None
    return True


def forget_old(limit: int = 5_000) -> int:
    """Some of what was told long ago; returns how many."""
    old = select(WebhookDelivery.id).where(WebhookDelivery.created_at < clock.now() - _KEPT).limit(limit)
    gone = db.session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old.scalar_subquery())))
    return int(gone.rowcount)  # type: ignore[attr-defined]
