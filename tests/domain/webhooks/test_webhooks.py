"""Rules call webhooks: from an outbox, signed, once, and again until somebody answers."""

import base64
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from crm.config import Settings
from crm.domain.automation.models import AutomationRun
from crm.domain.webhooks import actions, sending
from crm.domain.webhooks.events import WebhookMade
from crm.domain.webhooks.models import WebhookDelivery
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from tests.domain.automation.making import made, worked
from tests.domain.automation.test_reacting import customer
from tests.listener import Listener, listening


@pytest.fixture
def listener() -> Any:
    with listening() as found:
        yield found


@pytest.fixture
def hook(cast: Any, listener: Listener) -> Any:
    return actions.make(cast.administrator.actor, "Warehouse", f"{listener.url}/crm?key=geheim")


@pytest.fixture
def inside(settings: Settings) -> Settings:
    return replace(settings, webhooks_inside=True)


def sent(settings: Settings) -> int:
    count = 0
    while sending.send_next(settings):
        db.session.flush()
        count += 1
    return count


def deliveries() -> list[WebhookDelivery]:
    return list(db.session.query(WebhookDelivery).order_by(WebhookDelivery.id))


def due_again() -> None:
    for each in deliveries():
        if each.run_at is not None:
            each.run_at = clock.now()


def test_a_record_is_told_as_the_rule_sees_it_and_signed(cast: Any, hook: Any, listener: Listener, inside: Any) -> None:
    endpoint, secret = hook
    rule = made(
        cast.administrator.actor, {"kind": "created"}, {"do": "webhook", "endpoint": str(endpoint.id)}, name="Tell"
    )
    one = customer(cast.rep, level="a")
    worked()
    assert listener.heard == []  # nobody outside is asked in the transaction of the rule
    assert sent(inside) == 1 and not sent(inside)
    ((path, headers, body),) = listener.heard
    told = json.loads(body)
    assert (path, told["type"], told["rule"]) == ("/crm?key=geheim", "customers.rule", "Tell")
    assert {key: told["data"][key] for key in ("id", "name", "level")} == {"id": one.id, "name": one.name, "level": "a"}
    assert told["data"]["owner"]["id"] == cast.rep.id
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    (kept,) = deliveries()
    assert (kept.sent_at is not None, kept.answer, kept.run_at) == (True, 200, None)
    run = db.session.query(AutomationRun).filter_by(rule_id=rule.id).one()
    assert run.effects == [{"do": "webhook", "endpoint": endpoint.id}]
    assert headers["webhook-id"] == f"msg_{rule.id}-{run.event_id}-{one.id}-0"


def test_it_is_sent_again_under_its_id_until_somebody_answers(
    cast: Any, hook: Any, listener: Listener, inside: Any
) -> None:
    endpoint, _ = hook
    made(cast.administrator.actor, {"kind": "created"}, {"do": "webhook", "endpoint": str(endpoint.id)})
    customer(cast.rep)
    worked()
    listener.answers[:] = [500, 302]
    for _ in range(3):
        assert sent(inside) == 1 and not sent(inside)  # not at once
        due_again()
    assert len({headers["webhook-id"] for _, headers, _ in listener.heard}) == 1 and len(listener.heard) == 3
    (kept,) = deliveries()
    assert (kept.attempts, kept.answer, kept.sent_at is not None) == (3, 200, True)
    actions.send_again(cast.administrator.actor, kept)
    assert sent(inside) == 1 and len(listener.heard) == 4


def test_an_address_that_does_not_answer_holds_up_nobody(cast: Any, hook: Any, listener: Listener, inside: Any) -> None:
    """It is asked once a turn; what waits for others is sent in the same turn."""
    dead, _ = actions.make(cast.administrator.actor, "Dead", "http://127.0.0.1:9/")
    made(cast.administrator.actor, {"kind": "created"}, {"do": "webhook", "endpoint": str(dead.id)})
    made(cast.administrator.actor, {"kind": "created"}, {"do": "webhook", "endpoint": str(hook[0].id)})
    for _ in range(3):
        customer(cast.rep)
    worked()
    silent: set[int] = set()
    while sending.send_next(inside, silent):
        db.session.flush()
    assert silent == {dead.id} and len(listener.heard) == 3
    tried = [each.attempts for each in deliveries() if each.endpoint_id == dead.id]
    assert sorted(tried) == [0, 0, 1]


def test_it_is_given_up_after_a_day_and_at_once_where_nothing_may_be_sent(
    cast: Any, hook: Any, listener: Listener, inside: Any, settings: Settings
) -> None:
    endpoint, _ = hook
    made(cast.administrator.actor, {"kind": "created"}, {"do": "webhook", "endpoint": str(endpoint.id)})
    customer(cast.rep)
    worked()
    listener.answers[:] = [500] * 20
    count = 0
    while sent(inside):
        count += 1
        due_again()
    (kept,) = deliveries()
    assert count == len(sending.PAUSES) + 1 == len(listener.heard)
    assert (kept.run_at, kept.sent_at, kept.answer) == (None, None, 500)
    customer(cast.rep, name="Zweite")
    worked()
    sent(settings)  # the address is one of the house, and the setting does not allow it
    _, refused = deliveries()
    assert refused.run_at is None and "https" in refused.error and len(listener.heard) == count


def test_the_secret_lies_sealed_and_the_log_knows_no_address(cast: Any, hook: Any) -> None:
    endpoint, secret = hook
    kept = db.session.scalar(text("SELECT secret FROM webhook_endpoints"))
    assert secret not in kept and actions.secret_of(endpoint) == base64.b64decode(secret.removeprefix("whsec_"))
    event = db.session.query(Event).filter_by(name=WebhookMade.name).one()
    assert event.payload == {"title": "Warehouse", "host": "127.0.0.1"}


def test_what_is_removed_is_told_nothing_more(cast: Any, hook: Any, listener: Listener, inside: Any) -> None:
    admin, (endpoint, _) = cast.administrator.actor, hook
    rule = made(admin, {"kind": "created"}, {"do": "webhook", "endpoint": str(endpoint.id)})
    customer(cast.rep)
    worked()
    actions.retire(admin, endpoint)
    assert sent(inside) == 1 and listener.heard == []
    customer(cast.rep, name="Danach")
    worked()
    runs = db.session.query(AutomationRun).filter_by(rule_id=rule.id).order_by(AutomationRun.id)
    assert [each.decision for each in runs] == ["done", "failed"]
    with pytest.raises(RuleBroken):
        actions.send_again(admin, deliveries()[0])
    with pytest.raises(Invalid):
        actions.make(admin, " ", "https://example.com/")
