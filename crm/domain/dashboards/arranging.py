"""Which tiles somebody sees, and in which order: their own arrangement, else their role's, else the company's."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from crm.domain.dashboards.events import DashboardArranged
from crm.domain.dashboards.models import DashboardArrangement
from crm.domain.dashboards.table import Dashboard
from crm.domain.dashboards.tiles import Tile
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

A = DashboardArrangement


@dataclass(frozen=True)
class Place:
    """Whose arrangement: a person's, a role's, or the company's."""

    person_id: int | None = None
    role_id: int | None = None


def arranged(actor: Actor, dashboard: Dashboard) -> list[Tile]:
    """What the actor sees of it, in order."""
    mine = or_(A.person_id == actor.id, A.person_id.is_(None) & or_(A.role_id.is_(None), A.role_id.in_(actor.roles)))
    nearest = (A.person_id.is_(None), A.role_id.is_(None), A.role_id)
    statement = select(A).where(A.dashboard == dashboard.key, mine).order_by(*nearest).limit(1)
    return [
        each
        for each, shown in in_order(dashboard, db.session.scalars(statement).first())
        if shown and each.is_for(actor)
    ]


def in_order(dashboard: Dashboard, row: DashboardArrangement | None) -> list[tuple[Tile, bool]]:
    """All tiles there are: those shown, those that are new, those hidden."""
    shown, hidden = (row.shown, row.hidden) if row is not None else ([], [])
    known = {each.key: each for each in dashboard.tiles}
    new = [key for key in known if key not in {*shown, *hidden}]
    told = [(key, True) for key in (*shown, *new)] + [(key, False) for key in hidden]
    return [(known[key], is_shown) for key, is_shown in told if key in known]


def arrangement(dashboard: Dashboard, place: Place) -> DashboardArrangement | None:
    whose = {"person_id": place.person_id, "role_id": place.role_id}
    return db.session.scalars(select(A).filter_by(dashboard=dashboard.key, **whose)).first()


def arrange(actor: Actor, dashboard: Dashboard, place: Place, shown: Sequence[str], hidden: Sequence[str]) -> None:
    """Neither: as if nothing had been said. One's own is no event, as the columns of one's lists are none."""
    if place.person_id != actor.id or actor.id is None:
        _may_for_others(actor, place)
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"dashboard {dashboard.key} {place}"))))
    row = arrangement(dashboard, place)
    known = {each.key for each in dashboard.tiles}
    before = (row.shown, row.hidden) if row is not None else ([], [])
    after = [key for key in dict.fromkeys(shown) if key in known], [key for key in hidden if key in known]
    if before == after:
        return
    if row is None:
        row = A(dashboard=dashboard.key, person_id=place.person_id, role_id=place.role_id)
        db.session.add(row)
    row.shown, row.hidden = after
    db.session.flush()
    if place.person_id is None:
        changes = {"shown": [before[0], after[0]], "hidden": [before[1], after[1]]}
        record(actor, row, DashboardArranged(dashboard.key, place.role_id, changes))
    if not any(after):
        db.session.delete(row)


def _may_for_others(actor: Actor, place: Place) -> None:
    if place.person_id is not None or not actor.may(Permission.SYSTEM_ADMINISTER):
        raise RuleBroken(N_("You may arrange dashboards for yourself alone."))
