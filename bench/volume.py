"""Fills a database in processes of its own: `python -m bench.volume migrate | people | customers FIRST COUNT OF | age`.

Customers come through the product's own verb, in batches, each at its own time of the last three years.
"""

import datetime as dt
import sys
from pathlib import Path

from sqlalchemy import create_engine, select, text

from bench import scale
from bench.database import ADMINISTRATOR, PASSWORD, manager, rep
from crm import create_app
from crm.config import Settings
from crm.demo.customers import Sketch, customers
from crm.demo.dice import dice, skewed
from crm.domain.audit.sealing import seal
from crm.domain.customers.actions import create_many
from crm.domain.people import structure
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.people.models import Person, PersonRole, Role
from crm.infra import clock
from crm.infra.db import db
from crm.migrating import upgrade

_BATCH = 500
_SPAN = dt.timedelta(days=1095)
_REGIONS, _DEPARTMENTS = 5, 40  # of the company, and of its reps: each in a region
_EPOCH = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)

# Two fifths have changed since they were made and been followed up, which also moves them about in the table.
_AGE = """
    UPDATE customers SET
        updated_at = created_at + random() * (:epoch - created_at),
        last_follow_up_at = :epoch - random() * interval '200 days',
        next_follow_up_on = CASE WHEN random() < 0.6 THEN (:epoch + random() * interval '60 days')::date END
    WHERE id % 5 IN (0, 3)"""


def migrate() -> None:
    upgrade()


def people() -> None:
    """The schema, an administrator, the reps in their departments, the managers of a region and of a department."""
    migrate()
    regions = [structure.create_department(SYSTEM, name=f"Region {number}") for number in range(_REGIONS)]
    departments = [
        structure.create_department(SYSTEM, name=f"Department {number}", parent=regions[number % _REGIONS])
        for number in range(_DEPARTMENTS)
    ]
    for number, place in enumerate((regions[0], departments[0]), 1):
        create_person(SYSTEM, email=manager(number), name=f"M {number}", role="sales_manager", department=place)
    first = create_person(SYSTEM, email=ADMINISTRATOR, name="Boss", role="administrator", password=PASSWORD)
    for number in range(1, scale.PEOPLE + 1):
        someone = create_person(
            SYSTEM,
            email=rep(number),
            name=f"Rep {number}",
            role="sales_rep",
            department=departments[number % _DEPARTMENTS],
        )
        someone.password_hash = first.password_hash  # hashing is slow on purpose: once is enough
    db.session.commit()


def some_customers(first: int, count: int, of: int) -> None:
    reps = db.session.scalars(
        select(PersonRole.person_id)
        .join(Role, Role.id == PersonRole.role_id)
        .where(Role.key == "sales_rep")
        .order_by(PersonRole.person_id)
    ).all()
    boss = db.session.scalars(select(Person).filter_by(email=ADMINISTRATOR)).one().actor
    owners = skewed(reps, power=1.0)

    def values(sketch: Sketch) -> dict[str, object]:
        return sketch.values | {"owner": owners.draw(dice(scale.SEED, "bench owner", sketch.index))}

    for start in range(first, first + count, _BATCH):
        size = min(_BATCH, first + count - start)
        rows = [values(each) for each in customers(scale.SEED, size, start)]
        with clock.frozen(_EPOCH - _SPAN * (1 - start / of)):
            create_many(boss, rows)
        db.session.commit()


def age() -> None:
    db.session.execute(text("SELECT setseed(0.42)"))
    db.session.execute(text(_AGE), {"epoch": _EPOCH})
    db.session.commit()
    for _ in seal():  # as in a system in use, where a worker has long done so
        db.session.commit()
    owner = create_engine(Settings.from_env().database_owner_url, isolation_level="AUTOCOMMIT")  # of the log too
    with owner.connect() as connection:
        connection.execute(text("VACUUM (ANALYZE)"))


def main(what: str, *numbers: str) -> None:
    with create_app(Settings.from_env(), connections=2).app_context():
        {"migrate": migrate, "people": people, "customers": some_customers, "age": age}[what](*map(int, numbers))


if __name__ == "__main__":
    Path(Settings.from_env().instance).mkdir(parents=True, exist_ok=True)
    main(*sys.argv[1:])
