"""How far one's own goals are, or the team's."""

from flask import g

from crm.domain.goals.queries import running
from crm.kernel.company import company
from crm.kernel.permissions import Permission
from crm.web.goals import Item, items

SHOWN = 6


def goals(*, team: bool) -> list[Item]:
    if "goals" not in g.actor.modules or not g.actor.may(Permission.GOALS_READ):
        return []
    return items(running(g.actor, company.today(), team=team)[:SHOWN])
