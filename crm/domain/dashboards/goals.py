"""Goals beside what was reached: of the company, a department or oneself, month by month."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select

from crm.domain.dashboards.asking import MONTH, Asked
from crm.domain.goals.measures import MEASURES
from crm.domain.goals.models import Goal
from crm.domain.goals.queries import homes
from crm.domain.goals.rights import may_list, may_see
from crm.infra.db import db
from crm.kernel.access import Actor


def targets(actor: Actor, measure: str, asked: Asked) -> dict[dt.date, Decimal]:
    """First day of a month → goal. Only of months that lie in the period from end to end, and where the reader has all
    the records that the goal is about: beside less it would say what is not so."""
    person = actor.id if asked.whose == "me" else None
    department = int(asked.whose.removeprefix("department-")) if asked.whose.startswith("department-") else None
    wanted = select(Goal).filter_by(measure=measure, period=MONTH, person_id=person, department_id=department)
    found = db.session.scalars(wanted.where(Goal.starts_on.in_(asked.span.whole(MONTH)))).all()
    known = homes({person})
    return {
        each.starts_on: each.target
        for each in found
        if may_see(actor, each, measure, known) and may_list(actor, each, MEASURES[measure], known)
    }
