"""Who of the team has followed up, and who has not."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import g
from sqlalchemy import func, select

from crm.domain.people.models import Person
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.web.formats import ago

DAYS = 7
MOST = 50


@dataclass(frozen=True)
class Member:
    name: str
    written: int  # follow-ups of the last DAYS days
    last: str  # when the last one was


def members() -> Sequence[Member]:
    """Whoever has written least comes first. By ix_follow_ups_author: a range of each person's."""
    since = clock.now() - dt.timedelta(days=DAYS)
    said = (
        select(
            func.count().filter(FollowUp.happened_at >= since).label("written"),
            func.max(FollowUp.happened_at).label("last"),
        )
        .where(FollowUp.author_id == Person.id, FollowUp.deleted_at.is_(None))
        .lateral("said")
    )
    people = (
        select(Person.name, said.c.written, said.c.last)
        .where(Person.department_id.in_(sorted(g.actor.branch)), Person.active, Person.id != g.actor.id)
        .order_by(said.c.written, said.c.last.asc().nulls_first(), Person.name)
        .limit(MOST)
    )
    return [Member(row.name, row.written, ago(row.last) if row.last else "") for row in db.session.execute(people)]
