"""What administrators say about asking customers: whether by mail, how long a link is good, what is a low rating."""

from dataclasses import asdict, dataclass

from crm.domain.satisfaction.events import SatisfactionRulesChanged
from crm.domain.satisfaction.models import SatisfactionRules
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_

MOST_DAYS, HIGHEST_LOW = 365, 4


@dataclass(frozen=True)
class Rules:
    mails: bool = False
    days: int = 30
    low: int = 2


def rules() -> Rules:
    kept = db.session.get(SatisfactionRules, 1)
    return Rules() if kept is None else Rules(kept.mails, kept.days, kept.low)


def change_rules(actor: Actor, wanted: Rules) -> None:
    if not 1 <= wanted.days <= MOST_DAYS:
        raise Invalid(N_("A link is good for 1 to %(most)s days."), key="days", most=MOST_DAYS)
    if not 0 <= wanted.low <= HIGHEST_LOW:
        raise Invalid(N_("Choose up to which rating the head of the team is told."), key="low")
    before = asdict(rules())
    changes = {key: [before[key], value] for key, value in asdict(wanted).items() if before[key] != value}
    if not changes:
        return
    kept = db.session.get(SatisfactionRules, 1, with_for_update=True)
    if kept is None:
        db.session.add(kept := SatisfactionRules(id=1))
    kept.mails, kept.days, kept.low = wanted.mails, wanted.days, wanted.low
    record(actor, kept, SatisfactionRulesChanged(changes))
