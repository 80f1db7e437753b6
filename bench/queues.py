"""A team's queue with fifty thousand open tickets: server time with template and compression, by what is shown."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import select, text

from bench import scale
from bench.boards import figures, times
from bench.database import ADMINISTRATOR, PROJECT, Database, copied, filled, manager, scratch
from bench.inside import Queries, Visitor
from bench.result import Measured, spread
from crm import create_app
from crm.domain.customers.models import Customer
from crm.domain.people.models import Department, Person
from crm.domain.tickets import queue
from crm.domain.tickets.actions import create_many
from crm.domain.tickets.models import Ticket, TicketTeam
from crm.domain.tickets.teams import CLAIM
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.shape import reshaped

OPEN, DONE, TEAMS = 50_000, 100_000, 4
_CUSTOMERS, _BATCH = 5_000, 2_000
PEOPLE = {"administrator": ADMINISTRATOR, "head of the team": manager(1)}
# Opened in the last thirty days, waiting by priority and age, a third of them somebody's.
_AGE = """
    UPDATE tickets SET
        opened_at = now() - random() * interval '30 days',
        waits_at = waits_at - random() * interval '30 days',
        updated_at = now() - random() * interval '30 days',
        owner_id = CASE WHEN id % 3 = 0 THEN (CAST(:people AS bigint[]))[1 + id % :count] END"""


def queue_p95_ms() -> Measured:
    """Value: the worst p95 of a page of the queue by anybody; the bar is 100 ms."""
    with _site() as (database, visitors, pages):
        timed = {f"{who}, {kind}": times(visitors[who], url) for who in PEOPLE for kind, url in pages.items()}
        plans = _explained(database, visitors, pages)
    kinds = {name: figures(answers) for name, answers in timed.items()}
    everything = [each.wall_ms for answers in timed.values() for each in answers]
    detail = {"open": OPEN, "done": DONE, "all": spread(everything), "kinds": kinds, "slowest_query_ms": plans}
    return Measured("queue_p95_ms", max(each["p95"] for each in kinds.values()), "ms", len(everything), detail)


@contextmanager
def _site() -> Iterator[tuple[Database, dict[str, Visitor], dict[str, str]]]:
    with filled(_CUSTOMERS) as prepared, copied(prepared) as database, scratch() as instance:
        app, queries = create_app(database.settings(instance), connections=2), Queries()
        with app.app_context():
            pages = _tickets()
        with database.connect_as_owner() as connection:
            connection.execute("VACUUM (ANALYZE) tickets")
        queries.watch()
        yield database, {who: Visitor(app, email, queries) for who, email in PEOPLE.items()}, pages


def _tickets() -> dict[str, str]:
    """Addresses to look at, by what they show. All are of one team; a tenth of the open ones wait for the customer."""
    boss = db.session.scalars(select(Person).filter_by(email=ADMINISTRATOR)).one()
    head = db.session.scalars(select(Person).filter_by(email=manager(1))).one()
    head.password_hash = boss.password_hash
    places = db.session.scalars(select(Department.id).where(Department.path.contains(f"/{head.department_id}/"))).all()
    for position, each in enumerate([head.department_id, *places][:TEAMS]):
        if db.session.get(TicketTeam, each) is None:
            db.session.add(TicketTeam(department_id=each, way=CLAIM, people=[], position=position))
            db.session.flush()
    reshaped()
    db.session.commit()
    with unscoped("tickets of the first of all customers"):
        known = list(db.session.scalars(select(Customer.id).order_by(Customer.id).limit(_CUSTOMERS)))
    rows = (_row(at, known) for at in range(OPEN + DONE))
    while batch := list(islice(rows, _BATCH)):
        create_many(boss.actor, batch)
        db.session.commit()
    people = list(db.session.scalars(select(Person.id).where(Person.department_id.in_(places)).limit(30)))
    db.session.execute(text(_AGE), {"people": people, "count": len(people)})
    db.session.commit()
    return _pages(head)


def _row(at: int, known: list[int]) -> dict[str, Any]:
    rng = random.Random(f"{scale.SEED} ticket {at}")
    status = rng.choice(("new", "open", "open", "waiting")) if at < OPEN else "closed"
    priority = rng.choices(("urgent", "high", "normal", "low"), (1, 3, 10, 4))[0]
    name = f"Ticket {at} 设备报修 {rng.randrange(10_000)}"
    return {"name": name, "customer": rng.choice(known), "status": status, "priority": priority}


def _pages(head: Person) -> dict[str, str]:
    team, root = head.department_id, "/tickets/queue"
    with unscoped("a place deep in the queue, and one to open"):
        deep = db.session.scalars(
            select(Ticket)
            .where(Ticket.department_id == team, Ticket.waits_at.is_not(None))
            .order_by(Ticket.waits_at, Ticket.id)
            .offset(20_000)
            .limit(1)
        ).one()
    at = queue.cursor_of(deep, queue.ALL).replace("+", "%2B")
    return {
        "first": f"{root}?team={team}",
        "nobody's": f"{root}?team={team}&show=unowned",
        "waiting": f"{root}?team={team}&show=waiting",
        "mine": f"{root}?team={team}&show=mine",
        "deep": f"{root}?team={team}&after={at}",
        "with one open": f"{root}?team={team}&ticket={deep.id}",
    }


def _explained(database: Database, visitors: dict[str, Visitor], pages: dict[str, str]) -> dict[str, float]:
    """The plans behind each page into build/explain/queue_*.txt; the longest execution of each in milliseconds."""
    folder, slowest = PROJECT / "build" / "explain", {}
    folder.mkdir(parents=True, exist_ok=True)
    for who, visitor in visitors.items():
        for kind, url in pages.items():
            visitor.get(url)
            asked = [each for each in visitor.queries.said if "tickets" in each[0] and "SELECT" in each[0]]
            told, spent = [], [0.0]
            with database.connect() as connection:
                for said, values in asked:
                    plan = [str(row[0]) for row in connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {said}", values)]
                    spent += [float(line.split()[2]) for line in plan if line.startswith("Execution Time")]
                    told.append("\n".join([said, f"-- {values}", "", *plan, ""]))
            name = f"queue_{who}_{kind}.txt".replace(" ", "_").replace("'", "")
            (folder / name).write_text("\n".join(told), "utf-8")
            slowest[f"{who}, {kind}"] = max(spent)
    return slowest
