from sqlalchemy import func, select

from crm.domain.handover.models import Handover
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import unscoped


def owned(person: Person) -> dict[str, int]:
    """Type → how many records, in the recycle bin too; types of which there is none are left out."""
    with unscoped("whoever closes an account must know what it holds"):
        counts = {
            key: db.session.scalar(select(func.count()).where(type_.entity.owner_id == person.id)) or 0
            for key, type_ in RECORD_TYPES.items()
        }
    return {key: count for key, count in counts.items() if count}


def newest(person: Person) -> Handover | None:
    """Their last hand-over, whether it is under way, done or undone."""
    mine = select(Handover).where(Handover.person_id == person.id)
    return db.session.scalars(mine.order_by(Handover.id.desc()).limit(1)).first()
