from sqlalchemy import func, select

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
