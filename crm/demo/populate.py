"""Fill an empty system with the made-up company, through the same verbs that people's forms call.

For a process of its own (the command line, a test): meanwhile it turns the clock back, so that every record, number and
event carries the day it tells of. Whoever calls commits.
"""

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crm.demo.automation import make_rules
from crm.demo.company import COLLEAGUES, UNITS, Colleague, owner_of
from crm.demo.customers import Sketch, customers
from crm.demo.doubles import make_doubles
from crm.demo.feedback import make_feedback
from crm.demo.fields import filled_in, make_fields
from crm.demo.follow_ups import dealings
from crm.demo.layouts import make_layouts
from crm.demo.leads import make_leads
from crm.demo.orders import make_all as make_orders
from crm.demo.pool import make_pool
from crm.demo.selling import sell
from crm.demo.strangers import make_answers, make_forms
from crm.demo.tags import make_tags
from crm.demo.tasks import Written, make_tasks
from crm.demo.tickets import make_tickets
from crm.domain.customers import actions as customer_actions
from crm.domain.customers.models import Customer
from crm.domain.people import actions as people_actions
from crm.domain.people import structure
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import by_email
from crm.domain.quality import counting
from crm.domain.timeline import actions as timeline_actions
from crm.domain.timeline.actions import Dealing
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.text import N_

_SPAN = dt.timedelta(days=720)
_BROUGHT_ALONG = 0.6  # of the customers, entered by the administrator in lists; the rest by their owners
_LIST_SIZE = 50
_LEADS, _MOST_LEADS = 15, 400  # for a hundred customers; one after the other, so not without end


@dataclass
class Filled:
    """What was made: `accounts` as (name, e-mail, role), who sign in with `password`."""

    password: str
    accounts: list[tuple[str, str, str]] = field(default_factory=list)
    departments: int = 0
    customers: int = 0
    follow_ups: int = 0
    opportunities: int = 0
    orders: int = 0
    leads: int = 0
    tickets: int = 0
    pooled: int = 0  # customers that nobody has
    rules: int = 0  # of automation

    def told(self) -> str:
        """For the terminal; the password is kept nowhere else."""
        people = "\n".join(f"  {email:<28} {name} ({role})" for name, email, role in self.accounts)
        made = f"{self.departments} departments, {len(self.accounts)} people, {self.customers:,} customers"
        return (
            f"Made {made}, {self.follow_ups:,} follow-ups, {self.leads:,} leads,"
            f" {self.tickets:,} tickets, {self.opportunities:,} opportunities and {self.orders:,} orders.\n"
            f"Each of these people signs in with the password {self.password}\n{people}"
        )


def populate(seed: int = 1, *, count: int = 2_000, password: str = "") -> Filled:
    """Departments, people, `count` customers and about 1.5 follow-ups each. Raises RuleBroken in a system in use."""
    _refuse_what_is_in_use()
    now = clock.now()
    filled = Filled(password or secrets.token_urlsafe(9))
    with clock.frozen(now - _SPAN - dt.timedelta(days=1)):
        departments = _departments()
        people = {each.key: _person(each, departments[each.unit], filled.password) for each in COLLEAGUES}
        own = make_fields(people_actions.SYSTEM)
        make_tags(people_actions.SYSTEM)
        make_layouts(people[COLLEAGUES[0].key].actor, own)
    db.session.flush()
    sketches = list(customers(seed, count))
    days = _working_days(now)
    born = [_born(each.index, count, days) for each in sketches]
    ids = _customers(seed, sketches, born, people, own)
    written = _follow_ups(seed, sketches, born, ids, people, now)
    owners, boss = [people[owner_of(seed, each)] for each in sketches], people[COLLEAGUES[0].key]
    filled.opportunities = sell(seed, sketches, born, ids, owners, now)
    filled.orders = make_orders(seed, sketches, born, ids, owners, departments, boss.actor)
    filled.leads = make_leads(seed, min(count * _LEADS // 100, _MOST_LEADS), people, departments, now)
    make_tasks(written, people, now)
    filled.tickets = make_tickets(seed, sketches, ids, people, departments, now)
    make_answers(seed, boss, now)
    make_forms(boss, departments)
    make_feedback(boss, [each for each in people.values() if each.id != boss.id])
    filled.pooled = make_pool(seed, people, departments)
    again = make_doubles(sketches, owners, boss, now)
    filled.rules = make_rules(people, departments)
    while counting.step():  # what the night would count
        db.session.flush()
    filled.accounts = [(each.name, each.email, each.role) for each in COLLEAGUES]
    filled.departments, filled.customers, filled.follow_ups = len(departments), len(ids) + again, len(written)
    return filled


def _refuse_what_is_in_use() -> None:
    with unscoped("whether anything is there at all"):
        used = db.session.scalar(select(Customer.id).limit(1)) is not None
    if used or (db.session.scalar(select(func.count()).select_from(Person)) or 0) > 1:
        raise RuleBroken(
            N_("There are people or customers in this system already: the demonstration only fills an empty one.")
        )


def _departments() -> dict[str, Department]:
    made: dict[str, Department] = {}
    for unit in UNITS:
        made[unit.key] = structure.create_department(people_actions.SYSTEM, name=unit.name, parent=made.get(unit.above))
    return made


def _person(colleague: Colleague, department: Department, password: str) -> Person:
    if by_email(colleague.email):
        raise RuleBroken(N_("%(email)s has an account already."), email=colleague.email)
    person = people_actions.create_person(
        people_actions.SYSTEM,
        email=colleague.email,
        name=colleague.name,
        role=colleague.role,
        password=password,
        department=department,
    )
    people_actions.change_preferences(people_actions.SYSTEM, person, language=colleague.language)
    return person


def _working_days(now: dt.datetime) -> list[dt.date]:
    """Monday to Friday, for two years until yesterday."""
    today = now.astimezone(ZoneInfo(company.timezone)).date()
    days = (today - dt.timedelta(days=ago) for ago in range(_SPAN.days, 0, -1))
    return [day for day in days if day.weekday() < 5]


def _born(index: int, count: int, days: Sequence[dt.date]) -> dt.datetime:
    """When the customer came to be: in the order of their numbers, between nine and half past five."""
    if index < count * _BROUGHT_ALONG:  # lists come as a whole
        index -= index % _LIST_SIZE
    day, share = divmod(index / count * len(days), 1)
    at = dt.datetime.combine(days[int(day)], dt.time(9), ZoneInfo(company.timezone))
    return (at + share * dt.timedelta(hours=8.5)).astimezone(dt.UTC)


def _customers(
    seed: int, sketches: Sequence[Sketch], born: Sequence[dt.datetime], people: Mapping[str, Person], own: list[str]
) -> list[int]:
    """Ids in the order of `sketches`. A parent is always entered before its subsidiaries."""
    administrator = people[COLLEAGUES[0].key]
    first_of_rep = int(len(sketches) * _BROUGHT_ALONG)
    ids: list[int] = []
    for batch in _batches(sketches, first_of_rep):
        rows = []
        for sketch in batch:
            owner = people[owner_of(seed, sketch)]
            parent = ids[sketch.parent] if sketch.parent is not None and sketch.parent < len(ids) else None
            rows.append(sketch.values | {"owner": owner.id} | ({"parent": parent} if parent else {}))
            rows[-1] |= filled_in(
                seed, sketch.index, own, born[-1].date(), company=sketch.values.get("type") != "person"
            )
        who = administrator if batch[0].index < first_of_rep else owner
        with clock.frozen(born[batch[0].index]):
            ids += customer_actions.create_many(who.actor, rows)
    return ids


def _batches(sketches: Sequence[Sketch], first_of_rep: int) -> Iterator[list[Sketch]]:
    """Lists of the administrator, then single customers entered by reps."""
    for _, batch in groupby(sketches[:first_of_rep], key=lambda each: each.index // _LIST_SIZE):
        yield list(batch)
    yield from ([each] for each in sketches[first_of_rep:])


def _follow_ups(
    seed: int,
    sketches: Sequence[Sketch],
    born: Sequence[dt.datetime],
    ids: Sequence[int],
    people: Mapping[str, Person],
    now: dt.datetime,
) -> list[Written]:
    """Written down by the owner at the end of the day it happened."""
    owners = [people[owner_of(seed, each)] for each in sketches]
    found = sorted(
        dealings(seed, sketches, born, now, company.timezone),
        key=lambda each: (each.happened_at.date(), owners[each.index].id, each.happened_at),
    )
    for (_, author_id), day in groupby(found, key=lambda each: (each.happened_at.date(), owners[each.index].id)):
        todays = [Dealing(ids[each.index], author_id, each.happened_at, each.values) for each in day]
        author = next(each for each in people.values() if each.id == author_id)
        with clock.frozen(todays[-1].happened_at):
            timeline_actions.add_follow_ups(author.actor, Customer, todays)
    return [Written(each, ids[each.index], owners[each.index].id) for each in found]
