"""Pages of automation: rules, a dry run, what they did with every kind of decision, webhooks, a digest."""

from typing import Any

from sqlalchemy import text

from crm.domain.automation import ruling
from crm.domain.automation.drafts import Draft
from crm.domain.automation.models import AutomationDigest, AutomationRun, Decision
from crm.domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from crm.infra import clock
from crm.kernel.events import Event
from tests.e2e.system import Someone, System

NAME = "重要客户：变更时提醒 axe"
_ACTIONS = (
    {"do": "task", "title": "回访 {name}", "days": "2", "whom": "owner"},
    {"do": "set", "field": "lifecycle_stage", "value": "active"},
    {"do": "notify", "whom": "customer_owner"},
)


def rules_and_hooks(system: System, who: Someone, customer: int) -> dict[str, str]:
    with system.acting() as session:
        when = {"kind": "changed", "field": "level", "to": "a"}
        asked = (("customer.industry", "filled", "1"), ("customer.level", "in", "a,b"))
        draft = Draft(NAME, "contacts", None, {"kind": "created"}, asked, _ACTIONS[:1] + _ACTIONS[2:])
        rule = ruling.make(who.actor, draft)
        asked = (("name", "contains", "axe"),)
        other = ruling.make(who.actor, Draft(f"{NAME} 2", "customers", None, when, asked, _ACTIONS[:2]))
        ruling.switch(who.actor, other, on=True)
        for each in Decision:
            session.add(_run(session, other, customer, each))
        address = "https://93.184.216.34/hooks/crm?key=1234567890"
        session.add(hook := WebhookEndpoint(name="仓库系统 axe", url=address, secret="of no use"))
        session.flush()
        for state in ({"sent_at": clock.now(), "answer": 200}, {"answer": 503, "error": "Connection refused"}):
            key = f"msg_axe_{who.id}_{len(state)}_{state['answer']}"
            session.add(WebhookDelivery(endpoint_id=hook.id, key=key, body={}, attempts=3, **{"run_at": None, **state}))
        counts = {"new": 40, str(other.id): 3}
        digest = AutomationDigest(source="imports:0", person_id=who.id, record_type="customers", counts=counts)
        digest.told_at = clock.now()
        session.add(digest)
        session.flush()
        root = "/admin/automation"
        return {
            "rules": root,
            "rule": f"{root}/{rule.id}",
            "dry run": f"{root}/{other.id}/trial",
            "history of rules": f"{root}/history?rule={other.id}",
            "version of a rule": f"{root}/{other.id}/versions/1",
            "webhooks": "/admin/webhooks",
            "messages of a webhook": f"/admin/webhooks/{hook.id}",
            "what an import brought": f"/automation_digests/{digest.id}",
        }


def _run(session: Any, rule: Any, customer: int, decision: Decision) -> AutomationRun:
    event = session.query(Event).filter_by(subject_type="customers", subject_id=customer).first()
    numbers = {each: at for at, each in enumerate(Decision)}
    run = AutomationRun(rule_id=rule.id, version=1, event_id=event.id, occurred_at=event.occurred_at, event=event.name)
    run.subject_type, run.subject_id, run.decision = "customers", customer + numbers[decision], decision.value
    if decision is Decision.DONE:
        run.effects = [{"do": "task", "made": ["tasks", 1], "people": [rule.activated_by_id]}]
    if decision in (Decision.FAILED, Decision.DENIED):
        run.problem = {"message": "The rule may not fill in “%(field)s”.", "params": {"field": "Level"}}
    return run


def tidy_rules(session: Any) -> None:
    session.execute(text("DELETE FROM automation_runs WHERE subject_type = 'customers' AND version = 1"))
    session.execute(text("UPDATE automation_rules SET active = false, retired_at = now() WHERE name LIKE '%axe%'"))
    session.execute(text("UPDATE shape SET version = nextval('shape_versions')"))
    session.execute(text("DELETE FROM webhook_deliveries WHERE key LIKE 'msg_axe%'"))
    session.execute(text("UPDATE webhook_endpoints SET retired_at = now() WHERE name LIKE '%axe'"))
    session.execute(text("DELETE FROM automation_digests WHERE source = 'imports:0'"))
