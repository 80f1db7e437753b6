"""Who is told where somebody is away: whoever leads their department, or the one above it."""

from sqlalchemy import select

from crm.domain.people.models import Department, Person
from crm.infra.db import db
from crm.kernel.company import company


def is_there(person: Person | None) -> bool:
    """Has an account and is not away today."""
    return person is not None and person.active and (person.away_until is None or person.away_until < company.today())


def there_for(person_id: int) -> int:
    """The person, or the nearest head above them who is there; nobody being there, the person all the same."""
    person = db.session.get(Person, person_id)
    if person is None or is_there(person):
        return person_id
    return head_above(person) or person_id


def head_above(person: Person) -> int | None:
    """The nearest head of their department, or of one above it, who is there and not they themselves."""
    department = db.session.get(Department, person.department_id) if person.department_id is not None else None
    if department is None:
        return None
    ids = [int(each) for each in department.path.strip("/").split("/")]
    rows = db.session.execute(select(Department.id, Department.head_id).where(Department.id.in_(ids))).all()
    heads = {row.id: row.head_id for row in rows}
    for id_ in reversed(ids):
        head = heads.get(id_)
        if head is not None and head != person.id and is_there(db.session.get(Person, head)):
            return head
    return None
