"""Reading exports. They are seen by whoever asked for them, and by nobody else."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from crm.domain.exports.models import Export
from crm.domain.notifications.queries import names_of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company

PAGE = 50


def own(actor: Actor) -> Select[Export]:
    return select(Export).where(Export.owner_id == actor.id)


def newest(actor: Actor) -> Sequence[Export]:
    return db.session.scalars(own(actor).order_by(Export.id.desc()).limit(PAGE)).all()


def asked_today(actor: Actor) -> int:
    began = dt.datetime.combine(company.today(), dt.time(), ZoneInfo(company.timezone))
    mine = select(func.count()).select_from(Export).where(Export.owner_id == actor.id, Export.created_at >= began)
    return db.session.scalar(mine) or 0


def next_waiting() -> Export | None:
    waiting = select(Export).where(Export.finished_at.is_(None)).order_by(Export.id).limit(1)
    return db.session.scalars(waiting).first()


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    return {each.id: each.filename for each in db.session.scalars(own(actor).where(Export.id.in_(ids)))}


names_of["exports"] = _named  # what a notification about one calls it
