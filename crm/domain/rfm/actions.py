"""Setting the rules, and asking for all customers to be scored by them."""

from sqlalchemy import select

from crm.domain.customers.choices import LEVELS
from crm.domain.rfm.events import RfmAsked, RfmRulesChanged
from crm.domain.rfm.models import RfmRules, RfmRun
from crm.domain.rfm.rules import Rules, check
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.events import record


def rules() -> Rules:
    kept = db.session.get(RfmRules, 1)
    return Rules.unpacked(kept.rules) if kept else Rules()


def change_rules(actor: Actor, wanted: Rules) -> bool:
    """Raises Invalid; False where nothing differs. What is scored already stays until the next run."""
    check(wanted, [each.key for each in LEVELS])
    kept = db.session.get(RfmRules, 1, with_for_update=True)
    before, after = rules().packed(), wanted.packed()
    if before == after or Rules.unpacked(before) == wanted:
        return False
    if kept is None:
        db.session.add(kept := RfmRules(id=1, rules=after))
    kept.rules = after
    record(actor, kept, RfmRulesChanged({"rules": [before, after]}))
    return True


def ask(actor: Actor) -> RfmRun:
    """The one that waits already, if there is one."""
    if (waiting := next_run()) is not None:
        return waiting
    now = rules()
    run = RfmRun(asked_by_id=actor.id, rules=now.packed(), analysed_on=now.analysed_on or company.today())
    db.session.add(run)
    record(actor, run, RfmAsked())
    return run


def next_run() -> RfmRun | None:
    unfinished = select(RfmRun).where(RfmRun.finished_at.is_(None)).order_by(RfmRun.id).limit(1)
    return db.session.scalars(unfinished).first()


def last_run() -> RfmRun | None:
    finished = select(RfmRun).where(RfmRun.finished_at.is_not(None)).order_by(RfmRun.id.desc()).limit(1)
    return db.session.scalars(finished).first()
