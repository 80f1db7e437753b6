"""Addresses that are told what happens: made and removed by administrators, and messages put into their outbox."""

import base64
import secrets
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.webhooks.events import WebhookMade, WebhookRetired, WebhookSentAgain
from crm.domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from crm.infra import clock, queue, vault
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.records import RecordType
from crm.kernel.text import N_, clean

MOST, PAGE = 50, 50
PREFIX = "whsec_"
_PLACE = "webhook_endpoints.secret"

# (type open to the actor, record, actor) → the record as the API shows it; the web says how.
describers: list[Callable[[RecordType, Any, Actor], dict[str, Any]]] = []


def endpoints() -> Sequence[WebhookEndpoint]:
    there = select(WebhookEndpoint).where(WebhookEndpoint.retired_at.is_(None))
    return db.session.scalars(there.order_by(WebhookEndpoint.name, WebhookEndpoint.id)).all()


def endpoint_of(id_: int) -> WebhookEndpoint | None:
    one = db.session.get(WebhookEndpoint, id_)
    return one if one is not None and one.retired_at is None else None


def make(actor: Actor, name: str, url: str) -> tuple[WebhookEndpoint, str]:
    """The endpoint and its secret, which is told once. The address has been looked at before."""
    name, url = clean(name), clean(url)
    if not name or len(name) > 80:
        raise Invalid(N_("Give the webhook a name of at most 80 characters."), key="name")
    if len(url) > 1_000:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(url), most=1_000, key="url")
    if len(endpoints()) >= MOST:
        raise RuleBroken(N_("There are %(most)s webhooks already: remove one first."), most=MOST)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    one = WebhookEndpoint(name=name, url=url, secret=vault.seal(_PLACE, secret, secret))
    db.session.add(one)
    record(actor, one, WebhookMade(name, urlsplit(url).hostname or ""))
    return one, secret


def secret_of(endpoint: WebhookEndpoint) -> bytes:
    """Raises vault.Unreadable where the keys of the instance are gone."""
    return base64.b64decode(vault.unseal(_PLACE, endpoint.secret).removeprefix(PREFIX))


def retire(actor: Actor, endpoint: WebhookEndpoint) -> None:
    """What waits is not sent any more; what was sent stays told."""
    if endpoint.retired_at is None:
        endpoint.retired_at = clock.now()
        record(actor, endpoint, WebhookRetired(endpoint.name))


def post(  # noqa: PLR0913 - what is told, by whom and of what
    endpoint_id: int, key: str, about: str, type_: RecordType, one: Any, actor: Actor
) -> None:
    """Into the outbox, in the transaction under way; of one key once. The record is told as the actor sees it now."""
    endpoint = endpoint_of(endpoint_id)
    if endpoint is None:
        raise RuleBroken(N_("The webhook has been removed."))
    described = describers[0](type_, one, actor) if describers else {}
    body = {"type": f"{type_.key}.rule", "timestamp": clock.now().isoformat(), "rule": about, "data": described}
    row = {"endpoint_id": endpoint.id, "key": f"msg_{key}", "body": body}
    db.session.execute(insert(WebhookDelivery).values(row).on_conflict_do_nothing())
    queue.ring_later("webhooks.send")


def send_again(actor: Actor, delivery: WebhookDelivery) -> None:
    endpoint = endpoint_of(delivery.endpoint_id)
    if endpoint is None:
        raise RuleBroken(N_("The webhook has been removed."))
    delivery.run_at, delivery.attempts = clock.now(), 0
    record(actor, endpoint, WebhookSentAgain(endpoint.name, delivery.key))
    queue.ring_later("webhooks.send")


def deliveries(endpoint: WebhookEndpoint, before: int | None) -> Sequence[WebhookDelivery]:
    """The newest first, one more than a page."""
    asked = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    if before is not None:
        asked = asked.where(WebhookDelivery.id < before)
    return db.session.scalars(asked.order_by(WebhookDelivery.id.desc()).limit(PAGE + 1)).all()
